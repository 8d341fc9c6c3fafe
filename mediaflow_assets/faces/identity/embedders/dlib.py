"""dlib's face recognition network (King, 2017): 128 values, 99.4 % on LFW."""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.alignment import aligned, eyes_apart
from mediaflow_assets.faces.identity.embedders import Limits
from mediaflow_assets.modelstore import ModelStore

_SIDE = 150
_PADDING = 0.25
_EYES = (np.array([[0.2273, 0.2214], [0.7528, 0.2212]]) + _PADDING) / (1 + 2 * _PADDING) * _SIDE
"""Right and left eye in the network's aligned faces, pixels: means of the eyes' corners in dlib's 5-point shape."""
_MIN_EYE_DISTANCE = 12.0
"""Pixels between the eyes below which a face is too small to be recognized."""


class DlibEmbedder:
    """Needs the package dlib; about 75 ms a face."""

    name: ClassVar[str] = "dlib"
    model: ClassVar[str] = "dlib-face-recognition"
    library: ClassVar[str | None] = "dlib"
    limits: ClassVar[Limits] = Limits(one_person=0.5, two_people=0.6)
    """0.6 is dlib's own limit for its network; 0.5 was chosen on the drawn films."""

    def __init__(self, store: ModelStore) -> None:
        if find_spec("dlib") is None:
            raise Unavailable("dlib", "is not installed", "Run: pip install dlib-bin, or set TRACKING_JOIN=off")
        import dlib

        self._network = dlib.face_recognition_model_v1(str(store.path(self.model)))

    @staticmethod
    def chip(picture: NDArray[np.uint8], face: Detection) -> bytes | None:
        """150 x 150, the eyes level and in their places."""
        if face.keypoints is None or eyes_apart(face) < _MIN_EYE_DISTANCE:
            return None
        return aligned(picture, face.keypoints[:2], _EYES, _SIDE)

    def embed(self, chip: NDArray[np.uint8]) -> NDArray[np.float64]:
        """128 values."""
        return np.array(self._network.compute_face_descriptor(np.ascontiguousarray(chip)))
