"""Where one recording of a take lies in another, found from their sounds.

First roughly: the course of loudness, which no microphone, distance or level changes, correlated at every offset.
Then exactly: pieces of both sounds by generalised cross-correlation with phase transform (Knapp and Carter, "The
generalized correlation method for estimation of time delay", 1976). A line through the pieces is the offset and the
drift of one clock against the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.speech.audio import SAMPLE_RATE

Sound = NDArray[np.float32]
"""``(n,)`` samples at 16 kHz, -1..1."""

_HOP = SAMPLE_RATE // 100
"""Samples of one value of loudness: 10 ms."""
_AROUND = 200
"""Values of loudness (2 s) of which the mean is taken away: rooms and gains are no likeness."""
MIN_OVERLAP = 3.0
"""Seconds that two recordings must have in common."""
_CANDIDATES = 4
"""Rough offsets that are tried exactly; music repeats itself."""
_PIECE = 5 * SAMPLE_RATE
"""Samples of one piece: long enough for a sure peak, so short that a drift of 200 ppm moves by a millisecond only."""
_PIECES = 40
_SEARCH = SAMPLE_RATE
"""Samples by which a piece may lie off the rough offset, either way: a drift of 100 ppm over two hours."""
_BAND = (100.0, 4000.0)
"""Hz in which voices are."""
_SURE_PEAK = 9.0
"""Height of a peak against the standard deviation around it; noise of 32,000 values reaches 4.5."""
_INLIER = 0.02
"""Seconds by which a piece may lie off the line: half a frame."""
_MIN_DRIFT_SPAN = 60.0
"""Seconds; below this a drift that matters could not be told from reverberation."""
_MAX_DRIFT = 500.0
"""Parts per million; cheap recorders have 50."""


class Alignment(NamedTuple):
    """Where a recording lies on the clock of another one, the reference."""

    offset: float
    """Seconds of the reference at which the recording begins; negative when it began earlier."""
    drift: float
    """Parts per million by which the recording takes longer than the reference; 0 when it is too short to tell."""
    pieces: int
    """Stretches of sound that agree."""
    tried: int
    """Stretches in which both have sound."""
    spread: float
    """Seconds by which those that agree leave the line, median."""

    @property
    def sure(self) -> bool:
        """Whether it is the same sound: many pieces agree, and not one by chance."""
        return self.pieces >= 2 and self.pieces >= 0.4 * self.tried

    def own_time(self, seconds: float) -> float:
        """Time in the recording of a time of the reference."""
        return (seconds - self.offset) * (1 + self.drift * 1e-6)


def align(reference: Sound, recording: Sound) -> Alignment | None:
    """Find ``recording`` in ``reference``.

    Returns:
        None when no stretch of sound is in both. See :attr:`Alignment.sure` before it is used.
    """
    found = [_exactly(reference, recording, lag) for lag in _roughly(reference, recording)]
    return max((one for one in found if one is not None), key=lambda one: one.pieces, default=None)


def loudness(sound: Sound) -> NDArray[np.float32]:
    """Loudness every 10 ms in dB against the two seconds around it; ``(n // 160,)``."""
    from scipy.ndimage import uniform_filter1d

    count = len(sound) // _HOP
    power = np.empty(count, np.float32)
    step = 60_000
    for first in range(0, count, step):
        part = np.asarray(sound[first * _HOP : min(count, first + step) * _HOP], np.float32).reshape(-1, _HOP)
        power[first : first + len(part)] = np.einsum("ij,ij->i", part, part) / _HOP
    level = 10 * np.log10(power + 1e-7)
    relative: NDArray[np.float32] = (level - uniform_filter1d(level, _AROUND, mode="nearest")).astype(np.float32)
    return relative


def _roughly(reference: Sound, recording: Sound) -> list[int]:
    """Likely offsets in samples, the likeliest first."""
    from scipy.signal import correlate

    one, other = loudness(reference), loudness(recording)
    least = int(min(MIN_OVERLAP * 100, len(one), len(other)))
    if least < 100:
        return []
    unit = [values.astype(np.float64) / max(float(values.std()), 1e-6) for values in (one, other)]
    product = correlate(*unit, mode="full", method="fft")
    lags = np.arange(-len(other) + 1, len(one))
    common = np.minimum(lags + len(other), len(one)) - np.maximum(lags, 0)
    # Of independent values the sum over n pairs is about sqrt(n): this is how unlikely an offset is by chance.
    worth = np.where(common >= least, product / np.sqrt(np.maximum(common, 1)), -np.inf)
    found = []
    for _ in range(_CANDIDATES):
        best = int(worth.argmax())
        if not np.isfinite(worth[best]):
            break
        found.append(int(lags[best]) * _HOP)
        worth[max(0, best - 50) : best + 51] = -np.inf
    return found


def _exactly(reference: Sound, recording: Sound, lag: int) -> Alignment | None:
    """The line through the offsets of pieces near a rough offset.

    Args:
        lag: sample of the reference at which the recording begins, roughly.
    """
    times, delays, tried = [], [], 0
    for start, length in _pieces(max(lag, 0), min(len(reference), lag + len(recording))):
        part = np.asarray(recording[start - lag : start - lag + length], np.float64)
        low, high = max(0, start - _SEARCH), min(len(reference), start + length + _SEARCH)
        around = np.asarray(reference[low:high], np.float64)
        if part.std() < 1e-4 or around.std() < 1e-4:
            continue
        tried += 1
        place, height = _delay(around, part)
        if height >= _SURE_PEAK:
            times.append((start + length / 2) / SAMPLE_RATE)
            delays.append((low + place - start) / SAMPLE_RATE)
    return _line(np.array(times), np.array(delays), lag / SAMPLE_RATE, tried) if times else None


def _pieces(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Start and length of pieces spread over samples ``first..last``."""
    length = min(_PIECE, (last - first) // 3)
    if length < MIN_OVERLAP * SAMPLE_RATE / 3:
        return
    count = int(np.clip((last - first) // length, 1, _PIECES))
    for start in np.linspace(first, last - length, count):
        yield round(float(start)), length


def _delay(around: NDArray[np.float64], part: NDArray[np.float64]) -> tuple[int, float]:
    """Where ``part`` begins in ``around``, in samples, and how sure that is."""
    size = 1 << (len(around) + len(part) - 1).bit_length()
    cross = np.fft.rfft(around, size) * np.conj(np.fft.rfft(part, size))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    magnitude = np.abs(cross)
    weight = 1 / (magnitude + 1e-3 * float(magnitude.max()))
    weight[(hertz < _BAND[0]) | (hertz > _BAND[1])] = 0
    likeness = np.fft.irfft(cross * weight, size)[: len(around) - len(part) + 1]
    place = int(likeness.argmax())
    return place, float(likeness[place] / max(float(likeness.std()), 1e-12))


def _line(times: NDArray[np.float64], delays: NDArray[np.float64], offset: float, tried: int) -> Alignment:
    """Offset and drift from pieces: the delay of each is a constant plus a slope, but for some that are wrong."""
    from scipy.stats import theilslopes

    slope, start = 0.0, float(np.median(delays))
    if len(times) >= 4 and np.ptp(times) >= _MIN_DRIFT_SPAN:
        found = theilslopes(delays, times)
        if abs(found[0]) <= _MAX_DRIFT * 1e-6:
            slope, start = float(found[0]), float(found[1])
    off = np.abs(delays - start - slope * times)
    agree = off <= _INLIER
    if not agree.any():
        return Alignment(offset + start, 0.0, 0, tried, float(np.median(off)))
    # What was expected at t lies at t + start + slope * t, and the recording's own time is t - offset.
    begins = offset + start + slope * offset
    drift = (1 / (1 + slope) - 1) * 1e6
    return Alignment(begins, drift, int(agree.sum()), tried, float(np.median(off[agree])))
