"""Clips with known speakers: real talking and listening faces side by side, with real voices.

The ingredients are a public statement (a speaker with his voice, and a silent listener beside
him), a talking man without sound, a woman who shows emotions without speaking, two photographs, and
a recorded conversation. A face's part in a clip is a way through its own film; a voice is a stretch
of sound. Speech times are those of the recording: its own annotation for the conversation, the
loudness of the (clean) recording for the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.catalog import load_catalog
from mediaflow_assets.modelstore.fetch import fetch_models
from mediaflow_assets.sample.ingredients import ADMIRAL, ASTRONAUT, DIALOGUE, DIALOGUE_SPEAKERS, locate, read_picture
from mediaflow_assets.sample.sound import parse_rttm
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

TILE = 320
"""Pixels of the square that each face gets."""
Picture = NDArray[np.uint8]
Way = Callable[[float], float]
"""Seconds in the clip to seconds in the face's own film."""


class Media:
    """Fetched films and their voices; ``folder`` keeps them."""

    def __init__(self, folder: Path) -> None:
        self.store = ModelStore(folder, load_catalog(Path(__file__).with_name("speaking_media.toml")))

    def fetch(self) -> None:
        for result in fetch_models(self.store, list(self.store.catalog.values())):
            if result.error is not None:
                raise result.error

    def film(self, name: str) -> tuple[list[Picture], float]:
        return _film(self.store.path(name))

    def voice(self) -> NDArray[np.float32]:
        waveform = read_waveform(self.store.path("statement"))
        assert waveform is not None
        return waveform.samples


@cache
def _film(path: Path) -> tuple[list[Picture], float]:
    import av

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return [frame.to_ndarray(format="rgb24") for frame in frames], float(container.streams.video[0].average_rate)


@dataclass(frozen=True)
class Face:
    """One square of a clip."""

    film: str
    """Name in ``speaking_media.toml``, or ``collins``/``hopper`` for a photograph."""
    crop: tuple[int, int, int]
    """Left, top and size of the square in the film, pixels."""
    way: Way = lambda t: t


@dataclass(frozen=True)
class Voice:
    """One stretch of sound and which face it belongs to."""

    source: str
    """``statement``, or a speaker of the conversation."""
    start: float
    """Seconds in the clip."""
    seconds: float
    offset: float = 0.0
    """Seconds in the source."""
    face: int | None = None
    """Index of the face that speaks; None for somebody who is not in the picture."""


@dataclass(frozen=True)
class Clip:
    name: str
    faces: tuple[Face, ...]
    voices: tuple[Voice, ...]
    seconds: float = 8.6

    @property
    def frames(self) -> int:
        return int(self.seconds * FPS)

    def pictures(self, media: Media) -> Iterator[Picture]:
        for frame in range(self.frames):
            yield np.hstack([_tile(face, frame / FPS, media) for face in self.faces])

    def sound(self, media: Media) -> NDArray[np.float32]:
        """Mono at 16 kHz with the faint noise of a room."""
        track = np.random.default_rng(7).normal(0, 0.001, int(self.seconds * SAMPLE_RATE)).astype(np.float32)
        for voice in self.voices:
            piece = _recording(voice, media)
            at = int(voice.start * SAMPLE_RATE)
            piece = piece[: len(track) - at]
            track[at : at + len(piece)] += piece
        return track

    def speaking(self, media: Media) -> NDArray[np.bool_]:
        """Truth: shape (frames, faces)."""
        truth = np.zeros((self.frames, len(self.faces)), bool)
        for voice in self.voices:
            if voice.face is None:
                continue
            for start, end in _speech(voice, media):
                truth[round(start * FPS) : round(end * FPS), voice.face] = True
        return truth


def _tile(face: Face, seconds: float, media: Media) -> Picture:
    import cv2

    if face.film in ("collins", "hopper"):
        picture = read_picture(ASTRONAUT if face.film == "collins" else ADMIRAL)[:, :, ::-1]
    else:
        frames, rate = media.film(face.film)
        picture = frames[min(max(int(face.way(seconds) * rate), 0), len(frames) - 1)]
    left, top, size = face.crop
    square = np.ascontiguousarray(picture[top : top + size, left : left + size])
    return np.asarray(cv2.resize(square, (TILE, TILE), interpolation=cv2.INTER_CUBIC), np.uint8)


