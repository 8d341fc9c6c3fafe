"""Documents with a known truth: who speaks is known by construction, whatever the documents say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.faces.speaking import video_of
from benchmarks.faces.speaking_clips import CLIPS, TILE, Media
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_boxes import Box, BoxFrame, read_box_frames
from support.drawn_documents import Drawn, frames_of, still

TUNED = ("two speak in turn", "two speak in turn, a third listens", "speaker, listener", "moved face, speaker")
"""Clips on which the constants were chosen; all others are held out."""


class Case(NamedTuple):
    name: str
    size: tuple[int, int]
    scenes: list[Scene]
    documents: list[BoxFrame]
    """What the planner is given."""
    truth: list[BoxFrame]
    """The same boxes with who really speaks."""
    tuned: bool


def clips(folder: Path) -> Iterator[Case]:
    """The clips that ``benchmarks.faces.speaking`` made and analysed in ``folder``, as far as they are there."""
    media = Media(folder)
    for clip in CLIPS:
        document = video_of(clip, folder).with_suffix(".tracking.json")
        if not document.exists():
            continue
        frames = list(read_box_frames(document))
        speaking = clip.speaking(media)
        truth = [_told(frame, speaking[frame.frame - 1]) for frame in frames]
        size = (TILE * len(clip.faces), TILE)
        yield Case(clip.name, size, [Scene(1, len(frames))], frames, truth, clip.name in TUNED)


def _told(frame: BoxFrame, speaking: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> BoxFrame:
    def told(box: Box) -> Box:
        square = min(int((box.bbox_xmin + box.bbox_xmax) / 2 // TILE), len(speaking) - 1)
        return msgspec.structs.replace(box, is_speaking=bool(speaking[square]))

    return BoxFrame(frame.frame, tuple(map(told, frame.tracked_objects)))


def drawn() -> Iterator[Case]:
    """Films that are only documents: dialogues at several tempi, walkers, rows, an interview that is cut."""
    for seed, seconds in ((1, 5.0), (2, 2.5), (3, 1.2)):
        random = np.random.default_rng(seed)
        turns = np.cumsum(np.maximum(random.exponential(seconds, 60), 0.6) * 25)

        def speaker(frame: int, turns: np.ndarray[tuple[int], np.dtype[np.float64]] = turns) -> int:
            return int(np.searchsorted(turns, frame)) % 2

        for name, places in (("far", (420.0, 1500.0)), ("near", (760.0, 1120.0)), ("moving", (500.0, 1400.0))):
            people = [
                Drawn(
                    f"obj_{number + 1}",
                    (lambda frame, x=x: x + 45 * np.sin(frame / 60)) if name == "moving" else still(x),
                    lambda frame, number=number, speaker=speaker: speaker(frame) == number,
                )
                for number, x in enumerate(places)
            ]
            yield _case(f"{name} two, turns of {seconds} s", people, 750)
    yield _case("walk", [Drawn("obj_1", lambda frame: 150 + 3.2 * frame, lambda frame: True)], 500)
    yield _case(
        "walk and back", [Drawn("obj_1", lambda frame: 960 + 700 * np.sin(frame / 120), lambda frame: True)], 750
    )
    row = [Drawn(f"obj_{n + 1}", still(250 + 470 * n), lambda frame, n=n: frame // 90 % 4 == n) for n in range(4)]
    yield _case("four in a row", row, 720)
    one = Drawn("obj_1", still(700), lambda frame: frame // 75 % 2 == 0, lambda frame: frame // 75 % 2 == 0)
    other = Drawn("obj_2", still(1250), lambda frame: frame // 75 % 2 == 1, lambda frame: frame // 75 % 2 == 1)
    yield _case("shot and counter-shot", [one, other], 750, list(range(74, 750, 75)))


def _case(name: str, people: list[Drawn], length: int, cuts: list[int] | None = None) -> Case:
    frames, truth = list(frames_of(people, length, noise=0.02, missed=0.05)), list(frames_of(people, length))
    edges = [0, *(cuts or []), length]
    scenes = [Scene(first + 1, last) for first, last in itertools.pairwise(edges) if last > first]
    return Case(name, (1920, 1080), scenes, frames, truth, tuned=False)


def spoiled(case: Case, kind: str, seed: int) -> Case:
    """The case with errors in what the planner is given.

    Args:
        kind: ``speaking 10`` and ``speaking 20`` (percent of wrong speech, in runs of 0.2 to 0.6 s), ``missing``
            (30 % of the boxes), ``gone`` (each face for 2 s), ``all``.
    """
    random = np.random.default_rng(seed)
    length = len(case.documents)
    names = sorted({box.id for frame in case.documents for box in frame.tracked_objects})
    wrong = {name: np.zeros(length, bool) for name in names}
    gone = {name: np.zeros(length, bool) for name in names}
    share = {"speaking 10": 0.1, "speaking 20": 0.2, "all": 0.1}.get(kind, 0.0)
    for name in names:
        while share and wrong[name].mean() < share:
            start = int(random.integers(0, length))
            wrong[name][start : start + int(random.integers(5, 16))] = True
        if kind in ("gone", "all") and length > 60:
            start = int(random.integers(0, length - 50))
            gone[name][start : start + 50] = True
        if kind in ("missing", "all"):
            gone[name] |= random.random(length) < 0.3

    def frame_of(frame: BoxFrame) -> BoxFrame:
        index = frame.frame - 1
        kept = [
            msgspec.structs.replace(box, is_speaking=box.is_speaking ^ bool(wrong[box.id][index]))
            for box in frame.tracked_objects
            if not gone[box.id][index]
        ]
        return BoxFrame(frame.frame, tuple(kept))

    return case._replace(documents=list(map(frame_of, case.documents)))
