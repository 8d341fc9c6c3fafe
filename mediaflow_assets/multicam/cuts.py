"""The cut list: which angle is shown when.

Each angle earns in every frame what it shows of who speaks, a cut costs, no shot is shorter than the shortest hold,
and none longer than the longest where another camera runs. The best list is found exactly, by dynamic programming.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.multicam.angles import Seen, flags_of
from mediaflow_assets.reframing.people import runs
from mediaflow_assets.reframing.people import turns as whole_turns
from mediaflow_assets.reframing.voices import Turn

Why = Literal["speaks", "together", "silence", "other angle", "only angle"]

_CUT_PRICE = 0.8
"""Of a cut, in seconds of a speaker who is not shown: what re-framing pays for a change."""
_TOGETHER = FPS
"""Frames for which several must speak at once to be shown together."""
_SILENT_WIDE = 0.1
"""What the wide angle is worth while nobody speaks."""
_HEARD = 0.2
"""Part of a shot during which somebody is heard who is named with it."""
_TOO_LONG, _DARK = 1e3, 1e6
"""Prices that are paid only where there is no other way: a shot that is too long, and an angle that did not run."""


class Rules(NamedTuple):
    """An editor's taste; seconds."""

    shortest: float = 2.0
    longest: float = 20.0
    lead: float = 0.2
    """By which a cut precedes the words."""


class Cut(NamedTuple):
    """One shot of the list; frames of the reference from 1, both included."""

    first: int
    last: int
    angle: int
    speakers: tuple[str, ...]
    """Who is heard for most of it."""
    why: Why


def cut_list(
    turns: Sequence[Turn],
    close: Mapping[str, NDArray[np.float64]],
    seen: Sequence[Seen],
    wide: int | None,
    rules: Rules,
) -> list[Cut]:
    """The shots, over every frame of the reference.

    Args:
        turns: who is heard, on the clock of the reference.
        close: how well each angle shows each speaker.
        wide: the angle for several at once.
    """
    total = len(seen[0].covered)
    spoken = _earlier(speech(turns, total), round(rules.lead * FPS))
    worth = gains(spoken, close, wide, len(seen), total)
    covered = np.stack([one.covered for one in seen])
    found = choose(worth, covered, round(rules.shortest * FPS), round(rules.longest * FPS))
    return [
        Cut(first + 1, end, angle, *_told(spoken, worth, covered, angle, first, end, wide))
        for angle, first, end in found
    ]


def speech(turns: Sequence[Turn], total: int) -> dict[str, NDArray[np.bool_]]:
    """Speaker to frames: pauses closed, interjections left out."""
    labels = sorted({turn.label for turn in turns})
    return {label: whole_turns(flags_of(turns, label, total), 0) for label in labels}


def _earlier(spoken: Mapping[str, NDArray[np.bool_]], lead: int) -> dict[str, NDArray[np.bool_]]:
    """Everything ``lead`` frames early: if turns only began early they would overlap where they meet."""
    shifted = {}
    for label, flags in spoken.items():
        kept = min(lead, len(flags) - 1)
        shifted[label] = np.pad(flags[kept:], (0, kept), mode="edge")
    return shifted


def gains(
    spoken: Mapping[str, NDArray[np.bool_]],
    close: Mapping[str, NDArray[np.float64]],
    wide: int | None,
    angles: int,
    total: int,
) -> NDArray[np.float32]:
    """``(angles, total)``: what each angle is worth in every frame, 1 for the best view of who speaks."""
    worth = np.zeros((angles, total), np.float32)
    count = np.sum([flags.astype(np.int16) for flags in spoken.values()], axis=0) if spoken else np.zeros(total)
    for label, flags in spoken.items():
        best = float(close[label].max())
        off_screen = np.array([float(angle == wide) for angle in range(angles)])
        share = close[label] / best if best > 0 else off_screen
        worth[:, flags] += share.astype(np.float32)[:, None]
    worth /= np.maximum(count, 1)
    if wide is not None:
        for first, end in runs(count > 1):
            if end - first >= _TOGETHER:
                worth[:, first:end] *= 0.5
                worth[wide, first:end] = 1.0
        worth[wide, count == 0] = _SILENT_WIDE
    return worth


