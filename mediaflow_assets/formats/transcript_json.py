"""Transcript JSON: what was said and when; who said it is joined on reading."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.manifest import read_document, write_document


class TranscriptWord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One whole word ("c'est" is one), in seconds of the 25-fps video."""

    start: float
    end: float
    text: str
    probability: float | None = None
    """Of its least sure piece, 0..1; None when the engine does not say."""
    speaker: str | None = None
    """Filled in for readers and in the delivered document, never by the stage."""
    person: str | None = None
    face: str | None = None
    """Id of the object whose mouth says it, where one is seen."""


class LanguageSpan(msgspec.Struct, frozen=True):
    """Which language was listened for in ``[start, end)`` seconds."""

    start: float
    end: float
    language: str
    """ISO 639-1."""
    probability: float
    why: Literal["set", "speaker"]
    """The setting said so, or the speaker's longest turns were listened to."""


class Dropped(msgspec.Struct, frozen=True):
    """Pieces of text that the network made and that were not believed."""

    no_speech: int = 0
    repetition: int = 0


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document; the order of the fields is the order in the file."""

    video_filename: str
    total_frames: int
    fps: float = float(FPS)
    engine: str
    model: str
    model_sha256: str
    language: str
    """The setting: a code, or ``auto``; empty when the engine does not go by it."""
    languages: tuple[LanguageSpan, ...]
    windows: tuple[tuple[float, float], ...]
    """Stretches of sound that were listened to, seconds."""
    words: tuple[TranscriptWord, ...]
    dropped: Dropped = Dropped()
    notes: tuple[str, ...] = ()


def write_transcript(path: Path, document: Transcript) -> Path:
    """Write the document whole."""
    return write_document(path, document)


def read_transcript(path: Path) -> Transcript:
    """Read the document.

    Raises:
        BadInput: missing, or not such a document.
    """
    return read_document(path, Transcript)
