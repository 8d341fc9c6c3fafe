"""Faces cut out of pictures so that their points lie where a network expects them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection

_QUALITY = 95


def aligned(picture: NDArray[np.uint8], points: NDArray[np.float32], wanted: NDArray[np.float64], side: int) -> bytes:
    """A square of ``side`` pixels, JPEG: the similarity that takes ``points`` nearest to ``wanted`` (least squares).

    Args:
        picture: RGB, ``(height, width, 3)``.
        points: ``(n, 2)``, pixels in it, two at least.
        wanted: ``(n, 2)``, pixels in the square.
    """
    import cv2
    from PIL import Image

    have = np.asarray(points, np.float64)
    # Points as complex numbers: a similarity is a factor and a shift.
    origin, target = have.mean(axis=0), wanted.mean(axis=0)
    here, there = (have - origin) @ [1, 1j], (wanted - target) @ [1, 1j]
    factor = np.vdot(here, there) / np.vdot(here, here).real
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    matrix = np.column_stack([turn, target - turn @ origin])
    chip = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_AREA)
    data = BytesIO()
    Image.fromarray(chip.astype(np.uint8)).save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()


def decoded(chip: bytes) -> NDArray[np.uint8]:
    """RGB ``(side, side, 3)``."""
    from PIL import Image

    return np.asarray(Image.open(BytesIO(chip)).convert("RGB"))


def eyes_apart(face: Detection) -> float:
    """Pixels; 0 where they are not known."""
    if face.keypoints is None or face.interpolated:
        return 0.0
    right, left = np.asarray(face.keypoints[:2], np.float64)
    return float(np.hypot(*(left - right)))


def face_size(face: Detection) -> float:
    """Pixels: the larger of the distances between the eyes and from the eyes to the mouth; 0 where they are not known.

    In a profile the eyes are near each other however large the face is.
    """
    if face.keypoints is None or face.interpolated:
        return 0.0
    right, left, _, *mouth = np.asarray(face.keypoints, np.float64)
    return max(eyes_apart(face), float(np.hypot(*((right + left) / 2 - np.mean(mouth, axis=0)))))
