"""The same person in several shots, or again after a crossing: tracks are joined by the likeness of their faces.

Optional: needs dlib and its face recognition network (King, 2017; 128 values, 99.4 % on LFW). Two
faces are taken for one person when their pictures are, on average, nearer to each other than a
limit; faces that are ever visible together never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.errors import Unavailable
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.parts import continued, distance
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.tracks import FaceTrack, merged
from mediaflow_assets.modelstore import ModelStore

if TYPE_CHECKING:
    from PIL.Image import Image

MODEL = "dlib-face-recognition"
_PORTRAITS = 2
"""Pictures of each face that are compared."""
_APART = 25
"""Frames between them: neighbours look alike."""
_CROWDED = 0.25
"""Factor of the size of a look in which another face touches this one, and may cover part of it."""
_LEAST_EYES = 12.0
"""Pixels between the eyes below which a face is too small to be recognized."""
_SURE = 12
"""Frames below which a part of a track, seen between two others, is whom the tracker takes it for."""
_FAR = 10.0
"""Stands for "never the same person"; embeddings have length one."""
_CHIP = 150
_PADDING = 0.25
_EYES = np.array([[0.2273, 0.2214], [0.7528, 0.2212]])
"""Right and left eye in the unit square of the network's aligned faces: means of the eyes' corners in dlib's 5-point
shape."""
_BATCH = 16


class Portrait(NamedTuple):
    """One good look at a face."""

    frame: int
    """0-based."""
    eyes: NDArray[np.float64]
    """``(2, 2)``: right and left eye, pixels."""


class Portraits:
    """The best looks at each face of a video."""

    def __init__(self) -> None:
        self._best: dict[int, list[tuple[float, Portrait]]] = {}

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame."""
        for number, face in faces.items():
            crowded = any(_touch(face, other) for other in faces.values() if other is not face)
            self._add(frame, number, face, _CROWDED if crowded else 1.0)

    def _add(self, frame: int, number: int, face: Detection, factor: float) -> None:
        if face.keypoints is None or face.interpolated:
            return
        eyes = np.asarray(face.keypoints[:2], np.float64)
        size = float(np.hypot(*(eyes[1] - eyes[0])))
        if size < _LEAST_EYES:
            return
        size *= factor
        best = self._best.setdefault(number, [])
        rivals = [item for item in best if abs(item[1].frame - frame) < _APART]
        if any(rival[0] >= size for rival in rivals):
            return
        kept = [item for item in best if item not in rivals]
        kept.append((size, Portrait(frame, eyes)))
        self._best[number] = sorted(kept, key=lambda item: -item[0])[:_PORTRAITS]

    def all(self) -> list[tuple[int, Portrait]]:
        """Ids with their portraits, in the order of the frames."""
        found = [(number, portrait) for number, best in self._best.items() for _, portrait in best]
        return sorted(found, key=lambda item: item[1].frame)


def _touch(face: Detection, other: Detection) -> bool:
    """Whether two boxes have anything in common."""
    return all(
        face.bbox[side] < other.bbox[side] + other.bbox[side + 2]
        and other.bbox[side] < face.bbox[side] + face.bbox[side + 2]
        for side in (0, 1)
    )


class FaceEmbedder:
    """dlib's network."""

    def __init__(self, store: ModelStore) -> None:
        if find_spec("dlib") is None:
            raise Unavailable("dlib", "is not installed", "Run: pip install dlib-bin, or set TRACKING_JOIN=off")
        import dlib

        self._network: Any = dlib.face_recognition_model_v1(str(store.path(MODEL)))

    def embed(self, picture: Image, eyes: NDArray[np.float64]) -> NDArray[np.float64]:
        """128 values of the face whose eyes are at ``eyes`` in an RGB picture."""
        import cv2

        wanted = (_EYES + _PADDING) / (1 + 2 * _PADDING) * _CHIP
        (a, b), (c, d) = eyes[1] - eyes[0], wanted[1] - wanted[0]
        # The similarity that takes both eyes to their places, as a complex factor.
        factor = complex(c, d) / complex(a, b)
        turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
        matrix = np.column_stack([turn, wanted[0] - turn @ eyes[0]])
        chip = cv2.warpAffine(np.asarray(picture), matrix, (_CHIP, _CHIP), flags=cv2.INTER_AREA)
        return np.array(self._network.compute_face_descriptor(chip))


