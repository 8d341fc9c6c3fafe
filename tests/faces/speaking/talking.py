"""Mouths that open with a real voice."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack, articulation, rms_per_frame
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

TOTAL = 700


def speech_samples() -> NDArray[np.float32]:
    """Two people on the telephone, 30 s."""
    spec = find_spec("pyannote.audio")
    assert spec is not None
    assert spec.origin is not None
    waveform = read_waveform(Path(spec.origin).parent / "sample" / "sample.wav")
    assert waveform is not None
    return waveform.samples


def heard(samples: NDArray[np.float32]) -> Soundtrack:
    return Soundtrack(samples, rms_per_frame(samples, SAMPLE_RATE, TOTAL, 25), [Voice(True, ("A",))] * TOTAL)


def mouth(
    sound: Soundtrack,
    later: int = 0,
    frames: NDArray[np.int64] | None = None,
    milliseconds: int = 0,
    noise: float = 0.03,
) -> FaceTrack:
    """A mouth that opens with the sound, or with that of another part of it.

    Args:
        sound: of the voice.
        later: frames by which the mouth moves after the sound, over its end to its start.
        frames: those in which the face is seen; all by default.
        milliseconds: by which the sound comes after the mouth.
        noise: standard deviation of what is no speech.
    """
    loudness = np.cumsum(articulation(sound.samples, TOTAL).at(milliseconds)) * 4
    random = np.random.default_rng(later)
    jaw = np.clip(0.3 + 0.1 * np.roll(loudness - loudness.mean(), later) + random.normal(0, noise, TOTAL), 0, 1)
    shown = np.arange(TOTAL) if frames is None else frames
    return FaceTrack(shown, np.zeros((len(shown), 4), int), jaw[shown], jaw[shown])
