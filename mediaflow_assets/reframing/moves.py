"""The camera's path as few keyframes: two for each hold and each eased pan, more only where they are needed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.reframing.camera import STEP, Path
from mediaflow_assets.reframing.people import Floats

_RECENTRED = 0.03
"""Of the crop's size: how far a hold may be moved to the middle of what is wanted during it."""
_NUDGE = 10
"""Frames by which an eased move may start or end elsewhere than the path's."""
_EASED_ERROR = 0.04
_EASED_SPEED = 0.9
"""Of the crop's size: how far an eased move may leave the path, and its greatest speed a second."""
_KEY_ERROR = 0.004
"""Of the crop's size: how far keys may leave the path that they stand for."""
_MIN_STAND = FPS
"""Frames between two moves."""


class Key(NamedTuple):
    """A keyframe along the axis: frame from 0, place in pixels, speed in pixels a frame."""

    frame: int
    place: float
    speed: float
    holds: bool


class Allowed(NamedTuple):
    """Where the heads are whole; ``(n,)`` pixels."""

    low: Floats
    high: Floats
    wanted: Floats

    def worst(self, places: NDArray[np.float64], first: int) -> float:
        """How far ``places``, from frame ``first`` on, cut into heads: pixels summed over the frames."""
        part = slice(first, first + len(places))
        return float(np.maximum(np.maximum(self.low[part] - places, places - self.high[part]), 0).sum())


def keys_of(path: Path, allowed: Allowed, size: float) -> list[Key]:
    """Keyframes that play ``path``; the last one holds at its last frame.

    A move between two holds becomes one eased move where that stays near and cuts no head more.

    Args:
        size: of the crop along the axis, pixels.
    """
    path = _recentred(path, allowed, size)
    frames, places, end = path.frames, path.places, len(path.frames) - 1
    stands = _stands(path)
    keys: list[Key] = []
    knot = 0
    if stands and stands[0][0] == 0:
        keys.append(Key(0, float(places[0]), 0.0, True))
        knot = stands.pop(0)[1]
    for first, last in stands:
        eased = _eased(path, knot, first, last, keys[-1].frame, allowed, size) if keys else None
        keys += eased or [*_curved(path, knot, first, size), Key(int(frames[first]), float(places[first]), 0.0, True)]
        knot = last
    if knot < end:
        keys += _curved(path, knot, end, size)
        speed = (places[end] - places[end - 1]) / (frames[end] - frames[end - 1])
        keys.append(Key(int(frames[end]), float(places[end]), float(speed), True))
    return _without_repetition(keys)


def _stands(path: Path) -> list[tuple[int, int]]:
    """First and last knot of each hold."""
    if not len(path.moving):
        return [(0, 0)]
    found: list[tuple[int, int]] = []
    for index in np.flatnonzero(path.moving == 0):
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], int(index) + 1)
        else:
            found.append((int(index), int(index) + 1))
    return found


def _recentred(path: Path, allowed: Allowed, size: float) -> Path:
    places = path.places.copy()
    for first, last in _stands(path):
        start, stop = int(path.frames[first]), int(path.frames[last]) + 1
        wish = float(np.median(allowed.wanted[start:stop]))
        old = float(places[first])
        low, high = _between_moves(path, places, first, last)
        new = float(np.clip(wish, max(old - _RECENTRED * size, low), min(old + _RECENTRED * size, high)))
        count = np.zeros(stop - start)
        if allowed.worst(count + new, start) <= allowed.worst(count + old, start):
            places[first : last + 1] = new
    return path._replace(places=places)


def _between_moves(path: Path, places: NDArray[np.float64], first: int, last: int) -> tuple[float, float]:
    """Where a hold may be so that the moves before and after it still go one way."""
    low, high = -np.inf, np.inf
    for knot, direction in ((first - 1, 1), (last + 1, -1)):
        if 0 <= knot < len(places):
            way = path.moving[min(knot, last)] * direction
            low, high = (max(low, places[knot]), high) if way > 0 else (low, min(high, places[knot]))
    return float(low), float(high)


