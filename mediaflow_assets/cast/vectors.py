"""Faces and voices as vectors. They are held in memory; only those of people who are learned are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.cast.appearances import FaceAppearance, Place, iou
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.engines.opencv_yunet import OpencvYunet
from mediaflow_assets.faces.identity.alignment import decoded
from mediaflow_assets.faces.identity.embedders.dlib import DlibEmbedder
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.video.decode import frames_at

Vector = NDArray[np.float64]
_SAME_BOX = 0.4
"""IoU of a tracked face and the face that is found again to measure it."""
_ONE_FACE = 0.6
"""Looks farther than this from the most central one are another's: dlib's own limit for two pictures of one person."""


class FaceMeasure:
    """Finds the eyes of tracked faces and measures the faces.

    Raises:
        Unavailable: dlib or a model is missing.
    """

    def __init__(self, store: ModelStore, compute: ComputeSettings) -> None:
        if find_spec("dlib") is None:
            raise Unavailable("dlib", "is not installed", "Run: pip install dlib-bin, or set CAST=off")
        self._embedder = DlibEmbedder(store)
        self._detector = OpencvYunet(FaceSettings(), store, compute)
        self._detector.load()
        self.model = store.sha256(DlibEmbedder.model)

    def measure(self, picture: Path, size: tuple[int, int], faces: Sequence[FaceAppearance]) -> dict[str, list[Vector]]:
        """Vectors of 128 values for each face, by id; none for faces that are too small or turned away.

        Args:
            picture: the 25-fps video.
            size: width and height of the video that the boxes are of.
        """
        wanted: dict[int, list[tuple[str, Place]]] = {}
        for face in faces:
            for frame, place in face.looks().items():
                wanted.setdefault(frame, []).append((face.id, place))
        found: dict[str, list[Vector]] = {face.id: [] for face in faces}
        order = sorted(wanted)
        for frame, image in zip(order, frames_at(picture, order, size), strict=True):
            for name, vector in self._in_picture(np.asarray(image), wanted[frame]):
                found[name].append(vector)
        return {name: consistent(vectors) for name, vectors in found.items() if vectors}

    def _in_picture(
        self, picture: NDArray[np.uint8], places: Sequence[tuple[str, Place]]
    ) -> Iterator[tuple[str, Vector]]:
        detections = self._detector.detect(picture, 0)
        for name, place in places:
            best = max(detections, key=lambda one: iou(one.bbox, place), default=None)
            if best is not None and iou(best.bbox, place) >= _SAME_BOX:
                chip = self._embedder.chip(picture, best)
                if chip is not None:
                    yield name, self._embedder.embed(decoded(chip))


def consistent(vectors: Sequence[Vector]) -> list[Vector]:
    """Those that are of one face: a tracker may have had another's for a moment."""
    apart = np.linalg.norm(np.array(vectors)[:, None] - np.array(vectors)[None], axis=2)
    central = int(np.argmin(np.median(apart, axis=1)))
    return [vector for vector, far in zip(vectors, apart[central], strict=True) if far <= _ONE_FACE]


def mean_of(vectors: Sequence[Vector]) -> tuple[float, ...]:
    """Their mean, six decimals."""
    return tuple(round(float(value), 6) for value in np.mean(np.array(vectors), axis=0))


def voices_of(audio: Path) -> tuple[str, Mapping[str, tuple[float, ...]]]:
    """Engine and, by label, the voices of an audio document; none where the engine gives none."""
    head = read_audio_head(audio)
    return head.engine, head.voices
