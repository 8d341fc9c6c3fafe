"""Mode ``fused``: the replaced application's weighted sum of voice and jaw, per face.

Every visible face gets the whole audio evidence, so it cannot tell who of several speaks; it is
kept for comparison. Weights and thresholds are those of the golden cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from mediaflow_assets.faces.detection import FACE, OBJECT, Detection
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import SpeakingDecision, Voice, VoiceAndFace
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.formats.frames import SegmentEvidence, SpeakingSources
from mediaflow_assets.modelstore import ModelStore

AUDIO_WEIGHT, VISUAL_WEIGHT, SPEAKING_ABOVE = 0.6, 0.4, 0.3
_MOUTH_SHAPES = ("mouthOpen", "mouthShrugUpper", "mouthShrugLower")


class Fused:
    """The formula on each face of each frame by itself."""

    name: ClassVar[str] = "fused"
    models: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: FaceSettings, store: ModelStore) -> None:
        self._jaw_threshold = settings.jaw_threshold
        self._voices: Sequence[Voice] = ()

    def load(self) -> None:
        """There is nothing to load."""

    def study(self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]) -> None:
        self._voices = voices

    def decide(self, frame: int, number: int, detection: Detection, scene: SegmentEvidence) -> SpeakingDecision:
        shapes = None if detection.blendshapes is msgspec.UNSET else detection.blendshapes
        return decide(self._voices[frame], scene, shapes, detection.source, self._jaw_threshold)

    @property
    def table(self) -> tuple[VoiceAndFace, ...]:
        return ()

    @property
    def voices(self) -> Sequence[Voice]:
        return self._voices

    @property
    def sound_offset(self) -> int | None:
        return None


def decide(
    voice: Voice | None,
    scene: SegmentEvidence | None,
    blendshapes: Mapping[str, float] | None,
    source: str,
    jaw_threshold: float,
) -> SpeakingDecision:
    """Decision for one object.

    Args:
        voice: what is heard in this frame; None when there is no audio document for it.
        scene: evidence from :func:`scene_evidence`, or None.
        blendshapes: all coefficients of the face, before any export filter.
        source: ``face_landmarker`` or ``object_detector``.
        jaw_threshold: jawOpen above it is an open mouth.
    """
    sources: SpeakingSources = {}
    audio = visual = 0.0
    if voice is not None:
        audio = min(0.8 + 0.1 * len(voice.speakers), 1.0) if voice.is_speech else 0.0
        sources["audio"] = {
            "is_speech_present": voice.is_speech,
            "num_speakers": len(voice.speakers),
            "active_speakers": list(voice.speakers),
            "confidence": audio,
        }
    if source == FACE and blendshapes and "jawOpen" in blendshapes:
        jaw = blendshapes["jawOpen"]
        activity = sum(blendshapes.get(name, 0.0) for name in _MOUTH_SHAPES) / len(_MOUTH_SHAPES)
        if jaw > jaw_threshold:
            visual = min(min(jaw / jaw_threshold * 0.7, 1.0) + 0.2 * activity, 1.0)
        sources["visual"] = {
            "jaw_open": jaw,
            "jaw_threshold": jaw_threshold,
            "mouth_activity": activity,
            "confidence": visual,
        }
    if scene is not None:
        sources["segment"] = scene
    confidence = AUDIO_WEIGHT * audio + VISUAL_WEIGHT * visual
    return SpeakingDecision(confidence > SPEAKING_ABOVE, confidence, _method(audio, visual, source), sources)


def decide_by_jaw(blendshapes: Mapping[str, float] | None, jaw_threshold: float) -> SpeakingDecision:
    """Decision for one face when there is no evidence beside its own mouth."""
    if not blendshapes:
        return SpeakingDecision(False, 0.0, "no_blendshapes", {})
    jaw = blendshapes.get("jawOpen", 0.0)
    return SpeakingDecision(jaw > jaw_threshold, min(jaw / jaw_threshold, 1.0), "jaw_threshold_fallback", {})


def _method(audio: float, visual: float, source: str) -> str:
    if audio > visual:
        return "audio_primary"
    if visual > 0:
        return "visual_primary"
    return "object_detection_fallback" if source == OBJECT else "no_detection"
