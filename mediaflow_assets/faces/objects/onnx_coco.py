"""What the ONNX object detectors share: a session, suppression of double boxes, COCO labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device, open_session
from mediaflow_assets.faces.boxes import Boxes, nms
from mediaflow_assets.faces.detection import ObjectDetection, thing_in
from mediaflow_assets.faces.objects.coco import LABELS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_IOU_THRESHOLD = 0.6


class OnnxObjects:
    """A detector needs ``_tensor`` (picture to input) and ``_decode`` (output to boxes)."""

    name: ClassVar[str]
    input_size: ClassVar[int]
    models: ClassVar[tuple[str, ...]]

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._session: InferenceSession | None = None
        self.device = DeviceChoice("cpu", "not loaded")

    def load(self) -> None:
        if self._session is None:
            (model,) = self.models
            path = self._store.path(model)
            self.device = onnx_device(self._compute.device)
            session = open_session(path, self.device)
            shape = session.get_inputs()[0].shape[1:]
            if shape != [3, self.input_size, self.input_size]:
                raise BadInput(path, f"reads pictures of shape {shape}", f"Export it for {self.input_size} pixels")
            self._session = session

    def detect(self, square: NDArray[np.uint8], width: int, height: int) -> list[ObjectDetection]:
        assert self._session is not None  # noqa: S101 - load() comes first
        port = self._session.get_inputs()[0].name
        boxes, scores = self._decode(self._session.run(None, {port: self._tensor(square)})[0][0])
        classes, best = scores.argmax(axis=1), scores.max(axis=1)
        good = best >= self._settings.object_confidence
        boxes, classes, best = boxes[good], classes[good], best[good]
        # Boxes of different classes are moved apart, so that they do not suppress each other.
        apart = (classes * (4 * self.input_size)).astype(np.float32)[:, None]
        kept = nms(boxes + apart, best, _IOU_THRESHOLD)[: self._settings.max_objects]
        scale = np.array([width, height, width, height]) / self.input_size
        return [
            thing_in(tuple((boxes[index] * scale).tolist()), width, height, LABELS[classes[index]], float(best[index]))
            for index in kept
        ]

    def close(self) -> None:
        self._session = None

    def _tensor(self, square: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def _decode(self, output: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
        """Boxes ``(n, 4)`` in pixels of the square and scores ``(n, 80)``."""
        raise NotImplementedError
