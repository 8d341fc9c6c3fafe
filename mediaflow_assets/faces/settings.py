"""Settings of face and object tracking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, field_validator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.faces.registries import FACE_EMBEDDERS, FACE_ENGINES, OBJECT_DETECTORS, SPEAKING_MODES, TRACKERS


def _profile(value: object) -> object:
    """The replaced application's other words for two of the profiles."""
    words = {"all": "full", "off": "none", "0": "none", "false": "none", "no": "none"}
    return words.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value


def _embedder(value: str) -> str:
    return value if value == "auto" else FACE_EMBEDDERS.canonical(value)


def _mode(value: object) -> object:
    words = {"0": "off", "false": "off", "no": "off", "1": "on", "true": "on", "yes": "on"}
    return words.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value


_LEGACY_ENGINES = ("MEDIAPIPE", "OPENCV", "YUNET", "OPENSEEFACE", "EOS", "INSIGHTFACE")
"""What the replaced application called its engines in the names of its variables."""
_LEGACY_NAMES = {
    "mediapipe_landmarker": ("MEDIAPIPE",),
    "opencv_yunet_facemesh": ("MEDIAPIPE", "OPENCV", "YUNET"),
    "opencv_yunet": ("OPENCV", "YUNET"),
    "opencv_haar": ("OPENCV",),
    "openseeface": ("OPENSEEFACE",),
    "eos": ("EOS",),
    "insightface": ("INSIGHTFACE",),
}
"""Engine to those of them whose variables it reads."""


def _of_every_engine(option: str) -> tuple[str, ...]:
    """The replaced application's variables of one option, which had one for each engine."""
    return tuple(f"STEP5_{engine}_{option}" for engine in _LEGACY_ENGINES)


