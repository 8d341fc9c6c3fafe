"""YuNet says where faces are; Face Mesh and Blendshapes V2 say what they do.

FaceLandmarker finds faces in a picture shrunk to 128 x 128, so small ones escape it. Here YuNet
finds them and the networks of the same model file are run where it says. A network's answer moves
with the square it is shown, so where FaceLandmarker's own detector (BlazeFace) sees the face as
well, its square is taken: landmarks and coefficients then are FaceLandmarker's.

Between two full looks the search is left out: the square comes from BlazeFace or from the line
between the landmarks on both sides, and the mesh network itself tells whether a face is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device
from mediaflow_assets.faces.boxes import pairwise_iou
from mediaflow_assets.faces.detection import Blendshapes, Detection, around_box, around_landmarks
from mediaflow_assets.faces.engines.opencv_yunet import look, open_yunet
from mediaflow_assets.faces.interpolation import FacePair, confidence_between, landmarks_between
from mediaflow_assets.faces.networks.blazeface import BlazeFace
from mediaflow_assets.faces.networks.facemesh import (
    BLENDSHAPES,
    FaceMesh,
    Mesh,
    Region,
    five_points,
    region_around,
    region_of,
)
from mediaflow_assets.faces.networks.landmarker import LandmarkerNetworks
from mediaflow_assets.faces.networks.yunet import YuNet
from mediaflow_assets.faces.pictures import Picture
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

_BLAZEFACE_SCORE = 0.5
"""FaceLandmarker's own default."""
_SAME_FACE = 0.3
"""Least intersection over union of the two detectors' boxes of one face."""


class OpencvYunetFacemesh:
    """Small faces and blendshapes together."""

    name: ClassVar[str] = "opencv_yunet_facemesh"
    summary: ClassVar[str] = "YuNet finds, MediaPipe's networks give 478 landmarks and 52 blendshapes; CPU or CUDA."
    licence: ClassVar[str] = "MIT (YuNet), Apache-2.0 (landmarks and blendshapes)"
    models: ClassVar[tuple[str, ...]] = ("yunet", "face-landmarker")
    in_order: ClassVar[bool] = False
    detect_every: ClassVar[int] = 5
    survey_every: ClassVar[int] = 50

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._yunet: YuNet
        self._blazeface: BlazeFace
        self._mesh: FaceMesh | None = None
        self._compute = compute
        self.device: DeviceChoice

    def load(self) -> None:
        if self._mesh is not None:
            return
        self.device = onnx_device(self._compute.device)
        networks = LandmarkerNetworks(self._store, self.device)
        self._yunet = open_yunet(self._settings, self._store, self.device)
        self._blazeface = BlazeFace(networks, _BLAZEFACE_SCORE)
        self._mesh = FaceMesh(networks)

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        found = list(zip(*look(self._yunet, picture, surveyed, self._settings), strict=True))
        if not found:
            return []
        regions = self._blazeface_regions(picture, [box for box, _, _ in found])
        faces = []
        for (box, score, points), region in zip(found, regions, strict=True):
            mesh = self._mesh_in(picture, region) if region else None
            if mesh is None:
                mesh = self._mesh_near(picture, box, points)
            if mesh is None:
                faces.append(around_box(box, picture, confidence=float(score), keypoints=points))
            else:
                faces.append(self._face(picture, index, mesh, float(score)))
        return faces

    def follow(self, picture: Picture, index: int, faces: Sequence[FacePair], part: float) -> list[Detection] | None:
        between = [landmarks_between(pair, part) for pair in faces]
        landmarks = [points for points in between if points is not None]
        if len(landmarks) < len(faces):
            return None
        if not faces:
            return []
        regions = self._blazeface_regions(picture, [_enclosing(points) for points in landmarks])
        found = []
        for pair, points, region in zip(faces, landmarks, regions, strict=True):
            mesh = self._mesh_in(picture, region or region_of(points))
            if mesh is None:
                return None
            found.append(self._face(picture, index, mesh, confidence_between(pair, part) or 0.0))
        return found

    def close(self) -> None:
        """The networks stay."""
        if self._mesh is not None:
            self._yunet.rest()

    def _blazeface_regions(self, picture: Picture, boxes: Sequence[NDArray[np.float32]]) -> list[Region | None]:
        """For each box the square of the face that BlazeFace sees there, if it sees one."""
        regions: list[Region | None] = [None] * len(boxes)
        seen = self._blazeface.detect(picture)
        if seen:
            shared = pairwise_iou(np.stack(boxes), np.stack([face.box for face in seen]))
            for number, row in enumerate(shared):
                best = int(row.argmax())
                if row[best] >= _SAME_FACE:
                    regions[number] = region_around(seen[best].box, seen[best].points)
        return regions

    def _mesh_near(self, picture: Picture, box: NDArray[np.float32], points: NDArray[np.float32]) -> Mesh | None:
        """YuNet's boxes are looser than the network likes: a second look starts from the first."""
        first = self._mesh_in(picture, region_around(box, points))
        return None if first is None else self._mesh_in(picture, region_of(first.points))

    def _mesh_in(self, picture: Picture, region: Region) -> Mesh | None:
        assert self._mesh is not None  # noqa: S101 - load() comes first
        mesh = self._mesh.landmarks(picture, region)
        return mesh if mesh.presence >= self._settings.presence_confidence else None

    def _face(self, picture: Picture, index: int, mesh: Mesh, score: float) -> Detection:
        assert self._mesh is not None  # noqa: S101 - load() comes first
        height, width = picture.shape[:2]
        blendshapes: Blendshapes = msgspec.UNSET
        if index % self._settings.blendshapes_every == 0:
            values = self._mesh.blendshapes(mesh.points).tolist()
            blendshapes = {name: round(value, 5) for name, value in zip(BLENDSHAPES, values, strict=True)}
        return around_landmarks(
            mesh.points,
            width,
            height,
            confidence=score,
            blendshapes=blendshapes,
            keypoints=five_points(mesh.points),
        )


def _enclosing(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([points[:, :2].min(axis=0), points[:, :2].max(axis=0)])
