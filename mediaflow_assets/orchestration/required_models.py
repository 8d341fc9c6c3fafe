"""Which models the chosen engines need, asked before anything is started."""

from collections.abc import Collection

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.registry import Engine
from mediaflow_assets.faces.identity.reidentification import chosen_embedder
from mediaflow_assets.faces.registries import FACE_ENGINES, OBJECT_DETECTORS, SPEAKING_MODES
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.engines import ENGINES as SCENE_ENGINES
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES
from mediaflow_assets.transcripts.model_folder import stored_models
from mediaflow_assets.transcripts.registry import TRANSCRIBERS

DEFAULT_STAGES = frozenset({"scenes_csv", "audio_json", "tracking_json", "transcript_json"})


def chosen_engines(settings: Settings, stages: Collection[str] | None = None) -> list[type[Engine]]:
    """Classes of what the settings choose.

    Args:
        stages: assets that are to work; None for all that every project needs.
    """
    faces, wanted = settings.faces, DEFAULT_STAGES if stages is None else stages
    by_stage: dict[str, list[type[Engine]]] = {
        "scenes_csv": [SCENE_ENGINES.get(settings.scenes.engine)],
        "audio_json": [SPEECH_ENGINES.get(settings.speech.engine)],
        "tracking_json": [
            FACE_ENGINES.get(faces.engine),
            *([OBJECT_DETECTORS.get(faces.object_detector)] if faces.object_detection != "off" else []),
        ],
        "transcript_json": [TRANSCRIBERS.get(settings.transcripts.engine)],
    }
    return [engine for stage, engines in by_stage.items() if stage in wanted for engine in engines]


def required_models(settings: Settings, store: ModelStore, stages: Collection[str] | None = None) -> list[str]:
    """Names in the model table of what the engines of the settings need, each once."""
    faces, wanted = settings.faces, DEFAULT_STAGES if stages is None else stages
    models = [model for engine in chosen_engines(settings, stages) for model in engine.models]
    if "tracking_json" in wanted:
        models += SPEAKING_MODES.get(faces.speaking_mode).models
        embedder = chosen_embedder(faces, store)
        models += [embedder.model] if embedder else []
    if "transcript_json" in wanted and settings.transcripts.engine == "whisper":
        models += stored_models(settings.transcripts.model)
    return list(dict.fromkeys(models))


def require_models(settings: Settings, store: ModelStore, stages: Collection[str] | None = None) -> None:
    """See that nothing starts that would stop in the middle for want of a model.

    Raises:
        Unavailable: models are missing; names all of them and the command that fetches them.
        BadInput: a model's file is not the one in the table.
    """
    missing = []
    for name in required_models(settings, store, stages):
        status = store.status(name)
        if status.state == "missing":
            missing.append(name)
        else:
            status.require()
    if missing:
        raise Unavailable(
            f"models in {store.folder}",
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, which the chosen engines need",
            f"Run: mediaflow models fetch {' '.join(missing)}",
        )
