"""Sound that is made like speech, and what cameras make of it: place, drift, room, level, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, lfilter

RATE = 16_000
Sound = NDArray[np.float32]


def talk(seconds: float, seed: int, pitch: float = 120.0) -> Sound:
    """Voiced syllables of random length and level with pauses between sentences."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    level = np.zeros(count)
    at = 0.0
    while at < seconds:
        for _ in range(int(random.integers(4, 14))):
            length = random.uniform(0.09, 0.3)
            first, last = round(at * RATE), min(count, round((at + length) * RATE))
            if first < last:
                level[first:last] = np.hanning(last - first) * random.uniform(0.3, 1)
            at += length * random.uniform(0.8, 1.3)
        at += random.uniform(0.2, 1.2)
    wander = np.interp(np.arange(count) / 4000, np.arange(count // 4000 + 2), random.normal(0, 12, count // 4000 + 2))
    phase = np.cumsum((pitch + wander) / RATE)
    pulses = np.diff(np.floor(phase), prepend=0) + random.normal(0, 0.02, count)
    for hertz, width in ((600 + 60 * seed % 200, 90), (1500, 120), (2600, 160)):
        radius = np.exp(-np.pi * width / RATE)
        pulses = lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], pulses)
    sound = pulses * level
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def recorded(
    sound: Sound,
    *,
    offset: float = 0.0,
    seconds: float | None = None,
    drift: float = 0.0,
    room: float = 0.0,
    level: float = 1.0,
    noise: float = 0.0,
    seed: int = 1,
) -> Sound:
    """What a camera records that starts ``offset`` seconds after the sound.

    Args:
        seconds: for how long; None to the end of the sound.
        drift: parts per million by which its clock counts more.
        room: seconds in which an echo falls by 60 dB.
        noise: standard deviation.
    """
    random = np.random.default_rng(seed)
    length = len(sound) / RATE - offset if seconds is None else seconds
    own = np.arange(round(length * (1 + drift * 1e-6) * RATE))
    heard = np.interp(offset * RATE + own / (1 + drift * 1e-6), np.arange(len(sound)), sound, left=0, right=0)
    if room:
        decay = random.normal(0, 1, round(room * RATE)) * np.exp(-6.9 * np.arange(round(room * RATE)) / RATE / room)
        decay[0] = 4.0
        heard = fftconvolve(heard, decay / np.linalg.norm(decay))[: len(heard)]
    heard = level * heard + random.normal(0, noise, len(heard)) if noise else level * heard
    return np.clip(heard, -1, 1).astype(np.float32)