def choose(
    worth: NDArray[np.float32], covered: NDArray[np.bool_], shortest: int, longest: int
) -> list[tuple[int, int, int]]:
    """The list that earns most: ``(angle, first, end)``, half-open frames from 0; no two shots of one angle in a row.

    Args:
        worth: ``(K, n)`` per frame.
        covered: ``(K, n)``.
        shortest, longest: frames of a shot. The first is always kept; the second where another angle ran.
    """
    angles, total = worth.shape
    summed = np.zeros((angles, total + 1))
    np.cumsum(worth / FPS - _DARK * ~covered, axis=1, dtype=np.float64, out=summed[:, 1:])
    if total < 2 * shortest or angles == 1:
        return [(int(summed[:, -1].argmax()), 0, total)]
    return _back(*_forward(summed.tolist(), angles, total, shortest, longest), total)


def _forward(
    summed: list[list[float]], angles: int, total: int, shortest: int, longest: int
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """For every end: where the best shot of each angle begins, and the two best angles."""
    nothing = float("-inf")
    starts = [[-1] * (total + 1) for _ in range(angles)]
    two = [(-1, -1)] * (total + 1)
    entry: list[deque[tuple[int, float]]] = [deque() for _ in range(angles)]
    late = [(nothing, -1)] * angles
    """Best start of a shot that is too long by now."""
    ended: list[tuple[float, int, float]] = [(nothing, -1, nothing)] * (total + 1)
    """Best value of an end, its angle, and the best value of another angle."""
    rate = _TOO_LONG / FPS
    for end in range(shortest, total + 1):
        start = end - shortest
        best, winner, second, other = nothing, -1, nothing, -1
        for angle in range(angles):
            own = summed[angle]
            if start == 0:
                value = 0.0
            else:
                first, by, next_best = ended[start]
                value = (next_best if by == angle else first) - _CUT_PRICE
            queue = entry[angle]
            if value > nothing:
                value -= own[start]
                while queue and queue[-1][1] <= value:
                    queue.pop()
                queue.append((start, value))
            while queue and queue[0][0] < end - longest:
                gone, kept = queue.popleft()
                late[angle] = max(late[angle], (kept + rate * gone, gone))
            at, value = queue[0] if queue else (-1, nothing)
            over, since = late[angle]
            over -= rate * (end - longest) + _TOO_LONG
            if over > value:
                at, value = since, over
            starts[angle][end] = at
            value += own[end]
            if value > best:
                second, other = best, winner
                best, winner = value, angle
            elif value > second:
                second, other = value, angle
        ended[end] = (best, winner, second)
        two[end] = (winner, other)
    return starts, two


def _back(starts: list[list[int]], two: list[tuple[int, int]], total: int) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    end, angle = total, two[total][0]
    while end > 0:
        start = starts[angle][end]
        found.append((angle, start, end))
        end = start
        angle = two[end][1] if two[end][0] == angle else two[end][0]
    return found[::-1]


def _told(
    spoken: Mapping[str, NDArray[np.bool_]],
    worth: NDArray[np.float32],
    covered: NDArray[np.bool_],
    angle: int,
    first: int,
    end: int,
    wide: int | None,
) -> tuple[tuple[str, ...], Why]:
    """Who is heard during a shot, and why it is this angle."""
    part = slice(first, end)
    shares = {label: float(flags[part].mean()) for label, flags in spoken.items()}
    heard = tuple(
        sorted((label for label in shares if shares[label] >= 0.2), key=lambda label: (-shares[label], label))
    )
    if (covered[:, part].mean(axis=1) > 0.5).sum() == 1:
        return heard, "only angle"
    if not heard:
        return heard, "silence"
    if len(heard) > 1 and angle == wide:
        return heard, "together"
    best = int(worth[:, part].sum(axis=1).argmax())
    return heard, "speaks" if best == angle else "other angle"
