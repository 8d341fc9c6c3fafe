"""The camera's path along its axis: it stands, or moves at one of a few speeds.

Dynamic programming over place and speed. Standing is free, every start costs, speed changes by one level at a
time (which limits the acceleration) and a new move needs a second of standing (so nothing is reversed at
once). Unlike a convex programme (Grundmann et al., "Auto-directed video stabilization with robust L1 optimal
camera paths", CVPR 2011) this can price what is not convex: the edge of the crop in a bystander's face.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.reframing.people import Floats
from mediaflow_assets.reframing.style import Style

STEP = 5
"""Frames between two decisions."""
_GRID = 0.01
"""Of the crop's size: distance of two places."""
_SPEEDS = (1, 2, 3, 5, 8, 12)
"""Places per step; the last is 0.6 of the crop's size a second."""
_STAND = FPS // STEP
"""Steps of standing before another move may start."""
_OFF_PRICE, _MOST_OFF, _CUT_HEAD_PRICE, _CUT_OTHER_PRICE = 10.0, 0.5, 30.0, 1.0
_CENTRE_PRICE = 0.2
"""Inside the dead zone: where nothing else matters, what is wanted is in the middle."""
_SPEED_STEP_PRICE, _SPEED_PRICE = 0.02, 0.004
_FULL_BYSTANDER = 0.15
"""Of the crop's size: faces of this width and above count fully when they are sliced."""
_SLICED = (0.05, 0.98)
"""A face is sliced while this part of it is inside."""
_CHUNK = 4096


class Bystander(NamedTuple):
    """A face that is not framed but should not be sliced; arrays of n frames along the axis, pixels."""

    near: Floats
    far: Floats
    there: NDArray[np.bool_]


class Path(NamedTuple):
    """Places at some frames, and how the camera moves between them."""

    frames: NDArray[np.int64]
    """``(k,)``: from 0, rising, the last is the path's last frame."""
    places: NDArray[np.float64]
    """``(k,)`` pixels."""
    moving: NDArray[np.int64]
    """``(k - 1,)``: level of the speed after each of ``frames``, signed; 0 is standing."""


def camera_path(
    wanted: Floats,
    low: Floats,
    high: Floats,
    bystanders: Sequence[Bystander],
    *,
    size: float,
    first: float,
    last: float,
    style: Style,
) -> Path:
    """The cheapest path of the crop's near edge over n frames.

    Args:
        wanted: ``(n,)`` where it should be.
        low, high: ``(n,)`` where the heads are whole.
        size: of the crop along the axis, pixels.
        first, last: least and greatest place.
    """
    length = len(wanted)
    frames = np.minimum(np.arange(0, length + STEP - 1, STEP), length - 1)
    count = max(1, round((last - first) / (_GRID * size))) + 1
    if last - first < _GRID * size / 2 or len(frames) < 2:
        place = float(np.clip(np.median(wanted), first, last))
        return Path(frames, np.full(len(frames), place), np.zeros(len(frames) - 1, np.int64))
    places = np.linspace(first, last, count)
    prices = _Prices(wanted, low, high, bystanders, places, size, style)
    index, moving = _cheapest(prices, frames, count, style.move_price)
    path = places[index]
    # The last step may be shorter than the others: it is left where the video ends.
    part = (frames[-1] - frames[-2]) / STEP
    path[-1] = path[-2] + (path[-1] - path[-2]) * part
    return Path(frames, path, moving)


