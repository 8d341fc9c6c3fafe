"""Haar cascade (Viola and Jones, 2001): quick, but misses turned faces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.object_pool import ObjectPool
from mediaflow_assets.faces.detection import Detection, around_box
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.pictures import Picture, shrunk
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from cv2 import CascadeClassifier


class OpencvHaar(StillEngine):
    """Boxes only, without a score."""

    name: ClassVar[str] = "opencv_haar"
    summary: ClassVar[str] = "OpenCV's Haar cascade: boxes of frontal faces; no landmarks, no blendshapes; CPU."
    licence: ClassVar[str] = "BSD-like (Intel License Agreement for OpenCV)"
    models: tuple[str, ...] = ("haar-frontal-face",)

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        if settings.haar_cascade is not None:
            self.models = ()
        self._cascades: ObjectPool[CascadeClassifier] | None = None
        self.device = DeviceChoice("cpu", "the cascade runs on CPUs only")

    def load(self) -> None:
        if self._cascades is None:
            path = self._settings.haar_cascade or self._store.path(self.models[0])
            cascades = ObjectPool(partial(_open, path))
            with cascades.acquire():
                """Read once now, so that a bad file shows before any frame."""
            self._cascades = cascades

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        import cv2

        assert self._cascades is not None  # noqa: S101 - load() comes first
        small = shrunk(picture, self._settings.max_width)
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        with self._cascades.acquire() as cascade:
            found = cascade.detectMultiScale(
                grey,
                scaleFactor=self._settings.haar_scale,
                minNeighbors=self._settings.haar_neighbours,
                minSize=(self._settings.haar_least_side,) * 2,
            )
        scale = picture.shape[1] / small.shape[1]
        largest = sorted((tuple(map(int, box)) for box in found), key=lambda box: (-box[2], box))
        return [
            around_box(np.array([left, top, left + width, top + height]) * scale, picture)
            for left, top, width, height in largest[: self._settings.max_candidates]
        ]


def _open(path: Path) -> CascadeClassifier:
    import cv2

    if not hasattr(cv2, "CascadeClassifier"):
        raise Unavailable(
            "opencv_haar",
            f"OpenCV {cv2.__version__} was built without cascades",
            "Run: pip install --force-reinstall opencv-contrib-python, or choose the engine opencv_yunet",
        )
    cascade = cv2.CascadeClassifier()
    try:
        usable = path.is_file() and cascade.load(str(path))
    except cv2.error:  # what it raises for a file that is no cascade at all
        usable = False
    if not usable:
        raise BadInput(path, "is no Haar cascade that OpenCV can read", "Set HAAR_CASCADE to another file")
    return cascade
