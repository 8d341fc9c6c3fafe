"""MediaPipe FaceLandmarker in video mode: 478 landmarks and 52 blendshapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from mediaflow_assets.compute import ComputeSettings, DeviceChoice
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MILLISECONDS_PER_FRAME = 40


class MediapipeLandmarker:
    """One landmarker per shot: its tracking state never crosses a cut."""

    name: ClassVar[str] = "mediapipe_landmarker"
    summary: ClassVar[str] = "MediaPipe FaceLandmarker: landmarks and blendshapes of faces that fill the frame; CPU."
    licence: ClassVar[str] = "Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("face-landmarker",)

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._landmarker: Any = None
        self._options: Any = None
        self._time = 0
        self.device = DeviceChoice("cpu", "MediaPipe has no GPU support in Python on Linux servers")

    def load(self) -> None:
        if self._options is not None:
            return
        from mediapipe.tasks.python import BaseOptions, vision

        self._options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=self._store.path("face-landmarker").read_bytes()),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=self._settings.max_faces,
            min_face_detection_confidence=self._settings.detection_confidence,
            min_face_presence_confidence=self._settings.presence_confidence,
            min_tracking_confidence=self._settings.tracking_confidence,
            output_face_blendshapes=True,
        )

    def begin_shot(self) -> None:
        from mediapipe.tasks.python import vision

        self.load()
        self.close()
        self._landmarker = vision.FaceLandmarker.create_from_options(self._options)
        self._time = 0

    def detect(self, frame: NDArray[np.uint8]) -> list[Detection]:
        import mediapipe as mp

        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame)
        result = self._landmarker.detect_for_video(image, self._time)
        self._time += _MILLISECONDS_PER_FRAME
        height, width = frame.shape[:2]
        return [
            _detection(points, shapes, width, height)
            for points, shapes in zip(result.face_landmarks, result.face_blendshapes, strict=True)
        ]

    def close(self) -> None:
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None


def _detection(points: Any, shapes: Any, width: int, height: int) -> Detection:
    """Box around all landmarks, clipped to the picture; centroid is their mean."""
    xs = [point.x * width for point in points]
    ys = [point.y * height for point in points]
    left, right = max(int(min(xs)), 0), min(int(max(xs)), width - 1)
    top, bottom = max(int(min(ys)), 0), min(int(max(ys)), height - 1)
    return Detection(
        bbox=(left, top, max(right - left, 0), max(bottom - top, 0)),
        centroid=(int(sum(xs) / len(xs)), int(sum(ys) / len(ys))),
        blendshapes={shape.category_name: round(float(shape.score), 5) for shape in shapes},
        landmarks=[(x, y, point.z * width) for x, y, point in zip(xs, ys, points, strict=True)],
    )
