"""Who could be framed together in a shot, and which of these framings is shown when.

A framing is a set of people who fit into the crop (or half a screen each, or nobody). Each earns in every frame
what its people weigh there; a change costs, and no framing may be shorter than a least time. The best
sequence is found exactly, by dynamic programming over the frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Layout
from mediaflow_assets.reframing.people import Floats, Person, look_room
from mediaflow_assets.reframing.style import EMPTY_PRICE, EYE_LINE, MAX_GROUP, NOBODY_GAIN, SPLIT_GAIN, Style

_SPAN_QUANTILE = 0.9
_TOGETHER = 0.1
"""Part of the rarer one's frames in which two must be seen together to be a group."""
X, Y = 0, 1
Axis = int
"""The axis along which the crop can move."""


@dataclass(frozen=True)
class Framing:
    """Something that can be shown, in a shot of n frames."""

    layout: Layout
    people: tuple[Person, ...]
    gain: Floats
    """``(n,)``: worth of showing it, 1 for a speaker in the middle."""
    wanted: Floats
    """``(n,)``: where the crop's near edge should be along the axis, pixels."""
    low: Floats
    high: Floats
    """``(n,)``: the range of that edge in which the heads are whole."""


class Frame:
    """The crop's size and where it may be.

    Args:
        axis: 0 when it moves along x, 1 along y.
        size: of the crop along the axis, pixels.
        first, last: least and greatest place of its near edge.
    """

    def __init__(self, axis: Axis, size: float, first: float, last: float) -> None:
        self.axis, self.size, self.first, self.last = axis, size, first, last

    @property
    def anchor(self) -> float:
        """Where the middle of a face belongs, from the near edge, in parts of the size."""
        return 0.5 if self.axis == X else EYE_LINE

    def clipped(self, places: NDArray[np.floating]) -> Floats:
        kept: Floats = np.clip(places, self.first, self.last).astype(np.float32)
        return kept

    def span(self, boxes: Floats) -> tuple[Floats, Floats]:
        """Near and far side of boxes ``(n, 4)`` along the axis."""
        return boxes[:, self.axis], boxes[:, self.axis + 2]


def framings_of(people: Sequence[Person], frame: Frame, *, split: bool, fit: bool) -> list[Framing]:
    """Every single person, every run of neighbours whose heads fit together, and on request pairs and all."""
    found: list[Framing] = []
    pairs: list[tuple[Person, Person]] = []
    for start, person in enumerate(people):
        found.append(together("single", (person,), frame))
        for stop in range(start + 2, min(start + MAX_GROUP, len(people)) + 1):
            group = tuple(people[start:stop])
            if not _seen_together(group):
                continue
            if not _fits(group, frame):
                break
            found.append(together("group", group, frame))
    for first, one in enumerate(people):
        for other in people[first + 1 :]:
            if _seen_together((one, other)) and not _fits((one, other), frame):
                pairs.append((one, other))
    if split:
        found += [_shared("split", pair, frame) for pair in pairs]
    if fit and pairs:
        found.append(_shared("fit", tuple(people), frame))
    return found


def priced(framings: Sequence[Framing], people: Sequence[Person]) -> NDArray[np.float32]:
    """Gains ``(K, n)`` of the framings, less what it costs to show nobody while somebody is there."""
    if not people:
        return np.stack([framing.gain for framing in framings])
    anyone = np.logical_or.reduce([person.there for person in people])
    gains = []
    for framing in framings:
        shown = [person.there for person in framing.people]
        empty = anyone & ~np.logical_or.reduce(shown) if shown else anyone
        gains.append(framing.gain - np.float32(EMPTY_PRICE) * empty)
    return np.stack(gains).astype(np.float32)


def nobody(layout: Layout, boxes: Floats, people: Sequence[Person], frame: Frame) -> Framing:
    """Objects or the middle, for the time in which no person is there.

    Args:
        boxes: ``(n, 4)`` of what is shown then.
    """
    alone = ~np.any([person.there for person in people], axis=0) if people else np.ones(len(boxes), bool)
    near, far = frame.span(boxes)
    wanted = frame.clipped((near + far) / 2 - frame.size / 2)
    free = np.full(len(boxes), frame.first, np.float32), np.full(len(boxes), frame.last, np.float32)
    return Framing(layout, (), (NOBODY_GAIN * alone).astype(np.float32), wanted, *free)


