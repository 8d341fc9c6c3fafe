"""Every variable that the replaced application read, and what became of it: each is in exactly one of three lists.

The lists are complete: 156 names, of which two (``AIRTABLE_*``, ``MYSQL_*``) stand for families.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

Fate = Literal["taken over", "changed meaning", "without meaning"]

_STORE = "model files lie in the model store: mediaflow models"
_ONE_ENVIRONMENT = "there is one environment"
_UI_LOGS = "logs are in the Dagster UI"
_NEVER = "it had no effect there either"
_SYSTEM = "a variable of the system or of a library, not of this product"
_NO_WORKER_API = "there is no worker API"
_NO_PAGE = "there is no polling page"
_WEBHOOK_ONLY = "links come from the webhook only"

TAKEN_OVER = (
    "OUTPUT_DIR FALLBACK_OUTPUT_DIR RESTORE_ARCHIVES_TO_OUTPUT WEBHOOK_JSON_URL WEBHOOK_MONITOR_INTERVAL"
    " DOWNLOAD_HISTORY_SHARED_GROUP HF_AUTH_TOKEN HUGGINGFACE_HUB_TOKEN AUDIO_DISABLE_GPU AUDIO_CPU_WORKERS"
    " AUDIO_ENABLE_AMP AUDIO_PYANNOTE_BATCH_SIZE AUDIO_PROFILE LEMONFOX_API_KEY LEMONFOX_TIMEOUT_SEC"
    " LEMONFOX_EU_DEFAULT LEMONFOX_DEFAULT_LANGUAGE LEMONFOX_DEFAULT_PROMPT LEMONFOX_SPEAKER_LABELS_DEFAULT"
    " LEMONFOX_DEFAULT_MIN_SPEAKERS LEMONFOX_DEFAULT_MAX_SPEAKERS LEMONFOX_TIMESTAMP_GRANULARITIES"
    " LEMONFOX_SPEECH_GAP_FILL_SEC LEMONFOX_SPEECH_MIN_ON_SEC LEMONFOX_MAX_UPLOAD_MB"
    " LEMONFOX_TRANSCODE_AUDIO_CODEC LEMONFOX_TRANSCODE_BITRATE_KBPS"
    " STEP5_TRACKING_ENGINE STEP5_OBJECT_DETECTOR_MODEL STEP5_BLENDSHAPES_THROTTLE_N"
    " STEP5_BLENDSHAPES_INCLUDE_TONGUE STEP5_BLENDSHAPES_EXPORT_KEYS STEP5_EXPORT_VERBOSE_FIELDS"
    " STEP5_MEDIAPIPE_MAX_FACES STEP5_MEDIAPIPE_JAWOPEN_SCALE STEP5_MEDIAPIPE_MAX_WIDTH"
    " STEP5_OPENCV_MAX_FACES STEP5_OPENCV_JAWOPEN_SCALE STEP5_OPENCV_HAAR_CASCADE_PATH STEP5_YUNET_MAX_WIDTH"
    " STEP5_OPENSEEFACE_MAX_WIDTH STEP5_OPENSEEFACE_DETECTION_THRESHOLD STEP5_OPENSEEFACE_MAX_FACES"
    " STEP5_OPENSEEFACE_JAWOPEN_SCALE STEP5_EOS_MAX_FACES STEP5_EOS_MAX_WIDTH STEP5_EOS_JAWOPEN_SCALE"
    " STEP5_INSIGHTFACE_MAX_FACES STEP5_INSIGHTFACE_MAX_WIDTH STEP5_INSIGHTFACE_JAWOPEN_SCALE"
    " STEP5_INSIGHTFACE_MODEL_NAME STEP5_INSIGHTFACE_DET_SIZE STEP5_INSIGHTFACE_ALLOWED_MODULES"
).split()
"""Their value means what it meant; ``mediaflow migrate`` writes it under today's name."""

_INTERPOLATED = "frames between two full looks are interpolated, not repeated"

CARRIED = {
    "FOLDER_KEYWORD": "it chose the projects that were reduced; now it chooses the archives that are accepted",
    "WEBHOOK_TIMEOUT": "seconds of the whole exchange, not of each read",
    "DRY_RUN_DOWNLOADS": "a dry run writes nothing, no history either",
    "FINALIZE_MODE": "it is asked of every video; one ready video was enough",
    "STEP5_ENABLE_OBJECT_DETECTION": "0 and 1 are off and on; the default is auto, below 10 % of frames with a face",
    "STEP5_BLENDSHAPES_PROFILE": "it changes what is exported, and no longer who speaks; mediapipe adds no _neutral",
    "STEP5_OPENSEEFACE_DETECT_EVERY_N": _INTERPOLATED,
    "STEP5_EOS_FIT_EVERY_N": _INTERPOLATED,
    "STEP5_INSIGHTFACE_DETECT_EVERY_N": _INTERPOLATED,
}
"""Their value is written too, but what it does has changed."""

