"""SFace (Zhong et al., IEEE TIP 2021), OpenCV's face recognition network: 128 values, 99.6 % on LFW."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.execution.onnx_sessions import open_session
from mediaflow_assets.execution.openvino import compile_onnx, openvino_problem
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.alignment import aligned, face_size
from mediaflow_assets.faces.identity.embedders import Limits
from mediaflow_assets.modelstore import ModelStore

_SIDE = 112
_POINTS = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
"""Eyes, nose tip and corners of the mouth in aligned faces, pixels: those of ArcFace (Deng et al., 2019), which SFace
was trained with."""
_MIN_SIZE = 12.0
"""Pixels (see :func:`~mediaflow_assets.faces.identity.alignment.face_size`) below which a face is too small."""

Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A batch ``(n, 3, 112, 112)``, RGB from 0 to 255, to vectors ``(n, 128)``."""


class SFaceEmbedder:
    """On the processor: 12 ms a face with OpenVINO, or 38 ms with ONNX Runtime where that is not there."""

    name: ClassVar[str] = "sface"
    model: ClassVar[str] = "sface"
    library: ClassVar[str | None] = None
    limits: ClassVar[Limits] = Limits(one_person=1.1, two_people=1.2)
    """Chosen on one half of 39 real people, reported on the other (``benchmarks/results/faces_speaking.md``)."""

    def __init__(self, store: ModelStore) -> None:
        self._model = store.path(self.model)

    @cached_property
    def _run(self) -> Network:
        """Opened when faces are compared: then the networks that looked for them have given their memory back."""
        return _network(self._model)

    @staticmethod
    def chip(picture: NDArray[np.uint8], face: Detection) -> bytes | None:
        """112 x 112, the five points as near to their places as a similarity takes them."""
        if face.keypoints is None or face_size(face) < _MIN_SIZE:
            return None
        return aligned(picture, face.keypoints, _POINTS, _SIDE)

    def embed(self, chip: NDArray[np.uint8]) -> NDArray[np.float64]:
        """128 values, a unit vector."""
        batch = np.ascontiguousarray(chip.transpose(2, 0, 1)[None], np.float32)
        values = self._run(batch)[0].astype(np.float64)
        unit: NDArray[np.float64] = values / np.linalg.norm(values)
        return unit


def _network(model: Path) -> Network:
    """One thread: faces are few."""
    if openvino_problem():
        session = open_session(model, DeviceChoice("cpu", "a face takes milliseconds"))
        name = session.get_inputs()[0].name
        return lambda batch: np.asarray(session.run(None, {name: batch})[0])
    compiled = compile_onnx(model, 1, "f32")
    return lambda batch: np.asarray(compiled(batch)[0])
