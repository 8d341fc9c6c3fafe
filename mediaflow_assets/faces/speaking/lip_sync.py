"""Does the sound go with the picture? The shift at which mouths that speak open with the loudness.

Where a face says what is heard, the opening of its mouth is compared with the sound at every shift of
up to half a second: the correlation of the changes of both, of jaw and lips, as Chung and Zisserman
(2016) find the offset with a network in place of mouths and loudness. Little speech has chance peaks. So
there is an answer only where the highest peak is twice as high as any other, and where both halves of the
speech, taken in turns, have it too.

The limits were chosen on driven photographs (``benchmarks/results/faces_speaking.md``); nothing was
fitted to their offset, whose mean is 0 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.speech.audio import SAMPLE_RATE

Values = NDArray[np.float64]

MAX_OFFSET = 500
"""Milliseconds in either direction that are looked at."""
STEP = 10
"""Milliseconds from one shift to the next, and from one value of the loudness to the next."""
PART = 62
"""Frames (2.5 s) of a stretch; the halves of the speech take them in turns."""
MIN_FRAMES = 500
"""Frames (20 s) of speech with a face below which there is no answer."""
MAX_PARTS = 120
"""Stretches that are looked at, evenly over the video: five minutes of speech are enough."""
MIN_CORRELATION = 0.12
MIN_RATIO = 2.0
"""Of the highest peak to the next one."""
AGREEMENT = 40
"""Milliseconds from the peak of the whole to that of either half."""
_APART = 80
"""Milliseconds from a peak from which on another one is another one."""
CONTEXT = 12
"""Frames beside speech in which the mouth opens or closes."""
_SHORTEST = 25
_MOUTH_STD, _SOUND_STD = 1.0, 4.0
"""Gaussian smoothing: frames of the mouth, values of the loudness."""
_MIN_RMS = 0.003
_LAGS = np.arange(-MAX_OFFSET, MAX_OFFSET + STEP, STEP)


class _Sums(NamedTuple):
    """What correlations are made of, one value for each shift."""

    product: Values
    of_mouth: Values
    of_sound: Values


def sound_offset(
    tracks: Mapping[int, FaceTrack], speaking: Mapping[int, NDArray[np.bool_]], samples: NDArray[np.float32]
) -> int | None:
    """By how many milliseconds the sound comes after the picture; negative when it comes before.

    Args:
        tracks: all faces by id.
        speaking: of each face, in which of its frames it speaks.
        samples: mono at 16 kHz from the start of the video.

    Returns:
        None where faces speak for less than 20 s, or mouths and sound have no one shift.
    """
    stretches = sorted(_stretches(tracks, speaking), key=lambda one: int(tracks[one[0]].frames[one[1]]))
    if sum(stop - first for _, first, stop in stretches) < MIN_FRAMES:
        return None
    chosen = np.unique(np.linspace(0, len(stretches) - 1, MAX_PARTS).round().astype(int)).tolist()
    sums = [_of_stretch(stretches[index], tracks, samples) for index in chosen]
    curve = _curve(sums)
    top = int(curve.argmax())
    if curve[top] < MIN_CORRELATION or curve[top] < MIN_RATIO * _next_peak(curve, top):
        return None
    halves = [_curve(sums[first::2]).argmax() for first in (0, 1)]
    if max(abs(int(_LAGS[half] - _LAGS[top])) for half in halves) > AGREEMENT:
        return None
    return round(_between_steps(curve, top))


_Stretch = tuple[int, int, int]
"""Face, and the half-open range of its rows."""


def _stretches(tracks: Mapping[int, FaceTrack], speaking: Mapping[int, NDArray[np.bool_]]) -> Iterator[_Stretch]:
    """Uninterrupted rows of a face around its speech with known mouths, about :data:`PART` frames each."""
    from scipy.ndimage import binary_dilation

    for number, track in tracks.items():
        if not speaking[number].any():
            continue
        near = binary_dilation(speaking[number], iterations=CONTEXT) & ~np.isnan(track.jaw) & ~np.isnan(track.lips)
        goes_on = near[1:] & near[:-1] & (np.diff(track.frames) == 1)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], goes_on, [False]]).astype(np.int8)))
        for first, last in edges.reshape(-1, 2):
            pieces = max(1, round((last + 1 - first) / PART))
            bounds = np.linspace(first, last + 1, pieces + 1).round().astype(int).tolist()
            for begin, stop in pairwise(bounds):
                if stop - begin >= _SHORTEST:
                    yield number, begin, stop


def _of_stretch(stretch: _Stretch, tracks: Mapping[int, FaceTrack], samples: NDArray[np.float32]) -> list[_Sums]:
    """Of jaw and lips."""
    number, first, stop = stretch
    track = tracks[number]
    return [_sums(mouth[first:stop], int(track.frames[first]), samples) for mouth in (track.jaw, track.lips)]


def _curve(stretches: Sequence[Sequence[_Sums]]) -> Values:
    """Correlation at each shift over all stretches, the mean of jaw and lips."""
    curves = []
    for mouth in zip(*stretches, strict=True):
        product, of_mouth, of_sound = (np.sum([getattr(one, name) for one in mouth], axis=0) for name in _Sums._fields)
        curves.append(product / np.sqrt(np.maximum(of_mouth * of_sound, 1e-12)))
    return np.asarray(np.mean(curves, axis=0), np.float64)


def _next_peak(curve: Values, top: int) -> float:
    """Height of the highest peak but the one at ``top``; 0 without any."""
    inner = np.arange(1, len(curve) - 1)
    peaks = inner[(curve[inner] >= curve[inner - 1]) & (curve[inner] >= curve[inner + 1])]
    others = peaks[np.abs(_LAGS[peaks] - _LAGS[top]) > _APART]
    return max(float(curve[others].max(initial=0.0)), 0.0)


def _sums(opening: Values, first: int, samples: NDArray[np.float32]) -> _Sums:
    """Of one stretch that begins at the 0-based frame ``first``."""
    from scipy.ndimage import gaussian_filter1d

    mouth = np.gradient(gaussian_filter1d(opening, _MOUTH_STD))
    mouth -= mouth.mean()
    hop = SAMPLE_RATE * STEP // 1000
    margin = MAX_OFFSET // STEP + 10
    start = first * SAMPLE_RATE // FPS // hop - margin
    count = len(opening) * SAMPLE_RATE // FPS // hop + 2 * margin
    loudness = np.gradient(gaussian_filter1d(_loudness(samples, start, count, hop), _SOUND_STD))
    loudness -= loudness.mean()
    middles = (first + np.arange(len(opening)) + 0.5) / FPS * 1000
    times = (start + np.arange(count) + 0.5) * STEP
    # A sound that comes late is heard after the mouth has moved.
    heard = np.stack([np.interp(middles + lag, times, loudness) for lag in _LAGS])
    return _Sums(heard @ mouth, np.full(len(_LAGS), mouth @ mouth), np.einsum("ij,ij->i", heard, heard))


def _loudness(samples: NDArray[np.float32], start: int, count: int, hop: int) -> Values:
    """Logarithm of the root mean square of ``count`` hops from the ``start``-th on; silence outside the sound."""
    sound = np.zeros(count * hop)
    first, stop = max(start * hop, 0), min((start + count) * hop, len(samples))
    if stop > first:
        sound[first - start * hop : stop - start * hop] = samples[first:stop]
    rms = np.sqrt((sound.reshape(count, hop) ** 2).mean(axis=1))
    return np.asarray(np.log(np.maximum(rms, _MIN_RMS)), np.float64)


def _between_steps(curve: Values, top: int) -> float:
    """Milliseconds of the peak, by the parabola through it and its neighbours."""
    if not 0 < top < len(curve) - 1:
        return float(_LAGS[top])
    before, at, after = curve[top - 1 : top + 2]
    bend = before - 2 * at + after
    return float(_LAGS[top] + (STEP * (before - after) / (2 * bend) if bend else 0.0))
