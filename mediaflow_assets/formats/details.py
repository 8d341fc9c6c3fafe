"""What each stage notes about a video beside its document, typed for reading (``Record.details_as``).

The details of a record are also the row of a table in Dagster, which has more columns than anybody
reads back; only those are here. Records of earlier versions lack some: these have defaults.
"""

from __future__ import annotations

import msgspec

from mediaflow_assets.formats.transitions_json import Transition


class VideoDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``video_25fps``."""

    total_frames: int
    """At 25 frames per second."""
    width: int
    height: int
    """Pixels, as shown."""
    has_audio: bool
    missing_seconds: float = 0.0
    """That could not be decoded; the last good frame stands still there."""


class SceneDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``scenes_csv``."""

    scenes: int
    transitions: tuple[Transition, ...] = ()


class AudioDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``audio_json``."""

    speakers: int = 0
    notes: tuple[str, ...] = ()
    """What the engine says about its result, sentences."""


class SeenFace(msgspec.Struct, frozen=True, kw_only=True):
    """One of the faces that are seen longest."""

    id: str
    frames: int
    first: int
    last: int
    """Frames count from 1."""
    speaking_share: float
    """Of its frames, 0..1."""
    best_frame: int
    """In which it is largest."""
    best_box: tuple[int, int, int, int]
    """There: left, top, width, height, in pixels."""


class TrackingDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``tracking_json``."""

    frames_with_face: int = 0
    most_faces: int = 0
    """In one frame."""
    frames_over_faces_max: int = 0
    """Frames that show more faces than ``FACES_MAX``."""
    sound_offset_ms: int | None = None
    """Milliseconds by which the sound comes after the picture; None where nobody speaks for long enough."""


class FaceDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``tracking_json``, what its picture shows."""

    faces: tuple[SeenFace, ...] = ()


class ReducedDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``reduced_json``."""

    full_bytes: int = 0
    reduced_bytes: int = 0


class TranscriptDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``transcript_json``."""

    language: str = ""
    language_probability: float = 1.0
    """0..1, of the speaker whose language is the least sure."""
    other_language: float = 0.0
    """Share of the speech that seems to be in another language than the one that was set, 0..1."""
    words: int = 0
    words_per_second: float | None = None
    """Of speech."""
    speech_seconds: float = 0.0
    median_probability: float | None = None
    """Of the words, 0..1; None without words, or where the engine gives none."""
    repeated: int = 0
    """How often the same three words come in a row."""