SUCCESSORS = {
    "BASE_PATH_SCRIPTS_ENV": "MEDIAFLOW_HOME is the root of this installation, a folder of its own",
    "PROJECTS_DIR": "WORK_DIR is a folder of its own; past projects are registered with mediaflow import",
    "ARCHIVES_DIR": "ARCHIVES_DIR is a folder of its own; mediaflow migrate copies the analyses into it",
    "DOWNLOAD_HISTORY_DB_PATH": "UPLOAD_HISTORY_PATH is a file of its own; mediaflow migrate fills it",
    "LOCAL_DOWNLOADS_DIR": "archives go into INBOX_DIR, a folder of its own: what is no archive is moved aside there",
    "REMOTE_TRIGGER_URL": "its answer must carry an id and REMOTE_TRIGGER_TOKEN; set both to switch it on",
    "STEP4_USE_LEMONFOX": "SPEECH_ENGINE=lemonfox; when Lemonfox fails so does the video, unless LEMONFOX_FALLBACK=1",
    "AUDIO_PARTIAL_SUCCESS_OK": "the good videos always go on; ON_BAD_VIDEO=leave_out delivers without the bad ones",
    "TRACKING_DISABLE_GPU": "MEDIAFLOW_DEVICE=cpu keeps every stage on the CPU",
    "TRACKING_CPU_WORKERS": "MEDIAFLOW_THREADS, for every stage; results do not depend on it",
    "STEP5_ENABLE_GPU": "MEDIAFLOW_DEVICE decides for every stage; auto takes a GPU where there is one",
    "STEP5_GPU_FALLBACK_AUTO": "MEDIAFLOW_DEVICE=auto goes on on the CPU, cuda fails without a GPU",
    "STEP5_ONNX_INTRA_OP_THREADS": "MEDIAFLOW_THREADS, for every stage",
    "STEP5_ONNX_INTER_OP_THREADS": "MEDIAFLOW_THREADS, for every stage",
    "CACHE_ROOT_DIR": "OUTPUT_DIR; mediaflow projects finds a project by its number or a part of its name",
    "FLASK_PORT": "mediaflow dev --port",
}
"""Something else says it now; the value itself is not written."""

