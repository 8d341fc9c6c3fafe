"""What is heard in each frame of a video: its loudness, and whose voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.speech.audio import SAMPLE_RATE, let_go, read_waveform

UNKNOWN_SPEAKER = ""
"""Stands for speech that no speaker label goes with."""
PAUSE_DECIBELS = 15.0
"""How far below the level of a voice there is no voice."""
_HOPS = 4
"""Values of the loudness in a frame, one every 10 ms."""
_LOUDNESS_STD = 4.0
"""Of them; standard deviation of the smoothing."""
_BAND, _BAND_ORDER = (1400.0, 3400.0), 4
"""Hz: the second formant, whose course follows the opening of the mouth."""
_BAND_RANGE = 35.0
"""Decibels below its loudest twentieth in which the band tells anything."""
_LEAST_ENERGY = 1e-12
_FRAMES_AT_ONCE = 60 * FPS
_HOPS_AT_ONCE = _FRAMES_AT_ONCE * _HOPS
"""Of the sound a minute is looked at at once. Bounds the memory."""
MIN_PAUSE = 8
"""Frames (0.32 s); what is quiet for less is a consonant or a breath."""


@dataclass(frozen=True, eq=False)
class Soundtrack:
    """The sound of one video and what the diarization says of it."""

    samples: NDArray[np.float32]
    """Mono, 16 kHz, from the start of the video; empty for a silent one."""
    rms: NDArray[np.float64]
    """Root mean square of every frame of the video."""
    voices: Sequence[Voice]
    """One item per frame."""

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Of every frame, whether diarization hears nobody."""
        return np.array([not voice.is_speech for voice in self.voices], bool)

    def frames_of_speakers(self) -> dict[str, NDArray[np.int64]]:
        """The 0-based frames in which each speaker is heard, without pauses.

        Diarization bridges pauses of up to half a second; here they are no speech.
        """
        labels = [_labels(voice) for voice in self.voices]
        speakers = sorted({label for heard in labels for label in heard})
        heard = {speaker: np.array([speaker in here for here in labels], bool) for speaker in speakers}
        return {speaker: np.flatnonzero(frames & ~pauses(frames, self.rms)) for speaker, frames in heard.items()}


def read_soundtrack(video: Path, voices: Sequence[Voice]) -> Soundtrack:
    """The sound of a 25-fps master, ``voices`` being what is heard in each of its frames."""
    waveform = read_waveform(video, len(voices) / FPS)
    samples = np.zeros(0, np.float32) if waveform is None else waveform.samples
    return Soundtrack(samples, rms_per_frame(samples, SAMPLE_RATE, len(voices), FPS), voices)


def rms_per_frame(samples: NDArray[np.float32], rate: int, total_frames: int, fps: int) -> NDArray[np.float64]:
    """Root mean square of the sound of each video frame; 0 where there is none.

    Args:
        samples: mono, -1..1, from the start of the video.
        rate: samples per second.
        total_frames: frames of the video.
        fps: frames per second.
    """
    step = rate // fps
    result = np.zeros(total_frames)
    whole = min(len(samples) // step, total_frames)
    for first in range(0, whole, _FRAMES_AT_ONCE):
        stop = min(first + _FRAMES_AT_ONCE, whole)
        blocks = samples[first * step : stop * step].reshape(stop - first, step)
        result[first:stop] = np.sqrt(np.einsum("ij,ij->i", blocks, blocks) / step)
        let_go(samples)
    return result


@dataclass(frozen=True, eq=False)
class Articulation:
    """How the loudness of what jaw and lips shape changes."""

    change: NDArray[np.float64]
    """Of its logarithm, one value every 10 ms."""
    frames: int
    """Of the video."""

    def at(self, shift: int) -> NDArray[np.float64]:
        """In the middle of each video frame, if the sound comes ``shift`` milliseconds after the picture."""
        middles = (np.arange(self.frames) + 0.5) * _HOPS + shift * FPS * _HOPS / 1000
        return np.asarray(np.interp(middles, np.arange(len(self.change)) + 0.5, self.change), np.float64)


def articulation(samples: NDArray[np.float32], total_frames: int) -> Articulation:
    """The change of the loudness around the second formant; 0 where there is no sound.

    Args:
        samples: mono at 16 kHz, from the start of the video.
        total_frames: frames of the video.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import butter, sosfilt

    count = total_frames * _HOPS
    energy = np.zeros(count)
    sections = butter(_BAND_ORDER, _BAND, "bandpass", fs=SAMPLE_RATE, output="sos")
    state = np.zeros((len(sections), 2))
    hop = SAMPLE_RATE // (FPS * _HOPS)
    for first in range(0, min(count, len(samples) // hop), _HOPS_AT_ONCE):
        part = samples[first * hop : min(first + _HOPS_AT_ONCE, count) * hop]
        filtered, state = sosfilt(sections, part, zi=state)
        whole = len(part) // hop
        energy[first : first + whole] = np.square(filtered[: whole * hop].reshape(whole, hop)).mean(axis=1)
        let_go(samples)
    if not energy.any():
        return Articulation(np.zeros(max(count, 1)), total_frames)
    floor = np.quantile(energy, 0.95) * 10 ** (-_BAND_RANGE / 10)
    loudness = 0.5 * np.log(np.maximum(energy, max(floor, _LEAST_ENERGY)))
    return Articulation(np.gradient(gaussian_filter1d(loudness, _LOUDNESS_STD)), total_frames)


def pauses(heard: NDArray[np.bool_], rms: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of every frame, whether it lies in a stretch of at least :data:`MIN_PAUSE` that is quiet beside a voice.

    Args:
        heard: the frames in which diarization hears the voice.
        rms: of every frame.
    """
    quiet = np.zeros(len(heard), bool)
    if not heard.any():
        return quiet
    level = float(np.quantile(rms[heard], 0.75))
    below = rms < level * 10 ** (-PAUSE_DECIBELS / 20)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(np.int8)))
    for first, stop in edges.reshape(-1, 2):
        quiet[first:stop] = stop - first >= MIN_PAUSE
    return quiet


def _labels(voice: Voice) -> tuple[str, ...]:
    if not voice.is_speech:
        return ()
    return voice.speakers or (UNKNOWN_SPEAKER,)
