"""Sketches of appearances: a few boxes from which the others follow on straight lines.

A sketch finds the same face again in what another engine tracked, where ids say nothing. Keys are placed so
that no box is off by more than :data:`TOLERANCE` of its size; the count of keys follows the movement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.edits import Sketch

TOLERANCE = 0.12
"""Of a box's width (for x and width) and height (for y and height)."""
MIN_IOU = 0.4
"""A face of another engine that overlaps less is not the same face."""
SAME_FACE_IOU = 0.5
"""Two sketches that overlap so much in a frame are of one face, and both may find it."""

Boxes = NDArray[np.float64]
"""``(n, 4)``: x, y, width, height in pixels of the 25-fps video."""
Box = tuple[str, str, float, float, float, float]
"""Id, label, x, y, width, height of one object in one frame."""
BoxFrames = Iterable[tuple[int, Sequence[Box]]]
"""Frame from 1 and what is seen in it, in order."""


@dataclass(frozen=True)
class Run:
    """An appearance without a gap."""

    first: int
    boxes: Boxes

    @property
    def last(self) -> int:
        return self.first + len(self.boxes) - 1


def sketch_of(runs: Iterable[Run]) -> Sketch:
    """The keys of an appearance."""
    keys: Sketch = []
    for run in runs:
        if keys:
            keys.append(None)
        for index in _keys(run.boxes):
            x, y, width, height = (round(float(value)) for value in run.boxes[index])
            keys.append((run.first + index, x, y, max(1, width), max(1, height)))
    return keys


def runs_of(sketch: Sketch) -> list[Run]:
    """All boxes of a sketch.

    Raises:
        BadInput: frames of a run do not rise.
    """
    runs: list[Run] = []
    part: list[tuple[int, int, int, int, int]] = []
    for key in [*sketch, None]:
        if key is not None:
            part.append(key)
            continue
        if part:
            frames = np.array([one[0] for one in part])
            if part[0][0] < 1 or (np.diff(frames) <= 0).any():
                raise BadInput("a sketch", "has frames out of order", "Restore the journal from a backup")
            every = np.arange(frames[0], frames[-1] + 1)
            boxes = np.stack([np.interp(every, frames, [one[place] for one in part]) for place in range(1, 5)], axis=1)
            runs.append(Run(int(frames[0]), boxes))
        part = []
    return runs


def clipped(sketch: Sketch, first: int, last: int) -> Sketch:
    """The part of a sketch in the frames ``first..last``."""
    parts = []
    for run in runs_of(sketch):
        start, end = max(run.first, first), min(run.last, last)
        if start <= end:
            parts.append(Run(start, run.boxes[start - run.first : end - run.first + 1]))
    return sketch_of(parts)


def appearances(frames: BoxFrames, wanted: Iterable[str]) -> dict[str, tuple[str, list[Run]]]:
    """Label and boxes of the objects with the ids ``wanted``; those that are nowhere are left out.

    An id that is twice in a frame counts with its larger box.
    """
    ids = frozenset(wanted)
    labels: dict[str, str] = {}
    seen: dict[str, dict[int, tuple[float, float, float, float]]] = {}
    for number, objects in frames:
        for name, label, *box in objects:
            if name not in ids:
                continue
            labels.setdefault(name, label)
            boxes = seen.setdefault(name, {})
            x, y, width, height = box
            former = boxes.get(number)
            if former is None or width * height > former[2] * former[3]:
                boxes[number] = (x, y, width, height)
    return {name: (labels[name], list(_runs(boxes))) for name, boxes in seen.items()}


def matches(
    sketches: Sequence[tuple[str, Sketch]], frames: BoxFrames
) -> tuple[list[dict[str, list[int]]], list[int], Mapping[str, tuple[str, list[int]]]]:
    """Which objects of a document are what was sketched, frame by frame.

    In a frame each object goes to the sketch that overlaps it most, by IoU of at least :data:`MIN_IOU`, one to one;
    sketches of one face share it.

    Args:
        sketches: label and keys of each.
        frames: of the document, all of them.

    Returns:
        For each sketch, id to the frames in which it is that object; the number of frames of each sketch; and of
        every id of the document its label and frames.
    """
    found: list[dict[str, list[int]]] = [{} for _ in sketches]
    present: dict[str, tuple[str, list[int]]] = {}
    runs = sorted(
        ((run.first, run.last, index, run.boxes) for index, (_, keys) in enumerate(sketches) for run in runs_of(keys)),
        key=lambda item: item[:3],
    )
    lengths = [0] * len(sketches)
    for first, last, index, _ in runs:
        lengths[index] += last - first + 1
    active: list[tuple[int, int, int, Boxes]] = []
    coming = 0
    for number, objects in frames:
        for name, label, *_ in objects:
            present.setdefault(name, (label, []))[1].append(number)
        while coming < len(runs) and runs[coming][0] <= number:
            active.append(runs[coming])
            coming += 1
        if not active:
            continue
        active = [run for run in active if run[1] >= number]
        drawn = [(index, boxes[number - first].tolist()) for first, _, index, boxes in active if first <= number]
        for index, name in _pairs(drawn, objects, sketches):
            found[index].setdefault(name, []).append(number)
    return found, lengths, present


def _pairs(
    drawn: Sequence[tuple[int, Sequence[float]]], objects: Sequence[Box], sketches: Sequence[tuple[str, Sketch]]
) -> Iterator[tuple[int, str]]:
    claims = []
    for index, box in drawn:
        for place, (_, label, *seen) in enumerate(objects):
            if label == sketches[index][0] and (overlap := iou(box, seen)) >= MIN_IOU:
                claims.append((overlap, index, place, box))
    taken: dict[int, Sequence[float]] = {}
    done: set[int] = set()
    for _, index, place, box in sorted(claims, key=lambda claim: (-claim[0], claim[1], claim[2])):
        owner = taken.get(place)
        if index in done or (owner is not None and iou(box, owner) < SAME_FACE_IOU):
            continue
        taken.setdefault(place, box)
        done.add(index)
        yield index, objects[place][0]


def iou(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _runs(boxes: Mapping[int, tuple[float, float, float, float]]) -> Iterator[Run]:
    part: list[tuple[float, float, float, float]] = []
    start = 0
    for number in sorted(boxes):
        if part and number != start + len(part):
            yield Run(start, np.array(part, float))
            part = []
        if not part:
            start = number
        part.append(boxes[number])
    if part:
        yield Run(start, np.array(part, float))


def _keys(boxes: Boxes) -> list[int]:
    """Places of the keys, by the algorithm of Ramer, Douglas and Peucker with the boxes' sizes as measure."""
    keys = {0, len(boxes) - 1}
    parts = [(0, len(boxes) - 1)]
    sizes = np.maximum(boxes[:, [2, 3, 2, 3]], 1.0)
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        share = np.linspace(0, 1, last - first + 1)[1:-1, None]
        line = boxes[first] * (1 - share) + boxes[last] * share
        error = (np.abs(boxes[first + 1 : last] - line) / sizes[first + 1 : last]).max(axis=1)
        worst = int(error.argmax())
        if error[worst] > TOLERANCE:
            middle = first + 1 + worst
            keys.add(middle)
            parts += [(first, middle), (middle, last)]
    return sorted(keys)
