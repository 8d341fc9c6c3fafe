"""YOLO11n by ONNX Runtime; its weights are AGPL-3.0, so the user decides and supplies them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.boxes import Boxes
from mediaflow_assets.faces.objects.onnx_coco import OnnxObjects


class Yolo11n(OnnxObjects):
    """Output ``(84, n)``: centre, width, height, then a score for each class."""

    name: ClassVar[str] = "yolo11n_onnx"
    summary: ClassVar[str] = "YOLO11n, COCO; CUDA or CPU."
    licence: ClassVar[str] = "AGPL-3.0-only, or an Ultralytics enterprise licence"
    source: ClassVar[str] = "https://docs.ultralytics.com/models/yolo11/"
    input_size: ClassVar[int] = 640
    models: ClassVar[tuple[str, ...]] = ("yolo11n",)

    def _tensor(self, square: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / np.float32(255)

    def _decode(self, output: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
        rows = output.T
        centres, halves = rows[:, :2], rows[:, 2:4] / 2
        return np.concatenate([centres - halves, centres + halves], axis=1), rows[:, 4:]
