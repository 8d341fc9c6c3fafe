"""Audio JSON: who speaks in every frame, and the speech segments behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS, frame_start
from mediaflow_assets.formats.json_stream import read_head, read_typed_frames, write_frames

FRAMES_KEY = "frames_analysis"
_ONLY_WHEN_KNOWN = frozenset({"words", "voices", "speaker_map", "notes"})
"""Keys that a document without them does not have."""


class Segment(msgspec.Struct, frozen=True):
    """One speaker talks during ``[start, end)`` seconds of the 25-fps video."""

    start: float
    end: float
    speaker: str
    """Empty for speech of somebody unknown."""


class Word(msgspec.Struct, frozen=True):
    """A spoken word with its time in seconds, from engines that transcribe."""

    start: float
    end: float
    text: str
    speaker: str | None = None


class AudioHead(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the document but its frames; the order of the fields is the order in the file."""

    video_filename: str
    total_frames: int
    fps: float = float(FPS)
    has_audio: bool = True
    engine: str = ""
    """Name of the engine; empty in documents of the legacy application."""
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    """What was said, when the engine transcribes."""
    voices: dict[str, tuple[float, ...]] = {}
    """Label to the direction of the voice (unit vector, 4 decimals), when the engine gives one."""
    speaker_map: dict[str, str] = {}
    """Label in this document to the label that this video alone would have, when they are project-wide."""
    notes: tuple[str, ...] = ()
    """What a reader must know: an engine that was replaced by another, doubtful speakers."""


class AudioInfo(msgspec.Struct, frozen=True):
    """Speech in one frame; the order of the fields is the order in the file."""

    is_speech_present: bool
    num_distinct_speakers_audio: int
    active_speaker_labels: tuple[str, ...]
    """Sorted, without repetition. Speech of an unknown speaker has no label."""
    timecode_sec: float
    """Start of the frame in seconds, exact to the millisecond."""


class AudioFrame(msgspec.Struct, frozen=True):
    """One frame of the 25-fps video, counted from 1."""

    frame: int
    audio_info: AudioInfo


def write_audio(path: Path, head: AudioHead, labels: Iterable[Collection[str]]) -> None:
    """Stream a full audio document to ``path``, whole or not at all.

    Args:
        path: the file to make.
        head: everything but the frames.
        labels: the speakers of frame 1, 2 … ``head.total_frames``; "" is somebody unknown.

    Raises:
        BadInput: ``labels`` has fewer or more items than there are frames.
    """
    frames = (_frame(number, speakers) for number, speakers in enumerate(labels, start=1))
    fields = {
        name: value for name, value in msgspec.structs.asdict(head).items() if value or name not in _ONLY_WHEN_KNOWN
    }
    write_frames(path, fields, FRAMES_KEY, frames, head.total_frames)


def _frame(number: int, speakers: Collection[str]) -> AudioFrame:
    # "" is somebody unknown: speech without a label.
    labels = tuple(sorted(set(speakers) - {""}))
    return AudioFrame(number, AudioInfo(bool(speakers), len(labels), labels, frame_start(number)))


def read_audio_head(path: Path) -> AudioHead:
    """Everything of a full audio document but its frames; legacy documents are accepted.

    Raises:
        BadInput: the file is missing, not JSON, or not a full audio document.
    """
    try:
        return msgspec.convert(read_head(path, FRAMES_KEY), AudioHead)
    except msgspec.ValidationError as error:
        raise _not_an_audio_document(path, error) from error


def read_audio_frames(path: Path) -> Iterator[AudioFrame]:
    """Frames of a full audio document, one by one.

    Raises:
        BadInput: the file is missing, not JSON, truncated, or not a full audio document.
    """
    return read_typed_frames(path, FRAMES_KEY, AudioFrame)


def _not_an_audio_document(path: Path, error: Exception) -> BadInput:
    return BadInput(path, f"is not a full audio document ({error})", "Materialize audio_json again")
