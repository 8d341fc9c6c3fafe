"""Frames of audio and tracking documents of any age, as they were written.

Full documents and reduced ones, ours and those of the replaced application have different keys: none of these is
in all of them. Whoever needs full documents only reads :mod:`audio_json` and :mod:`tracking_json`, which are checked.
"""

from __future__ import annotations

from typing import TypedDict


class AudioEvidence(TypedDict, total=False):
    """What is heard while a face or thing is seen."""

    is_speech_present: bool
    num_speakers: int
    active_speakers: list[str]
    """Labels."""
    confidence: float


class VisualEvidence(TypedDict, total=False):
    """What the mouth of a face does."""

    jaw_open: float
    jaw_threshold: float
    mouth_activity: float
    confidence: float


class SegmentEvidence(TypedDict, total=False):
    """Where in its scene a frame is."""

    segment_id: int
    frame_position: float
    segment_duration: int
    is_zero_duration: bool


class SpeakingSources(TypedDict, total=False):
    """What speaks for an object's speaking, and against it; the order of the keys is that in the file."""

    audio: AudioEvidence
    visual: VisualEvidence
    segment: SegmentEvidence


class FrameObject(TypedDict, total=False):
    """One face or thing."""

    id: str
    centroid_x: int
    centroid_y: int
    bbox_xmin: int
    bbox_xmax: int
    bbox_ymin: int
    bbox_ymax: int
    bbox_width: int
    bbox_height: int
    source: str
    label: str
    confidence: float | None
    is_speaking: bool
    speaking_sources: SpeakingSources
    active_speakers: list[str] | None
    """Of reduced documents."""


class FrameSpeech(TypedDict, total=False):
    """Who is heard."""

    is_speech_present: bool
    num_distinct_speakers_audio: int
    active_speaker_labels: list[str] | None
    timecode_sec: float


class Frame(TypedDict, total=False):
    """One frame, of either kind of document."""

    frame: int
    audio_info: FrameSpeech | None
    tracked_objects: list[FrameObject] | None
    faces_data: list[object] | None
    """The replaced application once listed faces apart."""
