"""MediaPipe FaceLandmarker in video mode: 478 landmarks and 52 blendshapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.faces.detection import Blendshapes, Detection, around_landmarks
from mediaflow_assets.faces.interpolation import FacePair, interpolated
from mediaflow_assets.faces.mediapipe_import import mediapipe_tasks
from mediaflow_assets.faces.networks.facemesh import five_points
from mediaflow_assets.faces.pictures import shrunk
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from mediapipe.tasks.python.components.containers.category import Category
    from mediapipe.tasks.python.components.containers.landmark import NormalizedLandmark
    from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerOptions
    from numpy.typing import NDArray

_MILLISECONDS_PER_FRAME = 40
_MIN_SCORE = 0.5


class MediapipeLandmarker:
    """One landmarker per shot: its tracking state never crosses a cut."""

    name: ClassVar[str] = "mediapipe_landmarker"
    summary: ClassVar[str] = "MediaPipe FaceLandmarker: landmarks and blendshapes of faces that fill the frame; CPU."
    licence: ClassVar[str] = "Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("face-landmarker",)
    in_order: ClassVar[bool] = True
    detect_every: ClassVar[int] = 1
    survey_every: ClassVar[int] = 0

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._landmarker: FaceLandmarker | None = None
        self._options: FaceLandmarkerOptions | None = None
        self.device = DeviceChoice("cpu", "MediaPipe has no GPU support in Python on Linux servers")

    def load(self) -> None:
        if self._options is not None:
            return
        base_options, vision = mediapipe_tasks()
        self._options = vision.FaceLandmarkerOptions(
            base_options=base_options(model_asset_buffer=self._store.path("face-landmarker").read_bytes()),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=self._settings.max_candidates,
            min_face_detection_confidence=self._settings.detection_confidence or _MIN_SCORE,
            min_face_presence_confidence=self._settings.presence_confidence,
            min_tracking_confidence=self._settings.tracking_confidence,
            output_face_blendshapes=True,
        )

    def detect(
        self, picture: NDArray[np.uint8], index: int, surveyed: Sequence[Detection] | None = None
    ) -> list[Detection]:
        import mediapipe as mp

        if index == 0:
            self._begin_shot()
        assert self._landmarker is not None  # noqa: S101 - made for each shot
        height, width = picture.shape[:2]
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=shrunk(picture, self._settings.max_width))
        result = self._landmarker.detect_for_video(image, index * _MILLISECONDS_PER_FRAME)
        wanted = index % self._settings.blendshapes_every == 0
        return [
            _detection(points, shapes if wanted else None, width, height)
            for points, shapes in zip(result.face_landmarks, result.face_blendshapes, strict=True)
        ]

    def follow(
        self, picture: NDArray[np.uint8], index: int, faces: Sequence[FacePair], part: float
    ) -> list[Detection] | None:
        return [interpolated(pair, part) for pair in faces]

    def close(self) -> None:
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None

    def _begin_shot(self) -> None:
        _, vision = mediapipe_tasks()
        self.close()
        self._landmarker = vision.FaceLandmarker.create_from_options(self._options)


def _detection(
    points: Sequence[NormalizedLandmark], shapes: Sequence[Category] | None, width: int, height: int
) -> Detection:
    """Box around all landmarks; None for ``shapes`` means that they are not wanted in this frame."""
    placed = np.array([(point.x * width, point.y * height, point.z * width) for point in points], np.float32)
    blendshapes: Blendshapes = msgspec.UNSET
    if shapes is not None:
        blendshapes = {shape.category_name: round(float(shape.score), 5) for shape in shapes}
    return around_landmarks(placed, width, height, blendshapes=blendshapes, keypoints=five_points(placed))
