"""Mode ``associated``: each voice is given to the visible face whose mouth goes with it, or to none.

The evidence of each face is that of :mod:`lip_motion`; which face is which speaker is found over the
whole video by :mod:`assignment`. A face that is visible while somebody else speaks is not speaking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import FACE, Detection
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import SpeakingDecision, Voice, VoiceAndFace, lip_motion
from mediaflow_assets.faces.speaking.assignment import Assignment, FaceEvidence, assign
from mediaflow_assets.faces.speaking.contest import contest_evidence
from mediaflow_assets.faces.speaking.lip_sync import sound_offset
from mediaflow_assets.faces.speaking.regrouping import regrouped
from mediaflow_assets.faces.speaking.soundtrack import UNKNOWN_SPEAKER, Soundtrack, read_soundtrack
from mediaflow_assets.faces.speaking.synchrony import sync_evidence, synchrony
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.formats.frames import AudioEvidence, SegmentEvidence, SpeakingSources, VisualEvidence
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.voiceprint import MODEL as VOICE_MODEL
from mediaflow_assets.speech.voiceprint import Voiceprint

MAY_SPEAK = -1.0
"""Evidence of motion from which on a mouth may be speaking: there it is compared with the sound and with others."""


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
        self._offset: int | None = None

    def load(self) -> None:
        """There is nothing to load."""

    def evidence(self, video: Path, tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> dict[int, FaceEvidence]:
        """Log-likelihood ratios of speaking, for every face."""
        raise NotImplementedError

    def study(self, video: Path, tracks: Mapping[int, FaceTrack], voices: Sequence[Voice]) -> None:
        self._voices, self._tracks = voices, tracks
        sound = read_soundtrack(video, voices)
        self._evidence = self.evidence(video, tracks, sound)
        self._assignment = assign(self._evidence, sound.frames_of_speakers())
        if uses_faces(self._settings, self._store):
            self._put_right(tracks, sound)
        speaking = {number: chance > 0.5 for number, chance in self._assignment.probability.items()}
        self._offset = sound_offset(tracks, speaking, sound.samples)

    def _put_right(self, tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> None:
        """What is heard, by the faces that say it; and then who says what, by that."""
        voiceprint = Voiceprint(self._store)

        def embed(first: int, stop: int) -> NDArray[np.float32] | None:
            return voiceprint.of_frames(sound.samples, first, stop)

        voices = regrouped(self._voices, tracks, self._evidence, self._assignment, sound.silent, embed)
        if voices != list(self._voices):
            self._voices = voices
            self._assignment = assign(self._evidence, replace(sound, voices=voices).frames_of_speakers())

    @property
    def voices(self) -> Sequence[Voice]:
        return self._voices

    @property
    def table(self) -> tuple[VoiceAndFace, ...]:
        return self._assignment.table

    @property
    def sound_offset(self) -> int | None:
        return self._offset

    def decide(self, frame: int, number: int, detection: Detection, scene: SegmentEvidence) -> SpeakingDecision:
        voice = self._voices[frame]
        visual: VisualEvidence | None = None
        probability = 0.0
        speakers: tuple[str, ...] = ()
        if detection.source == FACE and number in self._evidence:
            row = int(np.searchsorted(self._evidence[number].frames, frame))
            probability = round(float(self._assignment.probability[number][row]), 6)
            speakers = self._assignment.speakers[number].get(frame, ())
            evidence = float(self._evidence[number].evidence[row])
            visual = self._visual(detection, number, row, 1 / (1 + np.exp(-evidence)))
        named = [speaker for speaker in speakers if speaker != UNKNOWN_SPEAKER]
        audio: AudioEvidence = {
            "is_speech_present": voice.is_speech,
            "num_speakers": len(voice.speakers),
            "active_speakers": named,
            "confidence": probability,
        }
        sources: SpeakingSources = {"audio": audio}
        if visual is not None:
            sources["visual"] = visual
        sources["segment"] = scene
        return SpeakingDecision(bool(speakers), probability, self.name, sources)

    def _visual(self, detection: Detection, number: int, row: int, confidence: float) -> VisualEvidence | None:
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


def uses_faces(settings: FaceSettings, store: ModelStore) -> bool:
    """Whether faces put voices right by the settings; with ``on`` whatever is missing, which then is an error."""
    if settings.use_faces == "auto":
        return store.status(VOICE_MODEL).usable
    return settings.use_faces == "on"


def mouth_evidence(tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> dict[int, FaceEvidence]:
    """Log-likelihood ratios of speaking for every face.

    From its mouth's motion, from its going with the sound, and from how it does so beside other mouths that move.
    """
    resting = lip_motion.at_rest(sound.silent)
    moved = {number: lip_motion.mouth_motion_evidence(track, resting[track.frames]) for number, track in tracks.items()}
    moving = {number: values > MAY_SPEAK for number, values in moved.items()}
    together = synchrony(tracks, moving, sound)
    beside = contest_evidence(tracks, moving, together)
    return {
        number: FaceEvidence(track.frames, moved[number] + sync_evidence(together[number]) + beside[number])
        for number, track in tracks.items()
    }


class Associated(AssignedSpeakers):
    """Evidence of :func:`mouth_evidence`."""

    name: ClassVar[str] = "associated"

    def __init__(self, settings: FaceSettings, store: ModelStore) -> None:
        super().__init__(settings, store)
        self._motion: dict[int, NDArray[np.float64]] = {}

    def evidence(self, video: Path, tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> dict[int, FaceEvidence]:
        self._motion = {number: lip_motion.motion(track.frames, track.jaw) for number, track in tracks.items()}
        return mouth_evidence(tracks, sound)

    def activity(self, number: int, row: int) -> float:
        """Mean change of jawOpen per frame around this frame."""
        return float(np.nan_to_num(self._motion[number][row]))