def _recording(voice: Voice, media: Media) -> NDArray[np.float32]:
    first, count = int(voice.offset * SAMPLE_RATE), int(voice.seconds * SAMPLE_RATE)
    if voice.source == "statement":
        return media.voice()[first : first + count]
    waveform = read_waveform(locate(DIALOGUE))
    assert waveform is not None
    return waveform.samples[first : first + count]


def _speech(voice: Voice, media: Media) -> list[tuple[float, float]]:
    """When somebody really speaks, in seconds of the clip."""
    end = voice.offset + voice.seconds
    if voice.source == "statement":
        turns = _loud(media.voice())
    else:
        lines = locate(DIALOGUE_SPEAKERS).read_text().splitlines()
        turns = [(turn.start, turn.end) for turn in parse_rttm(lines) if turn.speaker == voice.source]
    shift = voice.start - voice.offset
    return [(max(a, voice.offset) + shift, min(b, end) + shift) for a, b in turns if b > voice.offset and a < end]


def _loud(samples: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Stretches of a clean recording that are louder than its pauses; pauses under 0.3 s are none."""
    step = SAMPLE_RATE // 50
    level = np.sqrt((samples[: len(samples) // step * step].reshape(-1, step) ** 2).mean(1))
    turns: list[tuple[float, float]] = []
    for index in np.flatnonzero(level > 0.008):
        start, end = index / 50, (index + 1) / 50
        if turns and start - turns[-1][1] < 0.3:
            turns[-1] = (turns[-1][0], end)
        else:
            turns.append((start, end))
    return [(start, end) for start, end in turns if end - start > 0.1]


def _held(at: float) -> Way:
    return lambda _: at


def _shifted(by: float, seconds: float = 8.6) -> Way:
    return lambda t: (t + by) % seconds


def _talks(start: float, end: float) -> Way:
    """The man in the car: quiet, then talking to and fro through his film from ``start`` to ``end``."""

    def way(t: float) -> float:
        if not start <= t < end:
            return 0.2
        return 3.9 - abs((t - start) % 5.9 - 2.95)

    return way


_SPEAKER = (135, 0, 125)
_NEIGHBOUR = (35, 20, 110)
_CAR = (16, 0, 144)
_WOMAN = (280, 0, 340)
_COLLINS = Face("collins", (125, 15, 200))
_HOPPER = Face("hopper", (90, 40, 350))
_STATEMENT = Face("statement", _SPEAKER)
_LISTENER = Face("statement", _NEIGHBOUR)
_MOVED = Face("listener", _WOMAN)


def _caller(start: float, face: int | None) -> Voice:
    """Six seconds in which only one of the conversation speaks."""
    return Voice("speaker91", start, 6.0, offset=21.8, face=face)


CLIPS = (
    Clip("speaker, listener", (_LISTENER, _STATEMENT), (Voice("statement", 0, 8.6, face=1),)),
    Clip("speaker, photograph", (_STATEMENT, _COLLINS), (Voice("statement", 0, 8.6, face=0),)),
    Clip("moved face, speaker", (_MOVED, _STATEMENT), (Voice("statement", 0, 8.6, face=1),)),
    Clip(
        "photograph, speaker, moved face",
        (_HOPPER, _STATEMENT, Face("listener", _WOMAN, lambda t: t + 9)),
        (Voice("statement", 0, 8.6, face=1),),
    ),
    Clip("dubbed speaker, listener", (Face("carphone", _CAR, _talks(1.2, 7.2)), _LISTENER), (_caller(1.2, 0),)),
    Clip(
        "two speak in turn",
        (Face("statement", _SPEAKER, lambda t: min(t, 8.4)), Face("carphone", _CAR, _talks(9.2, 15.2))),
        (Voice("statement", 0, 8.6, face=0), _caller(9.2, 1)),
        seconds=15.6,
    ),
    Clip(
        "two speak in turn, a third listens",
        (Face("carphone", _CAR, _talks(0.2, 6.2)), _MOVED, Face("statement", _SPEAKER, lambda t: t - 7)),
        (_caller(0.2, 0), Voice("statement", 7.0, 8.6, face=2)),
        seconds=15.6,
    ),
    Clip(
        "speaker, the same shifted",
        (_STATEMENT, Face("statement", _SPEAKER, lambda t: (t + 3.1) % 8.6)),
        (Voice("statement", 0, 8.6, face=0),),
    ),
    Clip("off-screen voice", (_MOVED, _LISTENER), (_caller(1.0, None),)),
    Clip("silent chewing", (Face("carphone", _CAR, _talks(0, 8.6)), _COLLINS), ()),
)
