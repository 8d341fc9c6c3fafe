"""One analysed video and its documents, full or reduced, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from mediaflow_assets.core.timebase import FPS, frame_start
from mediaflow_assets.delivery.documents import frames_key
from mediaflow_assets.formats.audio_json import Segment, Word
from mediaflow_assets.formats.heard import heard_turns, labels_of_turns
from mediaflow_assets.formats.json_stream import read_head, read_typed_frames
from mediaflow_assets.formats.manifest import read_document
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes

Kind = Literal["scenes", "audio", "tracking", "transcript", "people"]


class _Voices(msgspec.Struct, frozen=True):
    active_speakers: tuple[str, ...] = ()


class _Sources(msgspec.Struct, frozen=True):
    audio: _Voices | None = None


class SeenObject(msgspec.Struct, frozen=True, kw_only=True):
    """A face or thing in one frame; what a reduced document does not have is None."""

    id: str
    label: str = ""
    source: str = ""
    centroid_x: float | None = None
    centroid_y: float | None = None
    bbox_xmin: float | None = None
    bbox_ymin: float | None = None
    bbox_width: float | None = None
    bbox_height: float | None = None
    confidence: float | None = None
    is_speaking: bool | None = None
    active_speakers: tuple[str, ...] | None = None
    speaking_sources: _Sources | None = None

    @property
    def speakers(self) -> tuple[str, ...]:
        """Labels of the voices of this face, in either kind of document."""
        if self.active_speakers is not None:
            return self.active_speakers
        audio = self.speaking_sources.audio if self.speaking_sources else None
        return audio.active_speakers if audio else ()

    @property
    def speaks(self) -> bool:
        """Whether this face speaks; reduced documents say it by naming its voice."""
        return bool(self.speakers) if self.is_speaking is None else self.is_speaking


class SeenFrame(msgspec.Struct, frozen=True):
    """What is seen in one frame, counted from 1."""

    frame: int
    tracked_objects: tuple[SeenObject, ...] = ()


class _Heard(msgspec.Struct, frozen=True):
    is_speech_present: bool = False
    active_speaker_labels: tuple[str, ...] = ()


class HeardFrame(msgspec.Struct, frozen=True):
    """Who is heard in one frame, counted from 1."""

    frame: int
    audio_info: _Heard = _Heard()


class _SpeechHead(msgspec.Struct, frozen=True):
    segments: tuple[Segment, ...] | None = None
    words: tuple[Word, ...] = ()


class SpokenWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word with its time in seconds; who says it, where that is known."""

    start: float
    end: float
    text: str
    probability: float | None = None
    speaker: str | None = None
    person: str | None = None
    face: str | None = None


class _Transcript(msgspec.Struct, frozen=True):
    words: tuple[SpokenWord, ...] = ()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom people named or joined."""

    id: str
    name: str | None = None
    faces: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    frames_seen: int | None = None
    frames_speaking: int | None = None


class _People(msgspec.Struct, frozen=True):
    people: tuple[Person, ...] = ()


Document = TypeVar("Document", _Transcript, _People)


@dataclass(frozen=True)
class AnalysedVideo:
    """A video; nothing is read before it is asked for.

    All of its methods raise :class:`~mediaflow_assets.core.errors.BadInput` for a damaged document and give nothing
    for one that is not there.
    """

    project: str
    name: str
    """Path in the archive without its suffix: unique in a project."""
    documents: Mapping[Kind, Path] = field(default_factory=dict)

    def scenes(self) -> list[Scene]:
        """Shots, in order."""
        return read_scenes(self.documents["scenes"]) if "scenes" in self.documents else []

    def tracking(self) -> Iterator[SeenFrame]:
        """Faces and things, frame by frame."""
        path = self.documents.get("tracking")
        return iter(()) if path is None else read_typed_frames(path, frames_key(path), SeenFrame)

    def audio(self) -> Iterator[HeardFrame]:
        """Who is heard, frame by frame; as the faces say, where they have put voices right."""
        path, turns = self.documents.get("audio"), heard_turns(self.documents.get("tracking"))
        frames = iter(()) if path is None else read_typed_frames(path, frames_key(path), HeardFrame)
        if turns is None:
            yield from frames
            return
        labels = labels_of_turns(turns, max((turn.last for turn in turns), default=0))
        for frame in frames:
            heard = labels[frame.frame - 1] if frame.frame <= len(labels) else ()
            yield HeardFrame(frame.frame, _Heard(frame.audio_info.is_speech_present, heard))

    def segments(self) -> tuple[Segment, ...] | None:
        """Who speaks when, to the millisecond; None where only a reduced document is there."""
        turns = heard_turns(self.documents.get("tracking"))
        if turns is not None:
            return tuple(Segment(frame_start(turn.first), turn.last / FPS, turn.speaker) for turn in turns)
        return self._speech_head().segments

    def words(self) -> tuple[SpokenWord, ...]:
        """What is said: of the transcript, else of an engine that transcribes while it listens."""
        if "transcript" in self.documents:
            return self._small("transcript", _Transcript).words
        return tuple(
            SpokenWord(start=word.start, end=word.end, text=word.text, speaker=word.speaker)
            for word in self._speech_head().words
        )

    def people(self) -> tuple[Person, ...]:
        """Who was named."""
        return self._small("people", _People).people if "people" in self.documents else ()

    def _speech_head(self) -> _SpeechHead:
        path = self.documents.get("audio")
        return _SpeechHead() if path is None else msgspec.convert(read_head(path, frames_key(path)), _SpeechHead)

    def _small(self, kind: Kind, type_: type[Document]) -> Document:
        return read_document(self.documents[kind], type_)
