"""InsightFace: SCRFD (Guo et al., 2021) and the 3D landmarks of the same model pack, on a GPU or a CPU.

The arithmetic is the ``insightface`` package's own. Its downloader is never used: the pack is a ZIP
that the user gets from the authors and puts into the model store, because it may be used for
non-commercial research only.
"""

from __future__ import annotations

import io
import zipfile
from collections import UserDict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import onnx_device, open_session
from mediaflow_assets.faces.detection import Detection, around_box
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.jaw import jaw_of_68, only_jaw
from mediaflow_assets.faces.pictures import Picture, shrunk
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from insightface.model_zoo.landmark import Landmark
    from insightface.model_zoo.scrfd import SCRFD

_MIN_SCORE = 0.5
_MAX_SIDE = 1280
_DETECTORS = ("det_", "scrfd_")
_LANDMARKS = "1k3d68"
"""File names inside the packs, without their ends."""


class _Face(UserDict[str, object]):
    """What the package's landmark network reads and fills."""

    bbox: NDArray[np.float32]


class InsightFace(StillEngine):
    """The strongest detector here where there is a GPU."""

    name: ClassVar[str] = "insightface"
    summary: ClassVar[str] = "InsightFace SCRFD with 68 3D landmarks and jawOpen; CUDA or CPU."
    licence: ClassVar[str] = "MIT code; weights for non-commercial research only"
    models: tuple[str, ...] = ("insightface-antelopev2",)
    libraries: ClassVar[tuple[str, ...]] = ("insightface",)

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._detector: SCRFD | None = None
        self._landmarks: Landmark | None = None
        self.models = (f"insightface-{settings.insightface_pack.replace('_', '-')}",)
        self.device = DeviceChoice("cpu", "not loaded")

    def load(self) -> None:
        if self._detector is not None:
            return
        pack = self._store.path(self.models[0])
        self.device = onnx_device(self._compute.device)
        try:
            from insightface.model_zoo.landmark import Landmark
            from insightface.model_zoo.scrfd import SCRFD
        except ImportError as error:
            raise Unavailable("insightface", f"cannot be imported ({error})", "Run: pip install insightface") from error

        if "landmark_3d_68" in self._settings.insightface_modules:
            content = _member(pack, (_LANDMARKS,))
            self._landmarks = Landmark(model_file=io.BytesIO(content), session=open_session(content, self.device))
        detector = SCRFD(model_file=None, session=open_session(_member(pack, _DETECTORS), self.device))
        self._detector = detector

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        assert self._detector is not None  # noqa: S101 - load() comes first
        small = shrunk(picture, self._settings.max_width or _MAX_SIDE)
        scale = picture.shape[1] / small.shape[1]
        blue_first = np.ascontiguousarray(small[:, :, ::-1])
        found, points = self._detector.detect(
            blue_first,
            input_size=(self._settings.insightface_side,) * 2,
            det_thresh=self._settings.detection_confidence or _MIN_SCORE,
        )
        faces = []
        for number, row in enumerate(found[: self._settings.max_candidates]):
            face = around_box(
                row[:4] * scale,
                picture,
                confidence=float(row[4]),
                keypoints=None if points is None else points[number] * np.float32(scale),
            )
            self._add_landmarks(face, blue_first, row[:4], scale, index)
            faces.append(face)
        return faces

    def _add_landmarks(
        self, face: Detection, blue_first: Picture, box: NDArray[np.float32], scale: float, index: int
    ) -> None:
        if self._landmarks is None:
            return
        asked = _Face()
        asked.bbox = box
        face.landmarks = np.asarray(self._landmarks.get(blue_first, asked), np.float32) * np.float32(scale)
        wanted = index % self._settings.blendshapes_every == 0
        face.blendshapes = only_jaw(jaw_of_68(face.landmarks)) if wanted else msgspec.UNSET


def _member(pack: Path, starts: tuple[str, ...]) -> bytes:
    """The network in the pack whose file name starts like this.

    Raises:
        BadInput: the pack is no ZIP or has no such network.
    """
    try:
        with zipfile.ZipFile(pack) as archive:
            for name in archive.namelist():
                if name.endswith(".onnx") and PurePosixPath(name).name.startswith(starts):
                    return archive.read(name)
    except zipfile.BadZipFile:
        pass
    raise BadInput(pack, f"has no network {' or '.join(starts)}*.onnx", "Get the pack from its authors again")
