"""A master against its source: picture by picture, and sound by cross-correlation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from support.media.reference import RATE, Pictures, Sound, pictures, sound

_SHIFTS = 12
"""Frames by which a master is moved to find where it fits best."""
_DIFFERENT = 4.0
"""Mean grey levels by which two thumbnails of one picture may differ after a lossy encode."""
_BETTER = 0.5
"""A neighbour that differs by less than this share is the picture that the master shows instead."""
_WINDOW = RATE
"""Samples that are correlated at a time."""
_FURTHEST = RATE // 2
"""Samples by which sound is looked for, to both sides."""
_EQUAL = 0.01
"""Correlations that differ by less are equally good."""
_AUDIBLE = 0.003
"""RMS below which a window says nothing."""


@dataclass(frozen=True)
class Compared:
    """How a master differs from its source."""

    frames: int
    """Of the master."""
    expected: int
    """Frames that last as long as the source's pictures."""
    shift: int
    """Frames by which the master is late (negative: early); 0 also where nothing moves."""
    wrong: int
    """Frames of the master that show another picture of the source than is due."""
    lag: float | None
    """Milliseconds by which sound is late against the picture (median); None where it cannot be measured."""
    spread: float | None
    """By how much the lag moves: its median absolute deviation over windows, milliseconds."""
    likeness: float | None
    """Median correlation of the sound, 0 to 1."""

    @property
    def lost(self) -> int:
        """Frames too few, one at the end allowed."""
        return max(0, self.expected - self.frames - 1)


def compare(source: Path, master: Path, picture: int, sound_index: int | None, *, dated: bool = True) -> Compared:
    """Compare a 25-fps master with its source.

    Args:
        picture: index of the picture stream that was converted.
        sound_index: of the sound stream that was used; None for none.
        dated: the container says when pictures are shown; where it does not (AVI), the first one is due at 0, and
            what a decoder holds back for reordering is no delay.
    """
    before, after = pictures(source, str(picture)), pictures(master)
    due = _due(before, len(after.times))
    shift, wrong = _fit(before, after, due)
    lag, spread, likeness = None, None, None
    if sound_index is not None and len(before.times):
        heard, made = sound(source, str(sound_index)), sound(master)
        if heard is not None and made is not None:
            lag, spread, likeness = _lag(heard, made, float(before.times[0]) if dated else 0.0)
    expected = max(1, round(before.duration * FPS)) if len(before.times) else 0
    return Compared(len(after.times), expected, shift, wrong, lag, spread, likeness)


def _due(source: Pictures, frames: int) -> NDArray[np.int64]:
    """Number of the source picture that each frame of the master has to show, (frames,)."""
    if not len(source.times):
        return np.zeros(0, np.int64)
    # A picture is shown from the frame nearest to its time on.
    first = np.floor((source.times - source.times[0]) * FPS + 0.5 + 1e-6)
    return np.maximum(np.searchsorted(first, np.arange(frames), side="right") - 1, 0)


def _fit(source: Pictures, master: Pictures, due: NDArray[np.int64]) -> tuple[int, int]:
    if not len(due):
        return 0, 0
    shown, wanted = master.thumbnails.astype(np.float32), source.thumbnails.astype(np.float32)
    # Tone mapping and ranges move the grey of everything alike.
    shown -= np.median(shown - wanted[due])
    number = np.arange(len(due))
    differences = {}
    for shift in range(-_SHIFTS, _SHIFTS + 1):
        moved = due[np.clip(number - shift, 0, len(due) - 1)]
        inner = (number - shift >= 0) & (number - shift < len(due))
        each = np.abs(shown - wanted[moved]).mean(axis=1)
        differences[shift] = np.where(inner, each, np.inf)
    here = differences[0]

    def mean(shift: int) -> float:
        inside = np.isfinite(differences[shift])
        return float(differences[shift][inside].mean()) if inside.any() else np.inf

    best = min(differences, key=lambda shift: (mean(shift), abs(shift)))
    moved = best if mean(best) < _BETTER * mean(0) and mean(0) > 1 else 0
    closest = np.min([differences[shift] for shift in differences if abs(shift) <= 3], axis=0)
    return moved, int(np.sum((here > _DIFFERENT) & (closest < _BETTER * here)))


def _lag(source: Sound, master: Sound, first_picture: float) -> tuple[float | None, float | None, float | None]:
    """Median lag (ms), its median absolute deviation (ms) and the median correlation, over windows of a second."""
    start = float(master.times[0])
    lags, alike = [], []
    length = min(_WINDOW, len(source.samples))
    for begin in range(0, len(source.samples) - length + 1, max(length // 2, 1)):
        window = source.samples[begin : begin + length]
        if float(np.sqrt(np.mean(np.square(window)))) < _AUDIBLE:
            continue
        time = _time(source, begin / RATE, length / RATE) - first_picture
        place = round((time - start) * RATE)
        low, high = place - _FURTHEST, place + length + _FURTHEST
        heard = master.samples[max(low, 0) : max(high, 0)]
        if len(heard) < length or place < 0:
            continue
        at, likeness = _where(window, heard, place - max(low, 0))
        lags.append((at + max(low, 0) - place) / RATE * 1000 + (place / RATE - (time - start)) * 1000)
        alike.append(likeness)
    good = [lag for lag, likeness in zip(lags, alike, strict=True) if likeness > 0.6]
    if not good:
        return None, None, float(np.median(alike)) if alike else None
    return float(np.median(good)), float(np.median(np.abs(np.array(good) - np.median(good)))), float(np.median(alike))


def _time(source: Sound, position: float, length: float) -> float:
    """When the sound at ``position`` seconds is heard, by the stamps of a window, whose jitter does not count."""
    inside = (source.positions >= position) & (source.positions < position + length)
    if not inside.any():
        inside = np.arange(len(source.positions)) == max(np.searchsorted(source.positions, position, "right") - 1, 0)
    return position + float(np.median(source.times[inside] - source.positions[inside]))


def _where(window: NDArray[np.float32], heard: NDArray[np.float32], expected: int) -> tuple[int, float]:
    """Sample of ``heard`` at which ``window`` fits best, and the normalized correlation there."""
    from scipy.signal import correlate

    products = correlate(heard, window, mode="valid", method="fft")
    energy = np.cumsum(np.concatenate([[0.0], np.square(heard, dtype=np.float64)]))
    norms = np.sqrt(np.maximum(energy[len(window) :] - energy[: -len(window)], 1e-12))
    likeness = products / (norms * max(float(np.linalg.norm(window)), 1e-9))
    # A tone fits again after each of its periods: of equal peaks, the nearest one counts.
    inner = likeness[1:-1]
    peaks = 1 + np.flatnonzero((inner >= likeness[:-2]) & (inner >= likeness[2:]) & (inner > likeness.max() - _EQUAL))
    at = int(peaks[np.argmin(np.abs(peaks - expected))]) if len(peaks) else int(np.argmax(likeness))
    return at, float(likeness[at])
