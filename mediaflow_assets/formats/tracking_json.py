"""Tracking JSON: every face and object of every frame, with identity and speaking evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mediaflow_assets.core.timebase import FPS
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
    speaking_sources: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    landmarks: list[Any] | msgspec.UnsetType = msgspec.UNSET
    eos: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    yaw: float | msgspec.UnsetType = msgspec.UNSET
    """Degrees the head is turned, positive towards the right of the picture; absent for things."""

    @property
    def active_speakers(self) -> tuple[str, ...]:
        """Labels of the voices that are heard while this face speaks."""
        sources = self.speaking_sources
        audio = sources.get("audio") if isinstance(sources, dict) else None
        return tuple(audio.get("active_speakers") or ()) if isinstance(audio, dict) else ()


class TrackingFrame(msgspec.Struct, kw_only=True):
    """One frame, with its objects from left to right."""

    frame: int
    tracked_objects: list[TrackedObject]


def write_tracking(path: Path, metadata: Mapping[str, Any], total_frames: int, frames: Iterable[TrackingFrame]) -> None:
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


def read_tracking_metadata(path: Path) -> dict[str, Any]:
    """The ``metadata`` object of a full tracking document."""
    metadata: dict[str, Any] = read_head(path, FRAMES_KEY).get("metadata", {})
    return metadata
