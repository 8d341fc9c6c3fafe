"""What an engine reports for one face or object in one frame."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

FACE = "face_landmarker"
"""``source`` of every face, whichever engine found it: the After Effects script looks for it."""
OBJECT = "object_detector"


Blendshapes: TypeAlias = dict[str, float] | msgspec.UnsetType | None
"""ARKit-style coefficients 0..1; UNSET means "not computed for this frame", None "the engine has none"."""
Coefficients: TypeAlias = dict[str, list[float]]
"""Of a fitted face model: shape, expression, rotation."""


class Detection(msgspec.Struct, kw_only=True):
    """One face or object, in pixels of the video."""

    bbox: tuple[int, int, int, int]
    """Left, top, width, height."""
    centroid: tuple[int, int]
    source: str = FACE
    label: str = "face"
    confidence: float | None = None
    """0..1, or None when the engine gives no score."""
    blendshapes: Blendshapes = None
    landmarks: NDArray[np.float32] | None = None
    """Points ``(n, 3)``: x, y in pixels and z in the same unit (0 where the engine has no depth)."""
    keypoints: NDArray[np.float32] | None = None
    """``(5, 2)``: right eye, left eye, nose tip, right and left corner of the mouth; for embeddings."""
    portrait: bytes | None = None
    """The face alone, in some frames, if it was asked for (``identity/face_chips.py``)."""
    eos: Coefficients | None = None
    yaw: float | None = None
    """Degrees the head is turned, positive towards the right of the picture; from the keypoints, when they go."""
    interpolated: bool = False
    """Nobody looked at this frame: the values lie on the line between the frames looked at."""


class ObjectDetection(Detection, kw_only=True):
    """One thing that is no face."""

    label: str = ""
    """Its COCO name."""
    source: str = OBJECT


def thing_in(
    box: tuple[float, float, float, float], width: int, height: int, label: str, score: float
) -> ObjectDetection:
    """A thing in a box (left, top, right, bottom), clipped to the picture: networks place edges beyond it."""
    left, right = (min(max(round(side), 0), width) for side in box[::2])
    top, bottom = (min(max(round(side), 0), height) for side in box[1::2])
    return ObjectDetection(
        bbox=(left, top, right - left, bottom - top),
        centroid=((left + right) // 2, (top + bottom) // 2),
        label=label,
        confidence=score,
    )


class FrameDetections(NamedTuple):
    """Everything found in one frame."""

    frame: int
    """0-based."""
    faces: list[Detection]
    objects: list[ObjectDetection]


def around_landmarks(
    points: NDArray[np.float32],
    width: int,
    height: int,
    *,
    confidence: float | None = None,
    blendshapes: Blendshapes = None,
    keypoints: NDArray[np.float32] | None = None,
) -> Detection:
    """A face whose box encloses its landmarks ``(n, 3)``, clipped to the picture; the centroid is their mean."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    mean = points[:, :2].mean(axis=0)
    left, top = (max(int(value), 0) for value in low)
    right, bottom = (min(int(value), side - 1) for value, side in zip(high, (width, height), strict=True))
    return Detection(
        bbox=(left, top, max(right - left, 0), max(bottom - top, 0)),
        centroid=(int(mean[0]), int(mean[1])),
        confidence=confidence,
        blendshapes=blendshapes,
        landmarks=points,
        keypoints=keypoints,
    )


def around_box(
    box: NDArray[np.float32 | np.float64],
    picture: NDArray[np.uint8],
    *,
    confidence: float | None = None,
    keypoints: NDArray[np.float32] | None = None,
) -> Detection:
    """A face in a box (left, top, right, bottom), clipped to the picture; the centroid is its middle."""
    height, width = picture.shape[:2]
    left, top, right, bottom = np.clip(box, 0, (width - 1, height - 1, width - 1, height - 1)).astype(int).tolist()
    return Detection(
        bbox=(left, top, right - left, bottom - top),
        centroid=((left + right) // 2, (top + bottom) // 2),
        confidence=confidence,
        keypoints=keypoints,
    )
