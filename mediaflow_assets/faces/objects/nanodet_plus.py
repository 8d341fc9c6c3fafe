"""NanoDet-Plus by ONNX Runtime.

For each cell of four maps the network gives 80 scores and four distributions over 8 distances, in
units of the map's stride (generalized focal loss, Li et al., 2020; github.com/RangiLyu/nanodet).
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.boxes import Boxes
from mediaflow_assets.faces.objects.coco import LABELS
from mediaflow_assets.faces.objects.onnx_coco import OnnxObjects

_STRIDES = (8, 16, 32, 64)
_DISTANCES = np.arange(8, dtype=np.float32)
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_STD = np.array([57.375, 57.12, 58.395], np.float32)
"""Blue, green, red."""


class NanoDetPlus(OnnxObjects):
    """NanoDet-Plus-m for 416 pixels."""

    name: ClassVar[str] = "nanodet_plus"
    summary: ClassVar[str] = "NanoDet-Plus-m 416, COCO; CUDA or CPU."
    licence: ClassVar[str] = "Apache-2.0"
    source: ClassVar[str] = "https://github.com/RangiLyu/nanodet"
    input_size: ClassVar[int] = 416
    models: ClassVar[tuple[str, ...]] = ("nanodet-plus",)

    def _tensor(self, square: NDArray[np.uint8]) -> NDArray[np.float32]:
        normal = (square[:, :, ::-1] - _MEAN) / _STD
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)

    def _decode(self, output: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
        scores, distributions = output[:, : len(LABELS)], output[:, len(LABELS) :].reshape(len(output), 4, -1)
        weights = np.exp(distributions - distributions.max(axis=2, keepdims=True))
        centres, strides = _cells(self.input_size)
        reach = (weights @ _DISTANCES) / weights.sum(axis=2) * strides[:, None]
        return np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], axis=1), scores


@cache
def _cells(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centre ``(n, 2)`` and stride ``(n,)`` of every cell, map after map and row by row."""
    centres, strides = [], []
    for stride in _STRIDES:
        cells = np.arange(-(-side // stride)) * stride
        x, y = np.meshgrid(cells, cells)
        centres.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full(x.size, stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(strides).astype(np.float32)