class _Prices:
    """What it costs to be at each place for a step."""

    def __init__(
        self,
        wanted: Floats,
        low: Floats,
        high: Floats,
        bystanders: Sequence[Bystander],
        places: NDArray[np.float64],
        size: float,
        style: Style,
    ) -> None:
        self._wanted, self._low, self._high = wanted, low, high
        self._bystanders, self._places, self._size, self._style = bystanders, places, size, style

    def at(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """``(len(frames), places)``, per step."""
        x, size = self._places, self._size

        def column(values: Floats) -> NDArray[np.float64]:
            return values[frames].astype(np.float64)[:, None]

        distance = np.abs(x - column(self._wanted)) / size
        off = np.maximum(distance - self._style.dead_zone, 0)
        price = _OFF_PRICE * np.minimum(off, _MOST_OFF) + _CENTRE_PRICE * distance
        outside = np.maximum(np.maximum(column(self._low) - x, x - column(self._high)), 0) / size
        price += _CUT_HEAD_PRICE * outside
        for other in self._bystanders:
            if not other.there[frames].any():
                continue
            near, far = column(other.near), column(other.far)
            width = np.maximum(far - near, 1e-6)
            inside = np.clip((np.minimum(far, x + size) - np.maximum(near, x)) / width, 0, 1)
            sliced = (inside > _SLICED[0]) & (inside < _SLICED[1]) & other.there[frames][:, None]
            price += _CUT_OTHER_PRICE * np.minimum(1, width / (_FULL_BYSTANDER * size)) * sliced
        return price * (STEP / FPS)


def _cheapest(
    prices: _Prices, frames: NDArray[np.int64], count: int, start_price: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Viterbi over ``(stand ages, + speeds, - speeds) x places``; index of the place at each frame, speeds."""
    steps, levels = len(frames), len(_SPEEDS)
    speeds = np.array(_SPEEDS)
    shift = np.stack([speeds, -speeds])
    source = np.arange(count)[None, None, :] - shift[:, :, None]
    impossible = (source < 0) | (source >= count)
    source = np.clip(source, 0, count - 1)
    stand = np.full((_STAND + 1, count), np.inf)
    price = prices.at(frames[:1])[0]
    stand[0] = price
    move = np.broadcast_to(price + start_price, (2, levels, count)).copy()
    moved_by = np.zeros((steps, 2, levels, count), np.uint8)
    stood_by = np.zeros((steps, 2, count), np.bool_)
    offers = np.empty((3, 2, levels, count))
    block = prices.at(frames[:_CHUNK])
    for step in range(1, steps):
        if step % _CHUNK == 0:
            block = prices.at(frames[step : step + _CHUNK])
        price = block[step % _CHUNK]
        offers[0] = move
        offers[1, :, 0] = stand[_STAND] + start_price
        offers[1, :, 1:] = move[:, :-1] + _SPEED_STEP_PRICE
        offers[2, :, -1] = np.inf
        offers[2, :, :-1] = move[:, 1:] + _SPEED_STEP_PRICE
        moved_by[step] = offers.argmin(axis=0)
        lowest = offers.min(axis=0)
        stop = move[:, 0] + _SPEED_STEP_PRICE
        stood_by[step, 0] = stop[1] < stop[0]
        stood_by[step, 1] = stand[_STAND] <= stand[_STAND - 1]
        aged = np.minimum(stand[_STAND], stand[_STAND - 1])
        stand[1:_STAND] = stand[: _STAND - 1]
        stand[_STAND] = aged
        # A stop needs room for a whole stand before the end.
        stand[0] = stop.min(axis=0) if steps - 1 - step >= _STAND - 1 else np.inf
        stand += price
        arrived = np.take_along_axis(lowest, source, axis=2)
        arrived[impossible] = np.inf
        move = arrived + price + _SPEED_PRICE * speeds[None, :, None]
        if not step % _CHUNK:
            floor = min(stand.min(), move.min())
            stand -= floor
            move -= floor
    return _back(stand, move, moved_by, stood_by, shift, steps)


def _back(
    stand: NDArray[np.float64],
    move: NDArray[np.float64],
    moved_by: NDArray[np.uint8],
    stood_by: NDArray[np.bool_],
    shift: NDArray[np.int64],
    steps: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    index = np.zeros(steps, np.int64)
    moving = np.zeros(max(steps - 1, 0), np.int64)
    if stand.min() <= move.min():
        age, place = (int(item) for item in np.unravel_index(stand.argmin(), stand.shape))
        side, level = -1, -1
    else:
        side, level, place = (int(item) for item in np.unravel_index(move.argmin(), move.shape))
        age = -1
    for step in range(steps - 1, -1, -1):
        index[step] = place
        if step == 0:
            break
        if age >= 0:
            if age == 0:
                side, level, age = int(stood_by[step, 0, place]), 0, -1
            elif age == _STAND and stood_by[step, 1, place]:
                pass
            else:
                age -= 1
            continue
        moving[step - 1] = (level + 1) * (1 if side == 0 else -1)
        before = place - int(shift[side, level])
        by = int(moved_by[step, side, level, before])
        place = before
        if by == 1 and level == 0:
            age, level = _STAND, -1
        elif by == 1:
            level -= 1
        elif by == 2:
            level += 1
    return index, moving
