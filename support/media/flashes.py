"""Where a video flashes and beeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from support.media.reference import RATE, Pictures, Sound

if TYPE_CHECKING:
    from av import AudioFrame, VideoFrame
    from av.container import InputContainer

_WHITE = 190
"""Mean grey above which a picture is a flash; the moving picture has about 120."""
_LOUD = 0.15
_HOLD = 0.05
"""Seconds of quiet between two beeps."""
_BLOCK = RATE // 400
"""Samples of 2.5 ms."""


def shown(path: Path) -> tuple[int, list[float], list[float]]:
    """Number of pictures, and seconds at which flashes and beeps begin, on the file's own clock (a master's)."""
    import av

    with av.open(str(path)) as container:
        frames = [
            (float(f.pts * f.time_base), float(f.to_ndarray(format="gray").mean())) for f in container.decode(video=0)
        ]
    times, means = zip(*frames, strict=True)
    beeps: list[float] = []
    with av.open(str(path)) as container:
        if container.streams.audio:
            beeps = _beeps_of_master(container)
    return len(frames), _rises(np.array(times), np.array(means) > _WHITE), beeps


def _time(frame: VideoFrame | AudioFrame) -> float:
    """Seconds at which a frame of a master begins."""
    return float((frame.pts or 0) * Fraction(frame.time_base or 1))


def _beeps_of_master(container: InputContainer) -> list[float]:
    levels: list[float] = []
    times: list[float] = []
    for frame in container.decode(audio=0):
        samples = np.abs(frame.to_ndarray().astype(np.float32)).max(axis=0)
        block = max(frame.sample_rate // 400, 1)
        for begin in range(0, len(samples), block):
            levels.append(float(samples[begin : begin + block].max()))
            times.append(_time(frame) + begin / frame.sample_rate)
    return _rises(np.array(times), np.array(levels) > _LOUD, _HOLD)


def flashes(pictures: Pictures) -> list[float]:
    """Seconds at which pictures become white."""
    return _rises(pictures.times, pictures.thumbnails.mean(axis=1) > _WHITE)


def beeps(sound: Sound) -> list[float]:
    """Seconds at which a beep begins, by the stamp of the block that it is in."""
    count = len(sound.samples) // _BLOCK
    level = np.abs(sound.samples[: count * _BLOCK]).reshape(count, _BLOCK).max(axis=1)
    positions = np.arange(count) * _BLOCK / RATE
    blocks = np.clip(np.searchsorted(sound.positions, positions, side="right") - 1, 0, len(sound.positions) - 1)
    return _rises(positions + sound.times[blocks] - sound.positions[blocks], level > _LOUD, _HOLD)


def _rises(times: NDArray[np.float64], on: NDArray[np.bool_], hold: float = 0.0) -> list[float]:
    """Times at which ``on`` becomes true; what is on again within ``hold`` seconds never went off."""
    found: list[float] = []
    before, last = False, -math.inf
    for time, is_on in zip(times, on, strict=True):
        if is_on and not before and time - last > hold:
            found.append(float(time))
        before, last = bool(is_on), float(time) if is_on else last
    return found


def furthest(found: Sequence[float], expected: Sequence[float]) -> float:
    """Largest distance (s) of two lists of equal length; infinite if they are not."""
    if len(found) != len(expected):
        return math.inf
    return max((abs(a - b) for a, b in zip(found, expected, strict=True)), default=0.0)
