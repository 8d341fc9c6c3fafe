"""Face Mesh and Blendshapes V2: 478 landmarks and 52 coefficients for a face whose place is known.

The two networks are inside MediaPipe's ``face_landmarker.task``, a ZIP. Here they are run directly,
so that any detector can say where to look. Geometry is that of the published face landmarker graph
(mediapipe/tasks/cc/vision/face_landmarker): a square region 1.5 times the extent of the
landmarks, turned so that the outer corners of the eyes lie level, is resampled to 256 x 256; a
landmark (x, y, z) in that square goes back to the picture by the same turn and scale. Model cards:
"MediaPipe Face Mesh V2" and "MediaPipe Blendshape V2" (Google, 2022).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.networks import landmarker
from mediaflow_assets.faces.networks.landmarker import LandmarkerNetworks

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]
"""478 landmarks ``(478, 3)``: x, y in pixels of the picture, z in the same unit, towards the camera negative."""

MESH_POINTS = 478
_SIDE = 256
_REGION_SCALE = 1.5
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263
"""Indexes of the outer eye corners; right is the person's right."""

# fmt: off
BLENDSHAPES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)
"""Names of the coefficients in the order of the network's output (ARKit's, with _neutral for tongueOut)."""

_BLENDSHAPE_LANDMARKS = np.array((
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
    251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
    317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
    384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477))
"""The 146 landmarks that the blendshape network reads."""
# fmt: on


class Region(NamedTuple):
    """A turned square in the picture."""

    x: float
    y: float
    """Centre, pixels."""
    side: float
    """Pixels."""
    angle: float
    """Radians, clockwise on the screen."""


class Mesh(NamedTuple):
    """What the network sees in a region."""

    points: Points
    presence: float
    """Probability 0..1 that the region shows a face."""


class FaceMesh:
    """Landmark and blendshape network; any number of threads may use one at the same time.

    Args:
        networks: of ``face_landmarker.task``, on the device that is used.
    """

    def __init__(self, networks: LandmarkerNetworks) -> None:
        self._landmarks = networks.open(landmarker.LANDMARKS)
        self._blendshapes = networks.open(landmarker.BLENDSHAPES)

    def landmarks(self, picture: Picture, region: Region) -> Mesh:
        """Landmarks of the face in ``region`` of an RGB picture ``(height, width, 3)``."""
        to_picture = _to_picture(region)
        crop = _crop(picture, to_picture)
        with self._landmarks.acquire() as network:
            points, presence, *_ = (output.ravel() for output in network.run(crop[None]))
        found = points.reshape(MESH_POINTS, 3)
        placed = np.empty((MESH_POINTS, 3), np.float32)
        placed[:, :2] = found[:, :2] @ to_picture[:, :2].T + to_picture[:, 2]
        placed[:, 2] = found[:, 2] * (region.side / _SIDE)
        return Mesh(placed, float(1 / (1 + np.exp(-float(presence[0])))))

    def blendshapes(self, points: Points) -> NDArray[np.float32]:
        """52 coefficients 0..1 in the order of :data:`BLENDSHAPES`."""
        with self._blendshapes.acquire() as network:
            (coefficients,) = network.run(points[:, :2].take(_BLENDSHAPE_LANDMARKS, axis=0)[None])
        return coefficients.ravel().clip(0.0, 1.0)


def five_points(points: Points) -> NDArray[np.float32]:
    """Middle of the right eye and of the left, nose tip, right and left corner of the mouth, ``(5, 2)``."""
    right_eye, left_eye = (points[[33, 362], :2] + points[[133, 263], :2]) / 2
    return np.stack([right_eye, left_eye, *points[[1, 61, 291], :2]])


def region_around(box: NDArray[np.float32], points: NDArray[np.float32]) -> Region:
    """Where to look for a face that a detector has found.

    Args:
        box: left, top, right, bottom.
        points: right and left eye first, as BlazeFace and YuNet give them.
    """
    left, top, right, bottom = box.tolist()
    (right_x, right_y), (left_x, left_y) = points[:2].tolist()
    side = _REGION_SCALE * max(right - left, bottom - top)
    return Region((left + right) / 2, (top + bottom) / 2, side, math.atan2(left_y - right_y, left_x - right_x))


def region_of(points: Points) -> Region:
    """Where to look for a face that has just been seen with ``points``."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    centre = (low + high) / 2
    eyes = points[LEFT_EYE_OUTER, :2] - points[RIGHT_EYE_OUTER, :2]
    side = _REGION_SCALE * float((high - low).max())
    return Region(float(centre[0]), float(centre[1]), side, float(np.arctan2(eyes[1], eyes[0])))


def _to_picture(region: Region) -> NDArray[np.float64]:
    """Affine ``(2, 3)`` from pixels of the 256 x 256 square to pixels of the picture."""
    scale = region.side / _SIDE
    cos, sin = scale * np.cos(region.angle), scale * np.sin(region.angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    shift = np.array([region.x, region.y]) - turn @ np.full(2, _SIDE / 2)
    return np.column_stack([turn, shift])


def _crop(picture: Picture, to_picture: NDArray[np.float64]) -> NDArray[np.float32]:
    import cv2

    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(picture, to_picture, (_SIDE, _SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.multiply(crop, np.float32(1 / 255), dtype=np.float32)  # in one pass
