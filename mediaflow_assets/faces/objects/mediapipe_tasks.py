"""Object detectors that MediaPipe runs: TensorFlow Lite files with their labels inside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.object_pool import ObjectPool
from mediaflow_assets.faces.detection import ObjectDetection, thing_in
from mediaflow_assets.faces.mediapipe_import import mediapipe_tasks
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    import numpy as np
    from mediapipe.tasks.python.vision import ObjectDetector
    from numpy.typing import NDArray


class MediapipeObjects:
    """What the detectors below share; they differ in their model file."""

    summary: ClassVar[str]
    input_size: ClassVar[int]
    models: ClassVar[tuple[str, ...]]
    source: ClassVar[str] = "https://ai.google.dev/edge/mediapipe/solutions/vision/object_detector"
    licence: ClassVar[str] = "Apache-2.0"

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._detectors: ObjectPool[ObjectDetector] | None = None
        self.device = DeviceChoice("cpu", "MediaPipe has no GPU support in Python on Linux servers")

    def load(self) -> None:
        if self._detectors is not None:
            return
        base_options, vision = mediapipe_tasks()
        (model,) = self.models
        options = vision.ObjectDetectorOptions(
            base_options=base_options(model_asset_buffer=self._store.path(model).read_bytes()),
            score_threshold=self._settings.object_confidence,
            max_results=self._settings.max_objects,
        )
        detectors = ObjectPool(partial(vision.ObjectDetector.create_from_options, options))
        with detectors.acquire():
            """Made now, so that a broken model shows before any frame."""
        self._detectors = detectors

    def detect(self, square: NDArray[np.uint8], width: int, height: int) -> list[ObjectDetection]:
        import mediapipe as mp

        assert self._detectors is not None  # noqa: S101 - load() comes first
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=square)
        with self._detectors.acquire() as detector:
            result = detector.detect(image)
        across, down = width / square.shape[1], height / square.shape[0]
        things = []
        for found in result.detections:
            best = max(found.categories, key=lambda category: category.score)
            box = found.bounding_box
            left, top = box.origin_x * across, box.origin_y * down
            edges = left, top, left + box.width * across, top + box.height * down
            things.append(thing_in(edges, width, height, best.category_name, float(best.score)))
        return things

    def close(self) -> None:
        if self._detectors is not None:
            for detector in self._detectors.drain():
                detector.close()
            self._detectors = None


class EfficientDetLite0(MediapipeObjects):
    """The smallest of its family."""

    name: ClassVar[str] = "efficientdet_lite0"
    summary: ClassVar[str] = "EfficientDet-Lite0, int8, COCO; small enough to be fetched with the default models."
    input_size: ClassVar[int] = 320
    models: ClassVar[tuple[str, ...]] = ("efficientdet-lite0",)


class EfficientDetLite1(MediapipeObjects):
    """Between the others."""

    name: ClassVar[str] = "efficientdet_lite1"
    summary: ClassVar[str] = "EfficientDet-Lite1, COCO; slower and better than Lite0."
    input_size: ClassVar[int] = 384
    models: ClassVar[tuple[str, ...]] = ("efficientdet-lite1",)
    source: ClassVar[str] = "https://www.kaggle.com/models/tensorflow/efficientdet"


class EfficientDetLite2(MediapipeObjects):
    """Larger and slower than Lite0; the default of the tool that this one replaced, so that results can be compared."""

    name: ClassVar[str] = "efficientdet_lite2"
    summary: ClassVar[str] = "EfficientDet-Lite2, COCO; larger and slower than Lite0."
    input_size: ClassVar[int] = 448
    models: ClassVar[tuple[str, ...]] = ("efficientdet-lite2",)


class SsdMobilenetV2(MediapipeObjects):
    """Quick and coarse."""

    name: ClassVar[str] = "ssd_mobilenet_v2"
    summary: ClassVar[str] = "SSD MobileNetV2, COCO; quick and coarse."
    input_size: ClassVar[int] = 256
    models: ClassVar[tuple[str, ...]] = ("ssd-mobilenet-v2",)
