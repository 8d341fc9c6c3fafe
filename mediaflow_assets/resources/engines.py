"""Engines, loaded once per process and kept warm for the next video, stage and project, as long as there is one."""

from functools import lru_cache
from pathlib import Path

import dagster as dg

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.engines import FaceEngine
from mediaflow_assets.faces.objects import ObjectDetector
from mediaflow_assets.faces.registries import FACE_ENGINES, OBJECT_DETECTORS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.engines import ENGINES as SCENE_ENGINES
from mediaflow_assets.scenes.engines import SceneEngine
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES
from mediaflow_assets.speech.diarization import DiarizationEngine
from mediaflow_assets.speech.settings import SpeechSettings
from mediaflow_assets.transcripts.registry import TRANSCRIBERS, TranscriptionEngine
from mediaflow_assets.transcripts.settings import TranscriptSettings


class Engines(dg.ConfigurableResource):  # type: ignore[type-arg]  # gives itself; Dagster's default cannot say so
    """The engine that the settings name, for each stage that has a choice."""

    def scenes(self, settings: SceneSettings, store: ModelStore, compute: ComputeSettings) -> SceneEngine:
        return _scenes(settings, store.folder, compute)

    def speech(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> DiarizationEngine:
        return _speech(settings, store.folder, compute)

    def transcripts(
        self, settings: TranscriptSettings, store: ModelStore, compute: ComputeSettings
    ) -> TranscriptionEngine:
        return _transcripts(settings, store.folder, compute)

    def faces(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> FaceEngine:
        return _faces(settings, store.folder, compute)

    def objects(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> ObjectDetector | None:
        """None when objects are not wanted."""
        return None if settings.object_detection == "off" else _objects(settings, store.folder, compute)

    def let_go(self, kind: str) -> None:
        """Forget the engine of a stage: shot detection and speech hold 100 MB that the search for faces has use for.

        Args:
            kind: of the stage's documents: ``audio``, ``scenes``, ``transcripts`` or ``tracking``.
        """
        _OF_STAGES[kind].cache_clear()


# One of each at a time: an engine with other settings replaces the one before it, so that a long
# backfill with changing settings does not fill the memory.


@lru_cache(maxsize=1)
def _scenes(settings: SceneSettings, models: Path, compute: ComputeSettings) -> SceneEngine:
    return SCENE_ENGINES.create(settings.engine, settings, ModelStore(models), compute)


@lru_cache(maxsize=1)
def _speech(settings: SpeechSettings, models: Path, compute: ComputeSettings) -> DiarizationEngine:
    return SPEECH_ENGINES.create(settings.engine, settings, ModelStore(models), compute)


@lru_cache(maxsize=1)
def _transcripts(settings: TranscriptSettings, models: Path, compute: ComputeSettings) -> TranscriptionEngine:
    return TRANSCRIBERS.create(settings.engine, settings, ModelStore(models), compute)


@lru_cache(maxsize=1)
def _faces(settings: FaceSettings, models: Path, compute: ComputeSettings) -> FaceEngine:
    return FACE_ENGINES.create(settings.engine, settings, ModelStore(models), compute)


@lru_cache(maxsize=1)
def _objects(settings: FaceSettings, models: Path, compute: ComputeSettings) -> ObjectDetector:
    return OBJECT_DETECTORS.create(settings.object_detector, settings, ModelStore(models), compute)


_OF_STAGES = {"audio": _speech, "scenes": _scenes, "transcripts": _transcripts, "tracking": _faces}
