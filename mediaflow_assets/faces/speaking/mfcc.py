"""Mel-frequency cepstra as the LR-ASD network was trained on.

Davis and Mermelstein (1980) with the parameters of HTK: windows of 25 ms every 10 ms, pre-emphasis
0.97, 26 triangular filters up to half the sampling rate on the mel scale of O'Shaughnessy, 512
points of the spectrum, orthonormal cosine transform, lifter 22, logarithm of the energy in the
first place. No window function: the network has never seen one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16000
_WINDOW, _STEP, _POINTS, _FILTERS, _KEPT, _LIFTER = 400, 160, 512, 26, 13, 22
_PRE_EMPHASIS = 0.97


def mfcc(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """``count`` vectors, one every 10 ms, of mono sound at 16 kHz.

    Args:
        samples: -1..1; as if followed by silence for as long as needed.
        count: number of vectors.

    Returns:
        Shape ``(count, 13)``.
    """
    from scipy.fft import dct

    needed = (count - 1) * _STEP + _WINDOW
    # The scale of 16-bit samples: only the first coefficient depends on it.
    sound = np.zeros(needed)
    sound[: min(len(samples), needed)] = samples[:needed] * 32768.0
    sound[1:] -= _PRE_EMPHASIS * sound[:-1]
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_STEP]
    power = np.abs(np.fft.rfft(windows, _POINTS)) ** 2 / _POINTS
    floor = np.finfo(float).eps
    energy = np.maximum(power.sum(1), floor)
    bands = np.maximum(power @ _filters().T, floor)
    found = dct(np.log(bands), norm="ortho")[:, :_KEPT]
    found *= 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(_KEPT) / _LIFTER)
    found[:, 0] = np.log(energy)
    return np.asarray(found, np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles, shape ``(26, 257)``."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, _FILTERS + 2) / 2595) - 1)
    bins = np.floor((_POINTS + 1) * edges / RATE)
    at = np.arange(_POINTS // 2 + 1)
    low, middle, high = bins[:-2, None], bins[1:-1, None], bins[2:, None]
    rising, falling = (at - low) / (middle - low), (high - at) / (high - middle)
    return np.where((low <= at) & (at < middle), rising, np.where((middle <= at) & (at < high), falling, 0.0))
