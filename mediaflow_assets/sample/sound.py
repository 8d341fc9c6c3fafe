"""The sample's sound tracks and who speaks in them."""

from __future__ import annotations

import wave
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.sample.ingredients import DIALOGUE, DIALOGUE_SPEAKERS, locate
from mediaflow_assets.sample.storyboard import Sound


class Speech(msgspec.Struct, frozen=True):
    """One person speaking from ``start`` to ``end`` seconds."""

    start: float
    end: float
    speaker: str


class Track(NamedTuple):
    """A mono sound track."""

    samples: NDArray[np.int16]
    rate: int
    """Samples per second."""


def record(sound: Sound, seconds: float) -> Track:
    """A track that is ``seconds`` long or ends when its recording does.

    ``dialogue`` is pyannote.audio's own example of two speakers (30 s, 16 kHz); ``room`` is the
    hum and hiss of an empty room, in which nobody speaks.
    """
    if sound == "dialogue":
        with wave.open(str(locate(DIALOGUE)), "rb") as stream:
            rate = stream.getframerate()
            samples = np.frombuffer(stream.readframes(round(seconds * rate)), dtype="<i2").astype(np.int16)
        return Track(samples, rate)
    return _room(seconds)


def speech_in(sound: Sound | None) -> tuple[Speech, ...]:
    """Who speaks when, in order of start; speakers may overlap."""
    if sound != "dialogue":
        return ()
    lines = locate(DIALOGUE_SPEAKERS).read_text(encoding="utf-8").splitlines()
    return parse_rttm(lines)


def parse_rttm(lines: list[str]) -> tuple[Speech, ...]:
    """Speech turns of a Rich Transcription Time Marked file (NIST RT-09 evaluation plan, appendix A).

    Of a ``SPEAKER`` line, field 4 is the start, field 5 the length (seconds), field 8 the name.
    """
    turns = [line.split() for line in lines if line.startswith("SPEAKER ")]
    return tuple(
        sorted(
            (Speech(float(turn[3]), round(float(turn[3]) + float(turn[4]), 3), turn[7]) for turn in turns),
            key=lambda speech: (speech.start, speech.speaker),
        )
    )


def _room(seconds: float, rate: int = 16000) -> Track:
    time = np.arange(round(seconds * rate)) / rate
    hum = 0.004 * np.sin(2 * np.pi * 50 * time) + 0.002 * np.sin(2 * np.pi * 100 * time)
    hiss = 0.003 * np.random.default_rng(13).standard_normal(time.size)
    return Track(((hum + hiss) * 32767).astype(np.int16), rate)
