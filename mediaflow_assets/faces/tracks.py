"""What is kept in memory of every face of a video: a few numbers per frame."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection

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


class TrackRecorder:
    """Collects tracks, 28 bytes per face and frame (2.5 MB for an hour of one face)."""

    def __init__(self) -> None:
        self._frames: dict[int, array[int]] = {}
        self._boxes: dict[int, array[int]] = {}
        self._jaw: dict[int, array[float]] = {}
        self._lips: dict[int, array[float]] = {}

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame by id; frames come in rising order."""
        for number, face in faces.items():
            self._frames.setdefault(number, array("i")).append(frame)
            self._boxes.setdefault(number, array("i")).extend(face.bbox)
            shapes = face.blendshapes if isinstance(face.blendshapes, dict) else {}
            self._jaw.setdefault(number, array("f")).append(shapes.get("jawOpen", math.nan))
            self._lips.setdefault(number, array("f")).append(lip_opening(shapes))

    def tracks(self) -> dict[int, FaceTrack]:
        """Everything so far, by id."""
        return {
            number: FaceTrack(
                np.array(frames, np.int64),
                np.array(self._boxes[number], np.int64).reshape(-1, 4),
                np.array(self._jaw[number], np.float64),
                np.array(self._lips[number], np.float64),
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
    frames = np.concatenate([track.frames for track in tracks])
    order = np.argsort(frames, kind="stable")
    return FaceTrack(
        frames[order],
        np.concatenate([track.boxes for track in tracks])[order],
        np.concatenate([track.jaw for track in tracks])[order],
        np.concatenate([track.lips for track in tracks])[order],
    )


def lip_opening(blendshapes: Mapping[str, float]) -> float:
    """The jaw, the lower and the upper lip together: the lips of a speaker may part while the jaw hardly moves.

    Returns:
        NaN when one of the coefficients is missing.
    """
    jaw, down_left, down_right, up_left, up_right = (blendshapes.get(name, math.nan) for name in _LIPS)
    return jaw + (down_left + down_right) / 2 + (up_left + up_right) / 2
