"""Who speaks: from voices and mouths to a decision per face and frame, by one of several modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.formats.frames import SegmentEvidence, SpeakingSources
from mediaflow_assets.formats.scenes_csv import Scene


@dataclass(frozen=True)
class SpeakingDecision:
    """One face or object in one frame."""

    is_speaking: bool
    confidence: float
    method: str
    sources: SpeakingSources


@dataclass(frozen=True)
class Voice:
    """What was heard in one frame."""

    is_speech: bool
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class VoiceAndFace:
    """A speaker and a face that were heard and seen together."""

    speaker: str
    """Empty for speech whose speaker is not known."""
    face: int
    confidence: float
    """Mean probability, over the frames with both, that this face is the speaker."""
    frames: int
    """Frames in which this face says what is heard."""


class SpeakingMode(Protocol):
    """Decides who speaks in one video. A mode is made for one video and then thrown away."""

    name: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    """Names in the model table that :meth:`load` needs."""

    def load(self) -> None:
        """Bring models into memory; raises Unavailable when one is missing."""
        ...

    def study(self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]) -> None:
        """Look at everything that was seen and heard, before the first decision.

        Args:
            video: the 25-fps master.
            tracks: all faces by id.
            voices: one item per frame of the video.
        """
        ...

    def decide(self, frame: int, number: int, detection: Detection, scene: SegmentEvidence) -> SpeakingDecision:
        """Whether an object speaks in a 0-based frame; ``scene`` is from :func:`scene_evidence`."""
        ...

    @property
    def table(self) -> tuple[VoiceAndFace, ...]:
        """Speakers and their faces, for modes that know; by speaker, the likeliest face first."""
        ...

    @property
    def voices(self) -> Sequence[Voice]:
        """What is heard in each frame: as it was given, or as the faces have put it right."""
        ...

    @property
    def sound_offset(self) -> int | None:
        """Milliseconds by which the sound comes after the picture, for modes that know; see :mod:`lip_sync`."""
        ...


def scene_evidence(scene_number: int, scene: Scene, frame: int) -> SegmentEvidence:
    """Where in its shot a 1-based frame lies; ``segment_duration`` is last - first, as it always was."""
    duration = scene.last - scene.first
    position = (frame - scene.first) / duration if duration > 0 else 0.0
    return {
        "segment_id": scene_number,
        "frame_position": position,
        "segment_duration": duration,
        "is_zero_duration": duration == 0,
    }
