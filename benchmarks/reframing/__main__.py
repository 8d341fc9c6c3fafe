"""Re-framing, measured: the planner beside a centre crop, a still crop per turn and a face follower.

    python -m benchmarks.reframing [--clips FOLDER] [--hour]

FOLDER is that of ``benchmarks.faces.speaking``, whose clips and documents are read. Without it only the drawn
documents are measured. ``--hour`` also plans an hour with five faces and says seconds and memory.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reframing import baselines
from benchmarks.reframing.cases import Case, clips, drawn, spoiled
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import ASPECTS, Aspect
from mediaflow_assets.reframing.measures import Measuring
from mediaflow_assets.reframing.people import runs
from mediaflow_assets.reframing.plan import Look, Video, plan_video
from mediaflow_assets.reframing.playback import play, views_of
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reframing.tracks import shots
from support.drawn_documents import Drawn, frames_of

Views = list[NDArray[np.float64]]
Way = Callable[[Case, Aspect], Views]


def planner(style: str = "normal", split: str = "off") -> Way:
    """The product's planner."""

    def way(case: Case, aspect: Aspect) -> Views:
        video = Video(case.name, len(case.documents), *case.size)
        settings = ReframeSettings.model_validate({"aspects": (aspect.name,), "style": style, "split": split})
        looks = [Look(video.picture)] * len(case.scenes)
        document = plan_video(video, case.scenes, case.documents, [], looks, settings, {})[aspect]
        upper = views_of(document)
        lower = upper.copy()
        for panel in document.panels:
            lower[panel.first - 1 : panel.last] = play(panel.lower, panel.first, panel.last)
        return [upper, lower]

    return way


WAYS: dict[str, Way] = {
    "centre": lambda case, aspect: [baselines.centre(case, aspect)],
    "static per turn": lambda case, aspect: [baselines.static_per_turn(case, aspect)],
    "follow the speaker": lambda case, aspect: [baselines.follow_the_speaker(case, aspect)],
    "planner": planner(),
    "planner, calm": planner("calm"),
    "planner, lively": planner("lively"),
    "planner with split": planner(split="auto"),
}
HEADER = "| | empty % | speaker whole % | first words % | cut faces % | pans/min | cuts/min | reversals | shortest s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--hour", action="store_true")
    arguments = parser.parse_args()
    known = list(clips(arguments.clips)) if arguments.clips else []
    made = list(drawn())
    for aspect in (ASPECTS["9:16"], ASPECTS["4:5"], ASPECTS["1:1"]):
        for title, cases in (
            ("tuned clips", [case for case in known if case.tuned]),
            ("held-out clips", [case for case in known if not case.tuned]),
            ("drawn documents", made),
        ):
            if cases:
                _table(
                    f"{aspect.name}, {title} ({len(cases)})",
                    {name: [_row(case, case, way, aspect) for case in cases] for name, way in WAYS.items()},
                )
    chosen = ("static per turn", "follow the speaker", "planner", "planner with split")
    for kind in ("speaking 10", "speaking 20", "missing", "gone", "all"):
        rows = {
            name: [
                _row(case, spoiled(case, kind, seed), WAYS[name], ASPECTS["9:16"])
                for case in known + made
                for seed in (1, 2, 3)
            ]
            for name in chosen
        }
        _table(f"9:16, spoiled: {kind}", rows)
    if arguments.hour:
        _hour()


def _row(case: Case, given: Case, way: Way, aspect: Aspect) -> list[float]:
    """Measured against the truth of ``case``, planned from the documents of ``given``."""
    views = way(given, aspect)
    measuring = Measuring(aspect)
    for shot in shots(case.scenes, case.truth):
        part = slice(shot.scene.first - 1, shot.scene.last)
        measuring.add(shot, [view[part] for view in views], (), ())
    result = measuring.result
    whole, first = (
        np.nan if value is None else value for value in (result.speaker_whole_percent, result.first_words_percent)
    )
    return [result.empty_percent, whole, first, result.cut_face_percent, *_calm(views[0], case.scenes)]


def _calm(views: NDArray[np.float64], scenes: Sequence[Scene]) -> tuple[float, float, float, float]:
    """Pans and cuts a minute, reversals within a second, shortest time between two changes in s."""
    pans = cuts = reversals = 0
    shortest = np.nan
    for scene in scenes:
        shot = views[scene.first - 1 : scene.last]
        step = np.diff(shot[:, :2].sum(axis=1)) / shot[0, 2]
        jumps = (np.abs(step) > 0.2) | (np.diff(shot[:, 2]) != 0)
        moves = [(first, last) for first, last in runs((np.abs(step) > 2e-4) & ~jumps)]
        joined: list[tuple[int, int, float]] = []
        for first, last in moves:
            way = float(np.sign(step[first:last].sum()))
            if joined and first - joined[-1][1] <= 2 and joined[-1][2] == way:
                joined[-1] = (joined[-1][0], last, way)
            else:
                joined.append((first, last, way))
        changes = sorted([*joined, *((int(at), int(at) + 1, 0.0) for at in np.flatnonzero(jumps))])
        pans += len(joined)
        cuts += int(jumps.sum())
        for before, after in itertools.pairwise(changes):
            pause = (after[0] - before[1]) / 25
            reversals += before[2] * after[2] < 0 and pause < 1
            if pause > 1 / 25:  # a move may run into a cut: there is no hold between them
                shortest = np.nanmin([shortest, pause])
    minutes = len(views) / 1500
    return pans / minutes, cuts / minutes, float(reversals), float(shortest)


def _table(title: str, rows: dict[str, list[list[float]]]) -> None:
    print(f"\n### {title}\n\n{HEADER}\n|---|---|---|---|---|---|---|---|---|")
    for name, values in rows.items():
        table = np.array(values)
        means = [
            np.nanmean(table[:, column]) if not np.isnan(table[:, column]).all() else np.nan for column in range(6)
        ]
        least = np.nan if np.isnan(table[:, 7]).all() else np.nanmin(table[:, 7])
        shown = [*(f"{value:.2f}" for value in means), f"{table[:, 6].sum():.0f}", f"{least:.2f}"]
        print(f"| {name} | " + " | ".join(text.replace("nan", "–") for text in shown) + " |", flush=True)


def _hour() -> None:
    length = 90_000
    people = [
        Drawn(
            f"obj_{n + 1}",
            lambda frame, n=n: 250 + 350 * n + 60 * np.sin(frame / 90 + n),
            lambda frame, n=n: frame // 80 % 5 == n,
        )
        for n in range(5)
    ]
    for title, scenes in (
        ("without a cut", [Scene(1, length)]),
        ("a shot every 6 s", [Scene(first, first + 149) for first in range(1, length, 150)]),
    ):
        video = Video("hour", length, 1920, 1080)
        settings = ReframeSettings.model_validate({"aspects": ("9:16",)})
        looks = [Look(video.picture)] * len(scenes)
        made = list(frames_of(people, length, noise=0.02))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        plan_video(video, scenes, iter(made), [], looks, settings, {})
        spent = time.process_time() - started
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"\nAn hour, five faces, {title}: {spent:.1f} s of one core; {more:.0f} MB more than before planning")


if __name__ == "__main__":
    main()
