"""Timeline JSON: scenes, speech, faces of one video and where they come from, in one document.

The keys are those of the replaced application's timelines, with intervals of each speaker and face
beside them. Seconds are those of the 25-fps video; frames count from 1 and both ends are included.

The order of the fields is that in the file, and a field that is ``UNSET`` is not in it. Every field has a
default, so that timelines of earlier versions and of the replaced application, which lack some, are read.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from mediaflow_assets.formats.people_json import People
from mediaflow_assets.formats.transitions_json import Transition

Span = tuple[int, int]
"""First and last frame."""
Provenance = Literal["project", "archives"]
"""Where a document was read: in the project's work folder, or in the analysis store."""


class VideoFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the 25-fps video; what is not known is not in the document."""

    duration_seconds: float | UnsetType | None = UNSET
    total_frames: int = 0
    fps: float = 0
    path: str = ""
    """In the received archive."""
    sha256: str = ""
    """Of the received file."""
    width: int = 0
    """Pixels, as is the height; 0 where there is no 25-fps video any more."""
    height: int = 0
    has_audio: bool | None = None
    master_sha256: str = ""


class MadeBy(msgspec.Struct, frozen=True, kw_only=True):
    """How a section's document was made."""

    stage: str = ""
    code_version: str = ""
    engine: str = ""
    models: dict[str, str] = {}
    """Name to sha256."""
    parameters: dict[str, object] = {}
    device: str | None = None
    seconds: float = 0


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What all sections begin with: whether there is such an analysis, and where it comes from."""

    available: bool = False
    source_path: str | UnsetType = UNSET
    provenance: Provenance | UnsetType = UNSET
    archive_created_at: str | UnsetType | None = UNSET
    """ISO 8601, UTC."""
    made_by: MadeBy | UnsetType = UNSET
    """Unset for documents of the replaced application."""


class TimelineScene(msgspec.Struct, frozen=True, kw_only=True):
    """One shot."""

    scene_number: int = 0
    start_frame: int = 0
    end_frame: int = 0
    start_timecode: str = ""
    end_timecode: str = ""
    """Of the start of the last frame."""
    start_time_seconds: float = 0
    end_time_seconds: float = 0
    """Of the end of the last frame."""


class SceneSection(Section, frozen=True, kw_only=True):
    """Shots, and what joins them."""

    count: int = 0
    scenes: tuple[TimelineScene, ...] = ()
    transitions: tuple[Transition, ...] | UnsetType = UNSET


class SpeechSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A run of frames with speech."""

    start_frame: int = 0
    end_frame: int = 0
    start_time: float = 0
    end_time: float = 0
    """Seconds, of the end of the last frame."""
    speakers: tuple[str, ...] = ()
    """Labels of everybody heard in it, sorted."""
    speaker_count: int = 0


class TimelineSpeaker(msgspec.Struct, frozen=True, kw_only=True):
    """When one speaker is heard."""

    label: str
    seconds: float
    intervals: tuple[Span, ...]


class AudioSection(Section, frozen=True, kw_only=True):
    """Speech."""

    fps: float | UnsetType = UNSET
    total_frames: int | UnsetType = UNSET
    segments: tuple[SpeechSegment, ...] = ()
    segment_count: int = 0
    unique_speakers: tuple[str, ...] = ()
    speaker_count: int = 0
    speakers: tuple[TimelineSpeaker, ...] = ()


class TrackingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the faces; empty where nobody looked for any."""

    frames_with_faces: int | UnsetType = UNSET
    frames_with_speaking: int | UnsetType = UNSET
    max_faces_detected: int | UnsetType = UNSET
    """In one frame."""
    face_coverage_percent: float | UnsetType = UNSET


class TimelineTrack(msgspec.Struct, frozen=True, kw_only=True):
    """When one face or thing is seen, and when it speaks."""

    id: str
    label: str
    """``face``, or what the thing is."""
    frames: int
    intervals: tuple[Span, ...]
    speaking: tuple[Span, ...]


class TrackingSection(Section, frozen=True, kw_only=True):
    """Faces and things."""

    fps: float | UnsetType = UNSET
    total_frames: int | UnsetType = UNSET
    summary: TrackingSummary = TrackingSummary()
    tracks: tuple[TimelineTrack, ...] = ()


class ProbeSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document was, and since when."""

    provenance: Provenance
    created_at: str
    """ISO 8601, UTC."""


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """``<video>_timeline.json``."""

    project_name: str = ""
    """Human name."""
    video_name: str = ""
    metadata: VideoFacts = VideoFacts()
    scenes: SceneSection = SceneSection()
    audio: AudioSection = AudioSection()
    tracking: TrackingSection = TrackingSection()
    people: People | UnsetType = UNSET
    """Of videos that people corrected."""
    archive_probe_source: dict[str, ProbeSource] = {}
    """Kind of document to where it was."""
    timestamp: str = ""
    """When the timeline was made, ISO 8601 UTC."""
