"""Tracking JSON: every face and object of every frame, with identity and speaking evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.frames import SpeakingSources
from mediaflow_assets.formats.json_stream import read_head, read_typed_frames, write_frames

FRAMES_KEY = "frames"


class TrackedObject(msgspec.Struct, kw_only=True):
    """One face or object in one frame; the order of the fields is the order in the file."""

    id: str
    centroid_x: int
    centroid_y: int
    bbox_xmin: int
    bbox_xmax: int
    source: str
    """``face_landmarker`` for every face engine, ``object_detector`` for objects."""
    label: str
    confidence: float = 0.0
    blendshapes: dict[str, float] | None = None
    bbox_ymin: int
    bbox_ymax: int
    bbox_width: int
    bbox_height: int
    is_speaking: bool = False
    speaking_confidence: float = 0.0
    speaking_method: str = ""
    speaking_sources: SpeakingSources | msgspec.UnsetType = msgspec.UNSET
    landmarks: list[list[float]] | msgspec.UnsetType = msgspec.UNSET
    eos: dict[str, list[float]] | msgspec.UnsetType = msgspec.UNSET
    yaw: float | msgspec.UnsetType = msgspec.UNSET
    """Degrees the head is turned, positive towards the right of the picture; absent for things."""

    @property
    def active_speakers(self) -> tuple[str, ...]:
        """Labels of the voices that are heard while this face speaks."""
        sources = self.speaking_sources
        audio = sources.get("audio", {}) if isinstance(sources, dict) else {}
        return tuple(audio.get("active_speakers") or ())


class SpeakerAndFace(msgspec.Struct, frozen=True, kw_only=True):
    """A speaker and a face that were heard and seen together; a line of the document's ``metadata.speakers``."""

    speaker: str
    """Label; empty for speech whose speaker is not known."""
    id: str
    """Of the face."""
    confidence: float
    """0..1, that this face is the speaker."""
    frames: int = 0
    """Frames in which this face says what is heard."""


class TrackingMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of ``metadata``."""

    total_frames: int = 0
    speakers: tuple[SpeakerAndFace, ...] = ()


class TrackingFrame(msgspec.Struct, kw_only=True):
    """One frame, with its objects from left to right."""

    frame: int
    tracked_objects: list[TrackedObject]


def write_tracking(
    path: Path, metadata: Mapping[str, object], total_frames: int, frames: Iterable[TrackingFrame]
) -> None:
    """Stream a full tracking document to ``path``; refuses any other number of frames.

    ``metadata`` needs ``video_path`` and ``tracking_engine``; total_frames and fps are added.
    """
    head = {
        "metadata": {
            "video_path": metadata["video_path"],
            "total_frames": total_frames,
            "fps": float(FPS),
            **{name: value for name, value in metadata.items() if name != "video_path"},
        }
    }
    write_frames(path, head, FRAMES_KEY, frames, expected=total_frames)


def read_tracking_frames(path: Path) -> Iterator[TrackingFrame]:
    """Frames of a full tracking document, one by one.

    Raises:
        BadInput: the file is missing, truncated, or not a full tracking document.
    """
    return read_typed_frames(path, FRAMES_KEY, TrackingFrame)


def read_tracking_metadata(path: Path) -> TrackingMetadata:
    """What a full tracking document says of itself.

    Raises:
        BadInput: the file is missing, not JSON, or says something else.
    """
    try:
        return msgspec.convert(read_head(path, FRAMES_KEY).get("metadata", {}), TrackingMetadata)
    except msgspec.ValidationError as error:
        problem = f"is not a full tracking document ({error})"
        raise BadInput(path, problem, "Materialize tracking_json again") from error