def embedder_for(settings: FaceSettings, store: ModelStore) -> FaceEmbedder | None:
    """What joins tracks by the settings; None when nothing shall or, for ``auto``, can.

    Raises:
        Unavailable: it is ``on``, and dlib or its model is missing.
    """
    if settings.join_shots == "off":
        return None
    if settings.join_shots == "auto" and not (find_spec("dlib") and store.status(MODEL).usable):
        return None
    return FaceEmbedder(store)


def embeddings_of(video: Path, portraits: Portraits, embedder: FaceEmbedder) -> dict[int, NDArray[np.float64]]:
    """Embeddings of each face, ``(pictures, 128)``; pictures are read from the video by seeking."""
    import av

    from mediaflow_assets.video.decode import frames_at

    with av.open(str(video)) as container:
        size = container.streams.video[0].width, container.streams.video[0].height
    found: dict[int, list[NDArray[np.float64]]] = {}
    everything = portraits.all()
    for start in range(0, len(everything), _BATCH):
        batch = everything[start : start + _BATCH]
        pictures = frames_at(video, [portrait.frame + 1 for _, portrait in batch], size)
        for picture, (number, portrait) in zip(pictures, batch, strict=True):
            found.setdefault(number, []).append(embedder.embed(picture, portrait.eyes))
    return {number: np.array(vectors) for number, vectors in found.items()}


def same_people(
    embeddings: Mapping[int, NDArray[np.float64]], tracks: Mapping[int, FaceTrack], limit: float
) -> dict[int, int]:
    """For each face that has been seen before, the lowest id of the same person.

    Args:
        embeddings: from :func:`embeddings_of`.
        tracks: all faces by id.
        limit: largest mean distance between the pictures of one person.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    ids = sorted(embeddings)
    if len(ids) < 2:
        return {}
    distances = [_distance(embeddings[a], embeddings[b], tracks[a], tracks[b]) for a, b in combinations(ids, 2)]
    groups = fcluster(linkage(distances, "complete"), limit, "distance")
    first: dict[int, int] = {}
    return {
        number: first[group]
        for number, group in zip(ids, groups, strict=True)
        if first.setdefault(group, number) != number
    }


def _distance(a: NDArray[np.float64], b: NDArray[np.float64], seen_a: FaceTrack, seen_b: FaceTrack) -> float:
    if np.intersect1d(seen_a.frames, seen_b.frames, assume_unique=True).size:
        return _FAR
    return distance(a, b)


def names_of(
    numbers: Iterable[int],
    tracks: Mapping[int, FaceTrack],
    embeddings: Mapping[int, NDArray[np.float64]],
    before: Mapping[int, int],
    limit: float,
) -> dict[int, int]:
    """The final id of each part of a track.

    Args:
        numbers: of all parts, things included.
        tracks: the faces among them.
        embeddings: from :func:`embeddings_of`.
        before: parts that may go on with others, see :class:`~mediaflow_assets.faces.identity.parts.Parts`.
        limit: see :func:`same_people`.
    """
    known = {n: look for n, look in embeddings.items() if n not in before or len(tracks[n].frames) >= _SURE}
    kept = continued(before, known)
    whole = merged(tracks, {number: kept.get(number, number) for number in tracks})
    looks: dict[int, NDArray[np.float64]] = {}
    for number, pictures in known.items():
        start = kept.get(number, number)
        looks[start] = np.concatenate([looks[start], pictures]) if start in looks else pictures
    return renumbered(numbers, {**kept, **same_people(looks, whole, limit)})


def renumbered(ids: Iterable[int], joined: Mapping[int, int]) -> dict[int, int]:
    """New ids, counted from 1 in the order of first appearance, for all old ones (rising)."""
    result: dict[int, int] = {}
    people = 0
    for number in sorted(ids):
        if number in joined:
            result[number] = result[joined[number]]
        else:
            people += 1
            result[number] = people
    return result
