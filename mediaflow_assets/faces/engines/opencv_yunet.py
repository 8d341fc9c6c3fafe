"""YuNet: boxes and five points of faces of any size from about 16 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device
from mediaflow_assets.faces.detection import Detection, around_box
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.networks.turned import detect_turned
from mediaflow_assets.faces.networks.yunet import Faces, YuNet
from mediaflow_assets.faces.pictures import Picture
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

_MIN_SCORE = 0.7
_MAX_SIDE = 1920
_LARGE = 1000
"""After a survey without a face, only larger ones that come in are looked for until the next."""


def open_yunet(settings: FaceSettings, store: ModelStore, device: DeviceChoice) -> YuNet:
    """The detector as the settings want it."""
    return YuNet(
        store.path("yunet"),
        device,
        longest_side=settings.max_width or _MAX_SIDE,
        least_score=settings.detection_confidence or _MIN_SCORE,
        iou_threshold=settings.yunet_overlap,
        most_candidates=settings.yunet_candidates,
    )


def look(yunet: YuNet, picture: Picture, surveyed: Sequence[Detection] | None, settings: FaceSettings) -> Faces:
    """Every face (a survey), or quickly those like the ones that the last survey saw; no more than candidates."""
    smallest, largest_width = 0.0, math.inf
    if surveyed is not None:
        widths = [face.bbox[2] for face in surveyed]
        smallest, largest_width = min(widths, default=_LARGE), max(widths, default=0)
    found = detect_turned(yunet, picture, settings.quarter_turns, smallest, largest_width)
    areas = (found.boxes[:, 2:] - found.boxes[:, :2]).prod(axis=1)
    largest = np.sort(np.argsort(-areas, kind="stable")[: settings.max_candidates])
    return Faces(*(part[largest] for part in found))


class OpencvYunet(StillEngine):
    """No landmarks, so nothing that tells who speaks."""

    name: ClassVar[str] = "opencv_yunet"
    summary: ClassVar[str] = "YuNet: boxes and five points, small faces included; no blendshapes; CPU or CUDA."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ("yunet",)
    survey_every: ClassVar[int] = 50

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._yunet: YuNet | None = None
        self.device = DeviceChoice("cpu", "not loaded")

    def load(self) -> None:
        if self._yunet is None:
            self.device = onnx_device(self._compute.device)
            self._yunet = open_yunet(self._settings, self._store, self.device)

    def close(self) -> None:
        """The network stays."""
        if self._yunet is not None:
            self._yunet.rest()

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        assert self._yunet is not None  # noqa: S101 - load() comes first
        found = look(self._yunet, picture, surveyed, self._settings)
        return [
            around_box(box, picture, confidence=float(score), keypoints=points)
            for box, score, points in zip(*found, strict=True)
        ]
