"""Settings of face and object tracking."""

from __future__ import annotations

from typing import Annotated

from mediaflow_assets.faces.engines import ENGINES
from mediaflow_assets.options import OptionGroup, env


class FaceSettings(OptionGroup):
    """Faces, objects and who is speaking."""

    engine: Annotated[str, ENGINES.valid] = env(
        "TRACKING_ENGINE", "STEP5_TRACKING_ENGINE", default="mediapipe_landmarker", doc="Face engine."
    )
    max_faces: int = env("FACES_MAX", "STEP5_MEDIAPIPE_MAX_FACES", default=5, ge=1, le=50, doc="Faces per frame.")
    detection_confidence: float = env(
        "FACES_DETECTION_CONFIDENCE", default=0.5, gt=0, lt=1, doc="Lowest score of a detected face."
    )
    presence_confidence: float = env(
        "FACES_PRESENCE_CONFIDENCE", default=0.3, gt=0, lt=1, doc="Lowest score that landmarks sit on a face."
    )
    tracking_confidence: float = env(
        "FACES_TRACKING_CONFIDENCE", default=0.5, gt=0, lt=1, doc="Lowest score to follow a face without detecting."
    )
    jaw_threshold: float = env(
        "SPEAKING_JAW_THRESHOLD", default=0.08, gt=0, lt=1, doc="jawOpen above this is an open mouth."
    )
    match_distance: int = env("TRACKING_MATCH_DISTANCE", default=80, ge=1, doc="centroid tracker: pixels per frame.")
    max_unseen: int = env("TRACKING_MAX_UNSEEN", default=7, ge=0, doc="Frames an id survives unseen.")
