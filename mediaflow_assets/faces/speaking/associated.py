"""Mode ``associated``: each voice is given to the visible face whose mouth goes with it, or to none.

The evidence of each face is that of :mod:`mouth`; which face is which speaker is found over the
whole video by :mod:`assignment`. A face that is visible while somebody else speaks is not speaking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.detection import FACE, Detection
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Decision, Pair, Voice, mouth
from mediaflow_assets.faces.speaking.assignment import Assignment, FaceEvidence, assign
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

UNKNOWN_SPEAKER = ""
"""Stands for speech that no speaker label goes with."""


class AssignedSpeakers:
    """What the modes have in common that give voices to faces; they differ in the faces' evidence."""

    name: ClassVar[str]
    models: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: FaceSettings, store: ModelStore) -> None:
        self._settings = settings
        self._store = store
        self._voices: Sequence[Voice] = ()
        self._tracks: Mapping[int, FaceTrack] = {}
        self._evidence: dict[int, FaceEvidence] = {}
        self._assignment = Assignment({}, {}, ())

    def load(self) -> None:
        """There is nothing to load."""

    def evidence(
        self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]
    ) -> dict[int, FaceEvidence]:
        """Log-likelihood ratios of speaking, for every face."""
        raise NotImplementedError

    def study(self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]) -> None:
        self._voices, self._tracks = voices, tracks
        self._evidence = self.evidence(video, tracks, voices)
        self._assignment = assign(self._evidence, [_labels(voice) for voice in voices])

    @property
    def table(self) -> tuple[Pair, ...]:
        return self._assignment.table

    def decide(self, frame: int, number: int, detection: Detection, scene: Mapping[str, Any]) -> Decision:
        voice = self._voices[frame]
        sources: dict[str, Any] = {}
        probability = 0.0
        speakers: tuple[str, ...] = ()
        if detection.source == FACE and number in self._evidence:
            row = int(np.searchsorted(self._evidence[number].frames, frame))
            probability = round(float(self._assignment.probability[number][row]), 3)
            speakers = self._assignment.speakers[number].get(frame, ())
            evidence = float(self._evidence[number].evidence[row])
            visual = self._visual(detection, number, row, 1 / (1 + np.exp(-evidence)))
            if visual:
                sources["visual"] = visual
        named = [speaker for speaker in speakers if speaker != UNKNOWN_SPEAKER]
        audio = {
            "is_speech_present": voice.is_speech,
            "num_speakers": len(voice.speakers),
            "active_speakers": named,
            "confidence": probability,
        }
        sources = {"audio": audio, **sources, "segment": dict(scene)}
        return Decision(bool(speakers), probability, self.name, sources)

    def _visual(self, detection: Detection, number: int, row: int, confidence: float) -> dict[str, Any] | None:
        shapes = detection.blendshapes
        if not isinstance(shapes, dict) or "jawOpen" not in shapes:
            return None
        return {
            "jaw_open": shapes["jawOpen"],
            "jaw_threshold": self._settings.jaw_threshold,
            "mouth_activity": round(self.activity(number, row), 4),
            "confidence": round(float(confidence), 3),
        }

    def activity(self, number: int, row: int) -> float:
        """How much the mouth moves; by default as far as the track tells."""
        return 0.0


class Associated(AssignedSpeakers):
    """Evidence of the mouth's motion and of its going with the sound."""

    name: ClassVar[str] = "associated"

    def __init__(self, settings: FaceSettings, store: ModelStore) -> None:
        super().__init__(settings, store)
        self._motion: dict[int, NDArray[np.float64]] = {}

    def evidence(
        self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]
    ) -> dict[int, FaceEvidence]:
        waveform = read_waveform(video)
        samples = None if waveform is None else waveform.samples
        loudness = mouth.loudness_of(samples, SAMPLE_RATE, len(voices), FPS)
        idle = np.array([not voice.is_speech for voice in voices], bool)
        found = {}
        for number, track in tracks.items():
            moved = self._motion[number] = mouth.motion(track.frames, track.jaw)
            ratio = mouth.motion_evidence(moved, idle[track.frames])
            ratio += mouth.sync_evidence(track.frames, track.jaw, loudness)
            found[number] = FaceEvidence(track.frames, ratio)
        return found

    def activity(self, number: int, row: int) -> float:
        """Mean change of jawOpen per frame around this frame."""
        return float(np.nan_to_num(self._motion[number][row]))


def _labels(voice: Voice) -> tuple[str, ...]:
    if voice.is_speech and not voice.speakers:
        return (UNKNOWN_SPEAKER,)
    return voice.speakers if voice.is_speech else ()
