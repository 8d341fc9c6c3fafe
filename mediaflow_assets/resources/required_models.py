"""Which models the chosen engines need, asked before anything is started."""

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.faces.identity.reidentification import MODEL as JOINING_MODEL
from mediaflow_assets.faces.identity.reidentification import is_joining
from mediaflow_assets.faces.registries import FACE_ENGINES, OBJECT_DETECTORS, SPEAKING_MODES
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.engines import ENGINES as SCENE_ENGINES
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES


def required_models(settings: Settings, store: ModelStore) -> list[str]:
    """Names in the model table of what the engines of the settings need, each once."""
    faces = settings.faces
    wanted = [
        *SCENE_ENGINES.get(settings.scenes.engine).models,
        *SPEECH_ENGINES.get(settings.speech.engine).models,
        *FACE_ENGINES.get(faces.engine).models,
        *(OBJECT_DETECTORS.get(faces.object_detector).models if faces.object_detection != "off" else ()),
        *SPEAKING_MODES.get(faces.speaking_mode).models,
        *([JOINING_MODEL] if is_joining(faces, store) else ()),
    ]
    return list(dict.fromkeys(wanted))


def require_models(settings: Settings, store: ModelStore) -> None:
    """See that nothing starts that would stop in the middle for want of a model.

    Raises:
        Unavailable: models are missing; names all of them and the command that fetches them.
        BadInput: a model's file is not the one in the table.
    """
    missing = []
    for name in required_models(settings, store):
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
