"""OpenSeeFace: 66 points that follow the mouth well, from two small ONNX networks.

Arithmetic of the inputs and outputs follows the published tracker (github.com/emilianavt/OpenSeeFace,
tracker.py, BSD-2-Clause): the detector's heat map is 56 x 56 with local maxima marked by its own
max-pool; the landmark network gives, for each point, a 28 x 28 map and two maps of offsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device, open_session
from mediaflow_assets.faces.detection import Detection, around_landmarks
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.jaw import jaw_of_66, only_jaw
from mediaflow_assets.faces.pictures import Picture, shrunk
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_SIDE = 224
_CELLS = 28
_POINTS = 66
_MIN_SCORE = 0.6
_MAX_SIDE = 640
_MEAN, _STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
_OFFSET_SHARPNESS = 16.0
_FIVE = ((36, 39), (42, 45), (30,), (58,), (62,))
"""Eyes (both corners), nose tip, corners of the mouth."""


class OpenSeeFace(StillEngine):
    """As many faces as ``FACES_MAX`` says; its own tracker would follow one."""

    name: ClassVar[str] = "openseeface"
    summary: ClassVar[str] = "OpenSeeFace: 66 points and jawOpen of faces that fill a good part of the frame."
    licence: ClassVar[str] = "BSD-2-Clause"
    models: ClassVar[tuple[str, ...]] = ("openseeface-detection", "openseeface-landmarks-0")

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._detector: InferenceSession | None = None
        self._landmarks: InferenceSession | None = None
        self.device = DeviceChoice("cpu", "not loaded")

    def load(self) -> None:
        if self._landmarks is not None:
            return
        detector, landmarks = (self._store.path(model) for model in self.models)
        self.device = onnx_device(self._compute.device)
        self._detector = open_session(detector, self.device)
        self._landmarks = open_session(landmarks, self.device)

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        height, width = picture.shape[:2]
        small = shrunk(picture, self._settings.max_width or _MAX_SIDE)
        scale = width / small.shape[1]
        wanted = index % self._settings.blendshapes_every == 0
        faces = []
        for left, top, side_x, side_y in self._boxes(small):
            found = self._points(small, left, top, side_x, side_y)
            if found is None:
                continue
            points, confidence = found[0] * np.float32(scale), found[1]
            faces.append(
                around_landmarks(
                    points,
                    width,
                    height,
                    confidence=confidence,
                    blendshapes=only_jaw(jaw_of_66(points)) if wanted else msgspec.UNSET,
                    keypoints=np.stack([points[list(group), :2].mean(axis=0) for group in _FIVE]),
                )
            )
        return faces

    @property
    def _least_score(self) -> float:
        return self._settings.detection_confidence or _MIN_SCORE

    def _boxes(self, picture: Picture) -> list[tuple[float, float, float, float]]:
        """Left, top, width, height of the strongest faces, pixels."""
        assert self._detector is not None  # noqa: S101 - load() comes first
        maps, peaks = self._detector.run(None, {"input": _tensor(picture)})
        heat = np.where(maps[0, 0] == peaks[0, 0], maps[0, 0], 0)
        across, down = picture.shape[1] / _SIDE, picture.shape[0] / _SIDE
        boxes = []
        for cell in np.argsort(-heat, axis=None, kind="stable")[: self._settings.max_candidates]:
            row, column = divmod(int(cell), heat.shape[1])
            if heat[row, column] < self._least_score:
                break
            radius = float(maps[0, 1, row, column]) * _SIDE / 2
            boxes.append(
                ((column * 4 - radius) * across, (row * 4 - radius) * down, 2 * radius * across, 2 * radius * down)
            )
        return boxes

    def _points(
        self, picture: Picture, left: float, top: float, width: float, height: float
    ) -> tuple[NDArray[np.float32], float] | None:
        """Points ``(66, 3)`` and their mean confidence; None when they fit badly."""
        x1, y1 = max(int(left - 0.1 * width), 0), max(int(top - 0.125 * height), 0)
        x2 = min(int(left + 1.1 * width), picture.shape[1])
        y2 = min(int(top + 1.125 * height), picture.shape[0])
        if x2 - x1 < 4 or y2 - y1 < 4:
            return None
        assert self._landmarks is not None  # noqa: S101 - load() comes first
        output = self._landmarks.run(None, {"input": _tensor(picture[y1:y2, x1:x2])})[0][0]
        heat, down, across = (part.reshape(_POINTS, -1) for part in np.split(output, 3))
        best = heat.argmax(axis=1)
        confidence = float(np.take_along_axis(heat, best[:, None], 1).mean())
        if confidence < self._least_score:
            return None
        rows, columns = np.divmod(best, _CELLS)
        scale = np.array([(x2 - x1) / _SIDE, (y2 - y1) / _SIDE])
        cells = np.stack([columns + _offset(across, best), rows + _offset(down, best)], axis=1)
        placed = cells * ((_SIDE - 1) / (_CELLS - 1)) * scale + (x1, y1)
        return np.column_stack([placed, np.zeros(_POINTS)]).astype(np.float32), confidence


def _offset(maps: NDArray[np.float32], best: NDArray[np.intp]) -> NDArray[np.float32]:
    """Parts of a cell: the network gives them through a logistic function."""
    value = np.take_along_axis(maps, best[:, None], 1)[:, 0].clip(1e-7, 1 - 1e-7)
    offset: NDArray[np.float32] = np.log(value / (1 - value)) / _OFFSET_SHARPNESS * (_CELLS - 1)
    return offset


def _tensor(picture: Picture) -> NDArray[np.float32]:
    import cv2

    square = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    normal = (square / 255 - _MEAN) / _STD
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)
