"""A 3D morphable face model fitted to landmarks (Huber et al., VISAPP 2016), by the eos library.

The landmarks are those of ``opencv_yunet_facemesh``, whose blendshapes it keeps; each face gets
the coefficients of the Surrey Face Model besides. That model is for non-commercial use only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.detection import Coefficients, Detection
from mediaflow_assets.faces.engines.opencv_yunet_facemesh import OpencvYunetFacemesh
from mediaflow_assets.faces.interpolation import FacePair
from mediaflow_assets.faces.pictures import Picture
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from eos.core import LandmarkMapper
    from eos.fitting import ContourLandmarks, ModelContour
    from eos.morphablemodel import EdgeTopology, MorphableModel

# fmt: off
_IBUG_68 = np.array((
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 98, 97, 2, 326, 327,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87))
"""For each of iBUG's 68 points (jaw, brows, nose, eyes, outer lips, inner lips) the Face Mesh point there."""
# fmt: on
_MODELS = ("eos-shape", "eos-blendshapes", "eos-ibug-mapping", "eos-edge-topology", "eos-contours")
_DIGITS = 5


class Eos(OpencvYunetFacemesh):
    """Face Mesh with a fitted 3D model."""

    name: ClassVar[str] = "eos"
    summary: ClassVar[str] = (
        "opencv_yunet_facemesh with a fitted 3D face model: shape and expression coefficients; CPU."
    )
    licence: ClassVar[str] = "Surrey Face Model: non-commercial use only; networks MIT and Apache-2.0"
    detect_every: ClassVar[int] = 1
    models: ClassVar[tuple[str, ...]] = (*OpencvYunetFacemesh.models, *_MODELS)
    libraries: ClassVar[tuple[str, ...]] = ("eos",)

    def __init__(self, settings: FaceSettings, store: ModelStore, compute: ComputeSettings) -> None:
        super().__init__(settings, store, compute)
        self._model_store = store
        self._model: MorphableModel | None = None
        self._fixed: tuple[LandmarkMapper, EdgeTopology, ContourLandmarks, ModelContour]

    def load(self) -> None:
        if self._model is None:
            paths = [str(self._model_store.path(model)) for model in _MODELS]
            try:
                import eos
            except ImportError as error:
                raise Unavailable("eos-py", f"cannot be imported ({error})", "Run: pip install eos-py") from error
            shape, blendshapes, mapping, edges, contours = paths
            try:
                surrey = eos.morphablemodel.load_model(shape)
                self._fixed = (
                    eos.core.LandmarkMapper(mapping),
                    eos.morphablemodel.load_edge_topology(edges),
                    eos.fitting.ContourLandmarks.load(mapping),
                    eos.fitting.ModelContour.load(contours),
                )
                self._model = eos.morphablemodel.MorphableModel(
                    surrey.get_shape_model(),
                    eos.morphablemodel.load_blendshapes(blendshapes),
                    eos.morphablemodel.PcaModel(),
                )
            except RuntimeError as error:
                raise BadInput("Surrey Face Model", f"cannot be read ({error})", "Fetch it again") from error
        super().load()

    def detect(self, picture: Picture, index: int, surveyed: Sequence[Detection] | None = None) -> list[Detection]:
        return self._fitted(super().detect(picture, index, surveyed), picture)

    def follow(self, picture: Picture, index: int, faces: Sequence[FacePair], part: float) -> list[Detection] | None:
        """Landmarks of this frame; the model's coefficients are those between the two fits."""
        found = super().follow(picture, index, faces, part)
        for face, pair in zip(found or (), faces, strict=found is not None):
            face.eos = _between(pair.before.eos, pair.after.eos, part)
        return found

    def _fitted(self, faces: list[Detection], picture: Picture) -> list[Detection]:
        for face in faces:
            if face.landmarks is not None:
                face.eos = self._fit(face.landmarks[_IBUG_68, :2], picture.shape[1], picture.shape[0])
        return faces

    def _fit(self, points: NDArray[np.float32], width: int, height: int) -> Coefficients:
        """Coefficients of the model and the head's rotation (quaternion x, y, z, w)."""
        import eos

        mapper, edges, contour_landmarks, contours = self._fixed
        landmarks = [eos.core.Landmark(str(number), point) for number, point in enumerate(points, start=1)]
        _, pose, shape, expression = eos.fitting.fit_shape_and_pose(
            self._model, landmarks, mapper, width, height, edges, contour_landmarks, contours
        )
        return {
            "shape_coeffs": [round(value, _DIGITS) for value in shape],
            "expression_coeffs": [round(value, _DIGITS) for value in expression],
            "rotation": [round(float(value), _DIGITS) for value in pose.get_rotation()],
        }


def _between(before: Coefficients | None, after: Coefficients | None, part: float) -> Coefficients | None:
    if before is None or after is None:
        return None
    return {
        name: [round(first + (last - first) * part, _DIGITS) for first, last in zip(values, after[name], strict=True)]
        for name, values in before.items()
    }
