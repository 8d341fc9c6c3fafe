"""Who speaks: from voices and mouths to a decision per face and frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediaflow_assets.formats.scenes_csv import Scene


@dataclass(frozen=True)
class Decision:
    """One face or object in one frame."""

    is_speaking: bool
    confidence: float
    method: str
    sources: Mapping[str, Any]


@dataclass(frozen=True)
class Voice:
    """What was heard in one frame."""

    is_speech: bool
    speakers: tuple[str, ...]


def scene_evidence(scene_number: int, scene: Scene, frame: int) -> dict[str, Any]:
    """Where in its shot a frame lies; ``segment_duration`` is last - first, as it always was."""
    duration = scene.last - scene.first
    position = (frame - scene.first) / duration if duration > 0 else 0.0
    return {
        "segment_id": scene_number,
        "frame_position": position,
        "segment_duration": duration,
        "is_zero_duration": duration == 0,
    }
