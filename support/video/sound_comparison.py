"""How a master's sound differs from a plain decode of its source, in windows of 125 ms."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.video.ffmpeg import ffmpeg_binary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 48000
_WINDOW = RATE // 8
_REACH = RATE // 16
"""Samples by which a window is looked for to both sides."""
_MIN_POWER = 1e-5
"""-50 dBFS: quieter windows say nothing."""


@dataclass(frozen=True)
class Comparison:
    """One value for each window that holds sound."""

    noise: NDArray[np.float64]
    """Power of what is left when the source is taken away, dB of the source's own."""
    lag: NDArray[np.float64]
    """Milliseconds by which the master is later than it should be."""


def decoded(path: Path, track: int = 0) -> NDArray[np.float64]:
    """A sound track, counted from 0, mixed to mono at 48 kHz, sample after sample whatever its stamps say."""
    import numpy as np

    filters = f"asetpts=N/SR/TB,aresample={RATE}:async=0,aformat=channel_layouts=mono:sample_fmts=flt"
    command = [
        ffmpeg_binary(),
        "-v",
        "quiet",
        "-i",
        str(path),
        "-map",
        f"0:a:{track}",
        "-af",
        filters,
        "-f",
        "f32le",
        "-",
    ]
    return np.frombuffer(subprocess.run(command, capture_output=True).stdout, np.float32).astype(float)


def first_stamp(path: Path, track: int = 0) -> float:
    """Seconds at which the first decoded frame of a sound track is due."""
    import av

    with av.open(str(path)) as container:
        times = (frame.time for frame in container.decode(audio=track))
        return next((time for time in times if time is not None), 0.0)


def usual_start(path: Path, track: int = 0) -> float:
    """Seconds at which a sound track would have begun, if all of it were where half of its frames say."""
    import av
    import numpy as np

    starts, seconds = [], 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(audio=track):
            if frame.time is not None:
                starts.append(frame.time - seconds)
            seconds += frame.samples / frame.sample_rate
    return float(np.median(starts)) if starts else 0.0


def compare(source: NDArray[np.float64], master: NDArray[np.float64], start: float) -> Comparison:
    """Look for each window of ``source`` near its place in ``master``.

    Args:
        start: seconds of the first sample of ``source`` on the master's clock.
    """
    import numpy as np

    noise, lag = [], []
    for first in range(0, len(source) - _WINDOW, _WINDOW):
        wanted, at = source[first : first + _WINDOW], round(start * RATE) + first - _REACH
        power = float((wanted * wanted).sum())
        if at < 0 or at + _WINDOW + 2 * _REACH > len(master) or power < _MIN_POWER * _WINDOW:
            continue
        found = master[at : at + _WINDOW + 2 * _REACH]
        size = 1 << (len(wanted) + len(found)).bit_length()
        products = np.fft.irfft(np.conj(np.fft.rfft(wanted, size)) * np.fft.rfft(found, size), size)[: 2 * _REACH + 1]
        sums = np.concatenate([[0.0], np.cumsum(found * found)])
        powers = np.maximum(sums[_WINDOW:] - sums[:-_WINDOW], 1e-9)
        place = int((products / np.sqrt(powers)).argmax())
        gain = products[place] / power
        rest = found[place : place + _WINDOW] - gain * wanted
        noise.append(10 * np.log10(max((rest * rest).sum() / max(gain * gain * power, 1e-9), 1e-9)))
        lag.append((place - _REACH) / RATE * 1000)
    return Comparison(np.array(noise), np.array(lag))