def _eased(
    path: Path, first: int, arrived: int, left: int, held_since: int, allowed: Allowed, size: float
) -> list[Key] | None:
    """The move between two holds as one eased move and the hold after it, or None.

    Args:
        first, arrived: knots of the move's start and end.
        left: knot at which the hold after it ends.
        held_since: frame at which the hold before it begins.
    """
    start, stop, until = int(path.frames[first]), int(path.frames[arrived]), int(path.frames[left])
    origin, target = float(path.places[first]), float(path.places[arrived])
    arrival = Key(stop, target, 0.0, True)
    curve = sample([*_curved(path, first, arrived, size), arrival], start, stop)
    most_cut = allowed.worst(curve, start) + 1e-6
    best: tuple[float, int, int] | None = None
    for begin in range(start - _NUDGE, start + _NUDGE + 1, 2):
        for finish in range(stop - _NUDGE, stop + _NUDGE + 1, 2):
            if finish - begin < STEP or begin - held_since < _MIN_STAND:
                continue
            if finish > stop and until - finish < _MIN_STAND:
                continue
            if 1.5 * abs(target - origin) * FPS > _EASED_SPEED * size * (finish - begin):
                continue
            window = np.arange(min(begin, start), max(finish, stop) + 1)
            u = np.clip((window - begin) / (finish - begin), 0, 1)
            moved = origin + (target - origin) * u * u * (3 - 2 * u)
            error = float(np.abs(moved - np.interp(window, np.arange(start, stop + 1), curve)).max())
            if error > _EASED_ERROR * size or (best is not None and error >= best[0]):
                continue
            if allowed.worst(moved, int(window[0])) <= most_cut:
                best = (error, begin, finish)
    if best is None:
        return None
    _, begin, finish = best
    return [Key(begin, origin, 0.0, False), Key(finish, target, 0.0, True)]


def _slopes(frames: NDArray[np.int64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Harmonic means of neighbouring speeds, 0 at holds and turns (Fritsch and Butland, 1984)."""
    speed = np.diff(places) / np.maximum(np.diff(frames), 1)
    slopes = np.zeros(len(places))
    before, after = speed[:-1], speed[1:]
    same = before * after > 0
    slopes[1:-1][same] = 2 * before[same] * after[same] / (before[same] + after[same])
    return slopes


def _curved(path: Path, first: int, last: int, size: float) -> list[Key]:
    """Cubic keys from knot ``first`` to before ``last``, as few as play the same curve."""
    frames, places = path.frames[first : last + 1], path.places[first : last + 1]
    slopes = _slopes(frames, places)
    if first == 0:
        slopes[0] = (places[1] - places[0]) / (frames[1] - frames[0])
    if last == len(path.moving) and path.moving[-1] != 0:
        slopes[-1] = (places[-1] - places[-2]) / (frames[-1] - frames[-2])
    every = [
        Key(int(frame), float(place), float(slope), False)
        for frame, place, slope in zip(frames, places, slopes, strict=True)
    ]
    start, stop = every[0].frame, every[-1].frame
    truth = sample(every, start, stop)
    kept = {0, len(every) - 1}
    while True:
        chosen = [every[index] for index in sorted(kept)]
        error = np.abs(sample(chosen, start, stop) - truth)
        if error.max() <= _KEY_ERROR * size or len(kept) == len(every):
            return chosen[:-1]
        worst = int(error.argmax()) + start
        missing = [index for index in range(len(every)) if index not in kept]
        kept.add(min(missing, key=lambda index: abs(every[index].frame - worst)))


def sample(keys: list[Key], first: int, last: int) -> NDArray[np.float64]:
    """Places at the frames ``first..last``, both included; the first key is not after ``first``."""
    frames = np.arange(first, last + 1)
    starts = np.array([key.frame for key in keys])
    index = np.clip(np.searchsorted(starts, frames, side="right") - 1, 0, len(keys) - 1)
    following = np.minimum(index + 1, len(keys) - 1)
    place = np.array([key.place for key in keys])
    speed = np.array([key.speed for key in keys])
    holds = np.array([key.holds for key in keys])
    span = np.maximum(starts[following] - starts[index], 1)
    return hermite(
        (frames - starts[index]) / span,
        place[index],
        place[following],
        np.where(holds[index] | (following == index), 0, speed[index] * span),
        np.where(holds[index] | (following == index), 0, speed[following] * span),
        holds[index] | (following == index),
    )


def hermite(
    u: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    start_slope: NDArray[np.float64],
    end_slope: NDArray[np.float64],
    holds: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Cubic Hermite curves at ``u`` from 0 to 1; ``start`` where ``holds``.

    Without slopes this is ``3u² - 2u³``: exactly After Effects' Easy Ease.
    """
    u2, u3 = u * u, u * u * u
    value = (
        (2 * u3 - 3 * u2 + 1) * start
        + (u3 - 2 * u2 + u) * start_slope
        + (3 * u2 - 2 * u3) * end
        + (u3 - u2) * end_slope
    )
    result: NDArray[np.float64] = np.where(holds, start, value)
    return result


def _without_repetition(keys: list[Key]) -> list[Key]:
    """Drops a hold at a place at which the camera stands already."""
    kept: list[Key] = []
    for key in keys:
        if kept and kept[-1].holds and key.holds and kept[-1].place == key.place:
            continue
        if kept and kept[-1].frame == key.frame:
            kept.pop()
        kept.append(key)
    return kept
