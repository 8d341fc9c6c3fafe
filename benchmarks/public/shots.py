"""Shot boundaries on BBC Planet Earth, RAI, ClipShots and SHOT, by the rules of TRECVID-SBD.

    python -m benchmarks public.shots bbc FOLDER [--limit 3]

FOLDER is the set as it is distributed:

- ``bbc``, ``rai`` and ``shot``: videos and text files with one scene a line, first and last frame from 0.
  A text file belongs to the video whose name, or whose number where names differ (``bbc_01.mp4`` and
  ``01-scenes.txt``), is the same.
- ``clipshots``: videos and ``*.json`` with ``{"name.mp4": {"transitions": [[last, first], ...]}}``, frames from 0:
  the last frame of the old scene and the first of the new one.

Frames are those of the video as it is: nothing is converted to 25 frames per second. A transition counts as
found when a found one is within two frames of it, as in the evaluation of TransNetV2 (after Gygli, 2018). F1
is of all transitions of the set together.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.public.published import table

VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".flv", ".webm", ".mpg")
TOLERANCE = 2
"""Frames."""

Span = tuple[int, int]
"""Last frame of a scene and first frame of the next one, from 0."""


class Counts(NamedTuple):
    found: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 0.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 0.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


class Annotated(NamedTuple):
    video: Path
    transitions: list[Span]


def transitions_of(scenes: Sequence[Span]) -> list[Span]:
    """Between the scenes of a text file: first and last frame of each, from 0."""
    return [(before[1], after[0]) for before, after in pairwise(scenes)]


def read_scenes_text(path: Path) -> list[Span]:
    """One scene a line, two numbers with anything that is no number between them; other lines are passed over."""
    rows = (re.findall(r"-?\d+", line) for line in path.read_text(encoding="utf-8").splitlines())
    return [(int(row[0]), int(row[1])) for row in rows if len(row) >= 2]


def read_set(name: str, folder: Path) -> Iterator[Annotated]:
    """The annotated videos of a set, in order of their names; those without a video are passed over.

    Raises:
        SystemExit: there is none.
    """
    videos = {path.name: path for path in sorted(folder.rglob("*")) if path.suffix.lower() in VIDEOS}
    found = list(_clipshots(folder, videos) if name == "clipshots" else _texts(folder, videos))
    if not found:
        raise SystemExit(f"{folder} has no annotated video of {name}; see --help for the layout")
    yield from found


def _texts(folder: Path, videos: dict[str, Path]) -> Iterator[Annotated]:
    by_name = {path.stem: path for path in videos.values()}
    by_number = {number: path for path in videos.values() if (number := _number(path.stem)) is not None}
    for path in sorted(folder.rglob("*.txt")):
        stem = re.sub(r"[-_]scenes$|^gt[-_]", "", path.stem)
        number = _number(stem)
        video = by_name.get(stem) or (by_number.get(number) if number is not None else None)
        if video is not None and (scenes := read_scenes_text(path)):
            yield Annotated(video, transitions_of(scenes))


def _number(stem: str) -> int | None:
    numbers = re.findall(r"\d+", stem)
    return int(numbers[-1]) if numbers else None


def _clipshots(folder: Path, videos: dict[str, Path]) -> Iterator[Annotated]:
    for path in sorted(folder.rglob("*.json")):
        for name, entry in sorted(json.loads(path.read_text(encoding="utf-8")).items()):
            if name in videos:
                yield Annotated(videos[name], [(first, last) for first, last in entry["transitions"]])


def count(truth: Sequence[Span], guess: Sequence[Span], tolerance: int = TOLERANCE) -> Counts:
    """Transitions found, false and missed: each takes part in one hit at most, in order of time."""
    reach = (tolerance - 1) / 2
    true = sorted((first - reach, last + reach) for first, last in truth)
    guessed = sorted((first - reach, last + reach) for first, last in guess)
    found = false = missed = 0
    while true or guessed:
        if not guessed or (true and guessed[0][0] > true[0][1]):
            true.pop(0)
            missed += 1
        elif not true or guessed[0][1] < true[0][0]:
            guessed.pop(0)
            false += 1
        else:
            true.pop(0)
            guessed.pop(0)
            found += 1
    return Counts(found, false, missed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=["bbc", "rai", "clipshots", "shot"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", help="shot detector (default: the setting's)")
    parser.add_argument("--limit", type=int, help="only so many videos")
    arguments = parser.parse_args()

    from mediaflow_assets.core.layout import Layout
    from mediaflow_assets.core.telemetry import telemetry_off
    from mediaflow_assets.modelstore import ModelStore, store_folder
    from mediaflow_assets.scenes.engines import ENGINES
    from mediaflow_assets.settings import Settings

    telemetry_off()
    settings = Settings.load()
    store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
    scenes = settings.scenes.model_copy(update={"engine": arguments.engine or settings.scenes.engine})
    engine = ENGINES.create(scenes.engine, scenes, store, settings.compute)
    engine.load()
    total = Counts(0, 0, 0)
    for video, truth in list(read_set(arguments.set, arguments.folder))[: arguments.limit]:
        counts = count(truth, detected(video, engine, scenes))
        total = Counts(*(a + b for a, b in zip(total, counts, strict=True)))
        print(f"{video.name}: F1 {counts.f1 * 100:.1f} of {counts.found + counts.missed} transitions", flush=True)
    print(f"\nprecision {total.precision * 100:.1f}, recall {total.recall * 100:.1f}\n")
    print(table(arguments.set, "F1", f"mediaflow, {scenes.engine}", total.f1 * 100))


def detected(video: Path, engine, scenes) -> list[Span]:  # type: ignore[no-untyped-def]
    """Transitions as the product finds them, in the frames of the video itself."""
    from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
    from mediaflow_assets.scenes.flashes import Flashes
    from mediaflow_assets.video.decode import rgb_frames
    from mediaflow_assets.video.small import SIZE

    flashes = Flashes(scenes.flash)
    predictions = engine.process(flashes.watch(rgb_frames(video, SIZE)), lambda _: None)
    predictions.boundary[flashes.frames] = 0
    found = scenes_from_probabilities(predictions.boundary.tolist(), scenes.threshold)
    return [(scene.last - 1, scene.last) for scene in found[:-1]]


if __name__ == "__main__":
    main()