WITHOUT = {
    "FLASK_SECRET_KEY": "there is no Flask application",
    "FLASK_HOST": "the UI is Dagster's and listens on loopback",
    "FLASK_DEBUG": "there is no Flask application",
    "DEBUG": "there is no lenient mode",
    "BASE_PATH_SCRIPTS": "stages know their folders",
    "LOGS_DIR": _UI_LOGS,
    "LOG_DIR": _UI_LOGS,
    "STEP0_PREP_LOG_DIR_ENV": _UI_LOGS,
    "MEDIA_ENCODER_LOGS_DIR_ENV": _UI_LOGS,
    "SCENE_DETECT_LOG_DIR_ENV": _UI_LOGS,
    "AUDIO_ANALYSIS_LOG_DIR_ENV": _UI_LOGS,
    "BASE_TRACKING_LOG_SEARCH_PATH_ENV": "stages know their folders",
    "BASE_TRACKING_PROGRESS_SEARCH_PATH_ENV": _NEVER,
    "VENV_BASE_DIR": _ONE_ENVIRONMENT,
    "PYTHON_VENV_EXE_ENV": _ONE_ENVIRONMENT,
    "STEP5_TF_GPU_ENV_PYTHON": _ONE_ENVIRONMENT,
    "STEP5_EOS_ENV_PYTHON": _ONE_ENVIRONMENT,
    "STEP5_INSIGHTFACE_ENV_PYTHON": _ONE_ENVIRONMENT,
    "DISABLE_EXPLORER_OPEN": "no folder is opened from a page",
    "ENABLE_EXPLORER_OPEN": "no folder is opened from a page",
    "MAX_CPU_WORKERS": _NEVER,
    "POLLING_INTERVAL": _NO_PAGE,
    "LOCAL_DOWNLOAD_POLLING_INTERVAL": _NO_PAGE,
    "SYSTEM_MONITOR_POLLING_INTERVAL": _NO_PAGE,
    "ENABLE_GPU_MONITORING": "a GPU is always looked at",
    "INTERNAL_WORKER_COMMS_TOKEN": _NO_WORKER_API,
    "RENDER_REGISTER_TOKEN": _NO_WORKER_API,
    "RENDER_APP_CALLBACK_URL": _NEVER,
    "RENDER_APP_CALLBACK_TOKEN": _NEVER,
    "RENDER_REGISTER_URL_ENDPOINT": _NEVER,
    "REMOTE_POLLING_INTERVAL": "the remote trigger is asked every 15 s",
    "WEBHOOK_CACHE_TTL": "each tick reads the webhook once",
    "KEYWORD_FILTER_TRACKING_ENV": _NEVER,
    "SUBDIR_FILTER_TRACKING_ENV": _NEVER,
    "SUBFOLDER_NAME": _NEVER,
    "ROOT_SCAN_DIR": _NEVER,
    "AUDIO_JSON_GZIP": "nothing could read the compressed document",
    "LEMONFOX_ENABLE_TRANSCODE": "the sound is always sent as small as speech allows",
    "STEP5_GPU_ENGINES": "every engine that can use a GPU does",
    "STEP5_GPU_MAX_VRAM_MB": _NEVER,
    "STEP5_CUDA_LIB_PATH": "libraries find CUDA in their own wheels",
    "STEP5_CUDA_HOME": "libraries find CUDA in their own wheels",
    "STEP5_ENABLE_PROFILING": "milliseconds per frame are always in the metadata",
    "INSIGHTFACE_HOME": _STORE,
    "STEP5_OBJECT_DETECTOR_MODEL_PATH": _STORE,
    "STEP5_YUNET_MODEL_PATH": _STORE,
    "STEP5_FACEMESH_ONNX_PATH": _STORE,
    "STEP5_PYFEAT_MODEL_PATH": "blendshapes come with face-landmarker",
    "STEP5_PYFEAT_STRICT": "blendshapes come with face-landmarker, without which nothing starts",
    "STEP5_OPENSEEFACE_MODELS_DIR": _STORE,
    "STEP5_OPENSEEFACE_MODEL_ID": "only the landmark network 0 is known",
    "STEP5_OPENSEEFACE_DETECTION_MODEL_PATH": _STORE,
    "STEP5_OPENSEEFACE_LANDMARK_MODEL_PATH": _STORE,
    "STEP5_EOS_MODELS_DIR": _STORE,
    "STEP5_EOS_SFM_MODEL_PATH": _STORE,
    "STEP5_EOS_EXPRESSION_BLENDSHAPES_PATH": _STORE,
    "STEP5_EOS_LANDMARK_MAPPER_PATH": _STORE,
    "STEP5_EOS_EDGE_TOPOLOGY_PATH": _STORE,
    "STEP5_EOS_MODEL_CONTOUR_PATH": _STORE,
    "STEP5_EOS_CONTOUR_LANDMARKS_PATH": _STORE,
    "STEP5_INSIGHTFACE_CTX_ID": "CUDA_VISIBLE_DEVICES chooses a GPU",
    "MP_LANDMARKER_MIN_DETECTION_CONFIDENCE": _NEVER,
    "MP_LANDMARKER_MIN_TRACKING_CONFIDENCE": _NEVER,
    "USE_AIRTABLE": _WEBHOOK_ONLY,
    "AIRTABLE_*": _WEBHOOK_ONLY,
    "USE_MYSQL": _WEBHOOK_ONLY,
    "MYSQL_*": _WEBHOOK_ONLY,
    **dict.fromkeys(
        "DISPLAY WAYLAND_DISPLAY CUDA_HOME PYTORCH_CUDA_ALLOC_CONF OMP_NUM_THREADS OPENBLAS_NUM_THREADS"
        " MKL_NUM_THREADS NUMEXPR_NUM_THREADS TF_CPP_MIN_LOG_LEVEL GLOG_minloglevel"
        " ABSL_LOGGING_MIN_LOG_LEVEL".split(),
        _SYSTEM,
    ),
}
"""Nothing corresponds to them."""


class LegacyName(NamedTuple):
    """One variable of the replaced application."""

    name: str
    fate: Fate
    note: str
    """What changed, or why it means nothing; empty for what is taken over."""
    carried: bool
    """Whether its value is written into the new ``.env``."""


LEGACY: Mapping[str, LegacyName] = {
    row.name: row
    for row in (
        *(LegacyName(name, "taken over", "", True) for name in TAKEN_OVER),
        *(LegacyName(name, "changed meaning", note, True) for name, note in CARRIED.items()),
        *(LegacyName(name, "changed meaning", note, False) for name, note in SUCCESSORS.items()),
        *(LegacyName(name, "without meaning", note, False) for name, note in WITHOUT.items()),
    )
}
"""All of them by name."""


def legacy_name(name: str) -> LegacyName | None:
    """The entry of a variable, or of the family that it belongs to."""
    if name in LEGACY:
        return LEGACY[name]
    return next((row for pattern, row in LEGACY.items() if "*" in pattern and fnmatchcase(name, pattern)), None)


def unread(names: Mapping[str, object], ours: frozenset[str]) -> dict[str, str]:
    """Of these names those of the replaced application that nothing reads, each with what to know about it.

    Args:
        ours: names of today's settings; a name that both have is read.
    """
    found = {name: row for name in names if name not in ours and (row := legacy_name(name)) and not row.carried}
    return {name: row.note for name, row in found.items() if row.note != _SYSTEM}
