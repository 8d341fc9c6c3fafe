"""The best looks at each face of a video, kept for comparing faces.

A portrait is cut where the picture is at hand, while faces are looked for: reading a picture again
later means decoding everything since the key frame before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection

EVERY = 5
"""Frames of a shot from one portrait of a face to the next."""
_KEPT = 2
"""Portraits of each face that are compared."""
_APART = 25
"""Frames between them: neighbours look alike."""
_CROWDED = 0.25
"""Factor of the size of a look in which another face touches this one, and may cover part of it."""
_MIN_EYE_DISTANCE = 12.0
"""Pixels between the eyes below which a face is too small to be recognized."""
_SIDE = 150
_PADDING = 0.25
_EYES = np.array([[0.2273, 0.2214], [0.7528, 0.2212]])
"""Right and left eye in the unit square of the network's aligned faces: means of the eyes' corners in dlib's 5-point
shape."""
_QUALITY = 95


def face_chip(picture: NDArray[np.uint8], face: Detection) -> bytes | None:
    """The face as dlib's network wants it: 150 x 150, eyes level and in their places; JPEG.

    Args:
        picture: RGB, ``(height, width, 3)``.
        face: found in it; None is returned when it has no keypoints or is too small.
    """
    import cv2
    from PIL import Image

    if face.keypoints is None or _eyes_apart(face) < _MIN_EYE_DISTANCE:
        return None
    eyes = np.asarray(face.keypoints[:2], np.float64)
    wanted = (_EYES + _PADDING) / (1 + 2 * _PADDING) * _SIDE
    (a, b), (c, d) = eyes[1] - eyes[0], wanted[1] - wanted[0]
    # The similarity that takes both eyes to their places, as a complex factor.
    factor = complex(c, d) / complex(a, b)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    matrix = np.column_stack([turn, wanted[0] - turn @ eyes[0]])
    portrait = cv2.warpAffine(picture, matrix, (_SIDE, _SIDE), flags=cv2.INTER_AREA)
    data = BytesIO()
    Image.fromarray(portrait.astype(np.uint8)).save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()


class _Look(NamedTuple):
    size: float
    """Pixels between the eyes; less where the face may be covered."""
    frame: int
    """0-based."""
    portrait: bytes


class FaceChips:
    """Collects them: about 20 kB for each face."""

    def __init__(self) -> None:
        self._best: dict[int, list[_Look]] = {}

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame, by id."""
        for number, face in faces.items():
            if face.portrait is not None:
                crowded = any(_touch(face, other) for other in faces.values() if other is not face)
                size = _eyes_apart(face) * (_CROWDED if crowded else 1.0)
                self._keep(number, _Look(size, frame, face.portrait))

    def _keep(self, number: int, look: _Look) -> None:
        best = self._best.setdefault(number, [])
        rivals = [other for other in best if abs(other.frame - look.frame) < _APART]
        if any(rival.size >= look.size for rival in rivals):
            return
        kept = [other for other in best if other not in rivals]
        self._best[number] = sorted([*kept, look], key=lambda other: -other.size)[:_KEPT]

    def frames(self) -> dict[int, list[int]]:
        """Where the portraits of each face are from, the best first; 0-based."""
        return {number: [look.frame for look in best] for number, best in self._best.items()}

    def pictures(self, numbers: Iterable[int] | None = None) -> dict[int, list[bytes]]:
        """Portraits of each face, or of those of ``numbers``."""
        chosen = self._best if numbers is None else (number for number in numbers if number in self._best)
        return {number: [look.portrait for look in self._best[number]] for number in chosen}


def decoded(portrait: bytes) -> NDArray[np.uint8]:
    """RGB ``(150, 150, 3)``."""
    from PIL import Image

    return np.asarray(Image.open(BytesIO(portrait)).convert("RGB"))


def _eyes_apart(face: Detection) -> float:
    """Pixels; 0 where they are not known."""
    if face.keypoints is None or face.interpolated:
        return 0.0
    right, left = np.asarray(face.keypoints[:2], np.float64)
    return float(np.hypot(*(left - right)))


def _touch(face: Detection, other: Detection) -> bool:
    """Whether two boxes have anything in common."""
    return all(
        face.bbox[side] < other.bbox[side] + other.bbox[side + 2]
        and other.bbox[side] < face.bbox[side] + face.bbox[side + 2]
        for side in (0, 1)
    )