class FaceSettings(OptionGroup):
    """Faces, objects and who is speaking."""

    engine: Annotated[str, FACE_ENGINES.valid] = env(
        "TRACKING_ENGINE", "STEP5_TRACKING_ENGINE", default="opencv_yunet_facemesh", doc="Face engine."
    )
    max_faces: int = env(
        "FACES_MAX",
        *_of_every_engine("MAX_FACES"),
        default=20,
        ge=1,
        le=50,
        doc="Faces per frame: those that the shot already has, then the larger ones.",
    )
    max_width: int = env(
        "FACES_MAX_WIDTH",
        *_of_every_engine("MAX_WIDTH"),
        default=0,
        ge=0,
        doc="Pictures are scaled down to this longest side before faces are looked for; 0: what suits the engine.",
    )
    rotations: CommaList = env(
        "FACES_ROTATIONS",
        default=(),
        doc="YuNet engines: degrees (90, 180, 270) by which pictures are also turned to find faces that lie; slower.",
    )
    detect_every: int = env(
        "FACES_DETECT_EVERY",
        "STEP5_OPENSEEFACE_DETECT_EVERY_N",
        "STEP5_EOS_FIT_EVERY_N",
        "STEP5_INSIGHTFACE_DETECT_EVERY_N",
        default=0,
        ge=0,
        le=50,
        doc="Frames from one full look to the next; those between are interpolated; 0: what suits the engine.",
    )
    detection_confidence: float = env(
        "FACES_DETECTION_CONFIDENCE",
        "STEP5_OPENSEEFACE_DETECTION_THRESHOLD",
        default=0.0,
        ge=0,
        lt=1,
        doc="Lowest score of a detected face; 0: what suits the engine.",
    )
    presence_confidence: float = env(
        "FACES_PRESENCE_CONFIDENCE", default=0.3, gt=0, lt=1, doc="Lowest score that landmarks sit on a face."
    )
    tracking_confidence: float = env(
        "FACES_TRACKING_CONFIDENCE",
        default=0.5,
        gt=0,
        lt=1,
        doc="mediapipe_landmarker: lowest score to follow a face without detecting.",
    )
    yunet_overlap: float = env(
        "YUNET_OVERLAP", default=0.3, gt=0, lt=1, doc="YuNet: of two boxes that overlap more, the better is kept."
    )
    yunet_candidates: int = env("YUNET_CANDIDATES", default=5000, ge=1, doc="YuNet: boxes that are compared at most.")
    haar_scale: float = env("HAAR_SCALE", default=1.1, gt=1, lt=2, doc="opencv_haar: step between sizes.")
    haar_neighbours: int = env("HAAR_NEIGHBOURS", default=5, ge=0, doc="opencv_haar: findings that make a face.")
    haar_least_side: int = env("HAAR_LEAST_SIDE", default=30, ge=1, doc="opencv_haar: smallest face, pixels.")
    haar_cascade: Path | None = env(
        "HAAR_CASCADE",
        "STEP5_OPENCV_HAAR_CASCADE_PATH",
        default=None,
        doc="opencv_haar: cascade file; empty: OpenCV's.",
    )
    insightface_pack: Literal["antelopev2", "buffalo_l", "buffalo_m", "buffalo_s"] = env(
        "INSIGHTFACE_PACK",
        "STEP5_INSIGHTFACE_MODEL_NAME",
        default="antelopev2",
        doc="insightface: model pack, the authors' ZIP of this name in the model store.",
    )
    insightface_side: int = env(
        "INSIGHTFACE_SIDE",
        "STEP5_INSIGHTFACE_DET_SIZE",
        default=640,
        ge=32,
        multiple_of=32,
        doc="insightface: side of the square in which faces are looked for, pixels.",
    )
    insightface_modules: CommaList = env(
        "INSIGHTFACE_MODULES",
        "STEP5_INSIGHTFACE_ALLOWED_MODULES",
        default=("detection", "landmark_3d_68"),
        doc="insightface: networks of the pack to run: detection (always) and landmark_3d_68.",
    )
    jaw_scale: float = env(
        "FACES_JAW_SCALE", *_of_every_engine("JAWOPEN_SCALE"), default=1.0, gt=0, doc="jawOpen is multiplied by this."
    )
    blendshapes_every: int = env(
        "BLENDSHAPES_EVERY",
        "STEP5_BLENDSHAPES_THROTTLE_N",
        default=1,
        ge=1,
        doc="Blendshapes are computed in every n-th frame of a shot only.",
    )
    blendshapes_profile: Annotated[
        Literal["full", "none", "mouth", "mediapipe", "custom"], BeforeValidator(_profile)
    ] = env(
        "BLENDSHAPES_PROFILE",
        "STEP5_BLENDSHAPES_PROFILE",
        default="full",
        doc="Blendshapes in the document: full, none, mouth, mediapipe (_neutral, no tongueOut), custom.",
    )
    blendshapes_tongue: bool = env(
        "BLENDSHAPES_TONGUE",
        "STEP5_BLENDSHAPES_INCLUDE_TONGUE",
        default=False,
        doc="Profile mouth: with tongueOut, from engines that have it.",
    )
    blendshapes_keys: CommaList = env(
        "BLENDSHAPES_KEYS", "STEP5_BLENDSHAPES_EXPORT_KEYS", default=(), doc="Profile custom: names; empty: all."
    )
    verbose_fields: bool = env(
        "EXPORT_VERBOSE_FIELDS",
        "STEP5_EXPORT_VERBOSE_FIELDS",
        default=False,
        doc="Landmarks and 3D model coefficients in the document.",
    )
    object_detection: Annotated[Literal["off", "on", "auto"], BeforeValidator(_mode)] = env(
        "OBJECT_DETECTION",
        "STEP5_ENABLE_OBJECT_DETECTION",
        default="auto",
        doc="Objects in frames without a face: off, on, or auto (only while fewer than 10 % of the frames show one).",
    )
    object_detector: Annotated[str, OBJECT_DETECTORS.valid] = env(
        "OBJECT_DETECTOR", "STEP5_OBJECT_DETECTOR_MODEL", default="efficientdet_lite0", doc="Object detector."
    )
    object_confidence: float = env(
        "OBJECT_CONFIDENCE", default=0.4, gt=0, lt=1, doc="Lowest score of a detected object."
    )
    max_objects: int = env("OBJECTS_MAX", default=5, ge=1, le=100, doc="Objects per frame, the best first.")
    tracker: Annotated[str, TRACKERS.valid] = env(
        "TRACKING_TRACKER", default="motion", doc="What gives ids: motion, or centroid as the replaced application."
    )
    join_shots: Annotated[Literal["off", "on", "auto"], BeforeValidator(_mode)] = env(
        "TRACKING_JOIN",
        default="auto",
        doc="One id for the same person in several shots and after crossings, by face embedding: off, on, or auto.",
    )
    embedder: Annotated[str, AfterValidator(_embedder)] = env(
        "TRACKING_EMBEDDER",
        default="auto",
        doc="Network that faces are compared by: sface, dlib, or auto (the first of them that is there).",
    )
    join_distance: float = env(
        "TRACKING_JOIN_DISTANCE",
        default=0.0,
        ge=0,
        lt=2,
        doc="Largest distance of embeddings of one person; 0: what suits the network."
        " Means dlib where TRACKING_EMBEDDER is auto.",
    )
    speaking_mode: Annotated[str, SPEAKING_MODES.valid] = env(
        "SPEAKING_MODE",
        default="associated",
        doc="Who speaks: associated (mouths and voices), asd (LR-ASD network), combined (both), fused (legacy).",
    )
    use_faces: Annotated[Literal["off", "on", "auto"], BeforeValidator(_mode)] = env(
        "SPEECH_USE_FACES",
        default="auto",
        doc="Two faces that are seen to speak are two voices, one face is one: off, on, or auto (if the voice model is "
        "there). Not with SPEECH_PROJECT_LABELS, nor in mode fused.",
    )
    jaw_threshold: float = env(
        "SPEAKING_JAW_THRESHOLD", default=0.08, gt=0, lt=1, doc="Mode fused: jawOpen above this is an open mouth."
    )
    match_distance: int = env("TRACKING_MATCH_DISTANCE", default=80, ge=1, doc="centroid tracker: pixels per frame.")
    max_unseen: int = env("TRACKING_MAX_UNSEEN", default=7, ge=0, doc="centroid tracker: frames an id survives unseen.")
    max_lost: int = env("TRACKING_MAX_LOST", default=40, ge=0, doc="motion tracker: frames an id survives unseen.")

    @field_validator("rotations")
    @classmethod
    def _quarters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [one for one in value if one not in ("90", "180", "270")]:
            raise ValueError(f"has {wrong[0]!r}; it takes 90, 180 and 270")
        return value

    @property
    def quarter_turns(self) -> tuple[int, ...]:
        """The rotations in degrees, each once."""
        return tuple(sorted({int(one) for one in self.rotations}))

    @property
    def max_candidates(self) -> int:
        """Faces that an engine looks at in a frame, so that a known face is among them for a few frames more."""
        return 2 * self.max_faces

    @classmethod
    def applicable(cls, values: Mapping[str, str]) -> Mapping[str, str]:
        """A configuration of the replaced application has the variables of all engines: only one's count."""
        engine = values.get("TRACKING_ENGINE") or values.get("STEP5_TRACKING_ENGINE")
        try:
            own = _LEGACY_NAMES[FACE_ENGINES.canonical(engine or cls.model_fields["engine"].default)]
        except ValueError:  # the field itself says that there is no such engine
            return values
        left_out = tuple(f"STEP5_{other}_" for other in _LEGACY_ENGINES if other not in own)
        return {name: value for name, value in values.items() if not name.startswith(left_out)}