def _seen_together(group: Sequence[Person]) -> bool:
    together = np.logical_and.reduce([person.there for person in group]).sum()
    return bool(together >= _TOGETHER * min(person.there.sum() for person in group) and together > 0)


def _fits(group: Sequence[Person], frame: Frame) -> bool:
    near, far = _span(group, frame)
    anyone = np.logical_or.reduce([person.there for person in group])
    return bool(np.quantile((far - near)[anyone], _SPAN_QUANTILE) <= frame.size)


def _span(group: Sequence[Person], frame: Frame) -> tuple[Floats, Floats]:
    """Near and far side of all heads that are there; of all, when none is."""
    near = np.stack([frame.span(person.head)[0] for person in group])
    far = np.stack([frame.span(person.head)[1] for person in group])
    there = np.stack([person.there for person in group])
    there = there | ~there.any(axis=0)
    return (
        np.where(there, near, np.inf).min(axis=0).astype(np.float32),
        np.where(there, far, -np.inf).max(axis=0).astype(np.float32),
    )


def together(layout: Layout, group: tuple[Person, ...], frame: Frame) -> Framing:
    """These people in one picture."""
    near, far = _span(group, frame)
    middle = (near + far) / 2
    gain = np.zeros(len(near), np.float32)
    for person in group:
        own = np.add(*frame.span(person.head)) / 2
        off = np.minimum(1, np.abs(own - middle) / (frame.size / 2))
        gain += person.weight * (1 - off / 4)
    aim = middle
    if frame.axis == Y:
        faces = [np.add(*frame.span(person.face)) / 2 for person in group]
        aim = np.mean(faces, axis=0)
    elif len(group) == 1:
        aim = middle + look_room(group[0]) * frame.size
    wanted = aim - frame.anchor * frame.size
    low, high = far - frame.size, near
    crowded = low > high
    if frame.axis == Y:
        # What does not fit is cut at the chin, not at the hair.
        low, high = np.where(crowded, near, low), np.where(crowded, near, high)
    else:
        low, high = np.where(crowded, middle - frame.size / 2, low), np.where(crowded, middle - frame.size / 2, high)
    low, high = frame.clipped(low), frame.clipped(high)
    return Framing(layout, group, gain, np.clip(frame.clipped(wanted), low, high), low, high)


def _shared(layout: Layout, group: tuple[Person, ...], frame: Frame) -> Framing:
    """Everyone of ``group`` at once, smaller."""
    gain = SPLIT_GAIN * np.sum([person.weight for person in group], axis=0)
    alone = together("group", group, frame)
    return Framing(layout, group, gain.astype(np.float32), alone.wanted, alone.low, alone.high)


def choose(gains: NDArray[np.float32], style: Style) -> list[tuple[int, int, int]]:
    """The sequence of framings that earns most.

    A semi-Markov choice: the sum of gains (per second) less ``change_price`` for each change, no run shorter than
    ``min_hold``. Exact, in O(K n): for each framing the best start so far is kept.

    Args:
        gains: ``(K, n)``.

    Returns:
        ``(framing, first, end)`` for each run, half-open frames from 0.
    """
    count, length = gains.shape
    hold = round(style.min_hold * FPS)
    if length < 2 * hold:
        return [(int(gains.sum(axis=1, dtype=np.float64).argmax()), 0, length)]
    total = np.zeros((length + 1, count))
    np.cumsum(gains.T, axis=0, dtype=np.float64, out=total[1:])
    total /= FPS
    best = np.full(length + 1, -np.inf)
    best[0] = 0.0
    opened = np.zeros(count)
    starts = np.zeros(count, np.int64)
    chosen = np.zeros(length + 1, np.int32)
    came_from = np.zeros(length + 1, np.int64)
    for end in range(hold, length + 1):
        start = end - hold
        if start >= hold:
            offer = best[start] - style.change_price - total[start]
            better = offer > opened
            opened[better] = offer[better]
            starts[better] = start
        worth = opened + total[end]
        winner = int(worth.argmax())
        best[end], chosen[end], came_from[end] = worth[winner], winner, starts[winner]
    found: list[tuple[int, int, int]] = []
    end = length
    while end > 0:
        start = int(came_from[end])
        found.append((int(chosen[end]), start, end))
        end = start
    return found[::-1]
