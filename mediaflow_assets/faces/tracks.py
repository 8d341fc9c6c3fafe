"""What is kept in memory of every face of a video: a few numbers per frame."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.networks.facemesh import LEFT_EYE_OUTER, MESH_POINTS, RIGHT_EYE_OUTER

_INNER_LIPS = ((82, 87), (13, 14), (312, 317))
"""Points of the upper and the lower inner lip of the face mesh, above each other."""
_LIPS = ("jawOpen", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One face, in the frames in which it is visible."""

    frames: NDArray[np.int64]
    """0-based, rising."""
    boxes: NDArray[np.int64]
    """``(n, 4)``: left, top, width, height in pixels."""
    jaw: NDArray[np.float64]
    """jawOpen 0..1; NaN where it is not known."""
    lips: NDArray[np.float64]
    """How far the lips are apart, 0..3: see :func:`lip_opening`; NaN where it is not known."""
    gap: NDArray[np.float64] | None = None
    """The same as a length, see :func:`lip_gap`, NaN where it is not known; None of an engine without the face mesh."""


class TrackRecorder:
    """Collects tracks, 32 bytes per face and frame (3 MB for an hour of one face)."""

    def __init__(self) -> None:
        self._frames: dict[int, array[int]] = {}
        self._boxes: dict[int, array[int]] = {}
        self._jaw: dict[int, array[float]] = {}
        self._lips: dict[int, array[float]] = {}
        self._gaps: dict[int, array[float]] = {}

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame by id; frames come in rising order."""
        for number, face in faces.items():
            self._frames.setdefault(number, array("i")).append(frame)
            self._boxes.setdefault(number, array("i")).extend(face.bbox)
            shapes = face.blendshapes if isinstance(face.blendshapes, dict) else {}
            self._jaw.setdefault(number, array("f")).append(shapes.get("jawOpen", math.nan))
            self._lips.setdefault(number, array("f")).append(lip_opening(shapes))
            self._gaps.setdefault(number, array("f")).append(lip_gap(face.landmarks))

    def tracks(self) -> dict[int, FaceTrack]:
        """Everything so far, by id."""
        return {
            number: FaceTrack(
                np.array(frames, np.int64),
                np.array(self._boxes[number], np.int64).reshape(-1, 4),
                np.array(self._jaw[number], np.float64),
                np.array(self._lips[number], np.float64),
                np.array(self._gaps[number], np.float64),
            )
            for number, frames in self._frames.items()
        }


def merged(tracks: Mapping[int, FaceTrack], numbers: Mapping[int, int]) -> dict[int, FaceTrack]:
    """Tracks under new numbers; those that get the same one become one."""
    parts: dict[int, list[FaceTrack]] = {}
    for number, track in tracks.items():
        parts.setdefault(numbers[number], []).append(track)
    return {number: _one(same) for number, same in parts.items()}


def _one(tracks: list[FaceTrack]) -> FaceTrack:
    gaps = [track.gap for track in tracks if track.gap is not None]
    frames = np.concatenate([track.frames for track in tracks])
    order = np.argsort(frames, kind="stable")
    return FaceTrack(
        frames[order],
        np.concatenate([track.boxes for track in tracks])[order],
        np.concatenate([track.jaw for track in tracks])[order],
        np.concatenate([track.lips for track in tracks])[order],
        np.concatenate(gaps)[order] if len(gaps) == len(tracks) else None,
    )


def lip_opening(blendshapes: Mapping[str, float]) -> float:
    """The jaw, the lower and the upper lip together: the lips of a speaker may part while the jaw hardly moves.

    Returns:
        NaN when one of the coefficients is missing.
    """
    jaw, down_left, down_right, up_left, up_right = (blendshapes.get(name, math.nan) for name in _LIPS)
    return jaw + (down_left + down_right) / 2 + (up_left + up_right) / 2


def lip_gap(landmarks: NDArray[np.float32] | Sequence[Sequence[float]] | None) -> float:
    """Distance of the inner lips, as a part of the distance between the outer corners of the eyes.

    Where the blendshapes see a smile or pressed lips, the lips may well part at every syllable: this is what they do.

    Args:
        landmarks: ``(478, 3)`` of the face mesh, in pixels; z makes it nearly the same for a face that is turned.

    Returns:
        NaN without landmarks, and for those of another model.
    """
    if landmarks is None or len(landmarks) != MESH_POINTS:
        return math.nan
    points = np.asarray(landmarks, np.float64)
    eyes = float(np.linalg.norm(points[RIGHT_EYE_OUTER] - points[LEFT_EYE_OUTER]))
    apart = [np.linalg.norm(points[upper] - points[lower]) for upper, lower in _INNER_LIPS]
    return float(np.mean(apart)) / eyes if eyes > 0 else math.nan
