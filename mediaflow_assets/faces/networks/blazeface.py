"""BlazeFace, short range: the detector inside MediaPipe's face landmarker (Bazarevsky et al., 2019).

It sees a frame at 128 x 128, so only faces that fill a good part of it, but costs little more than
a millisecond, and its boxes are those that the face landmarker starts from. Anchors and decoding
follow the published graph (mediapipe/modules/face_detection/face_detection_short_range): cells of
16 x 16 with two anchors and of 8 x 8 with six; boxes of one face are averaged, weighted by score.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.boxes import Boxes, pairwise_iou
from mediaflow_assets.faces.networks.landmarker import DETECTOR, LandmarkerNetworks

Picture = NDArray[np.uint8]

_SIDE = 128
_SAME_FACE = 0.3
"""Intersection over union from which two boxes are one face."""


class Face(NamedTuple):
    """One face, in pixels of the picture."""

    box: NDArray[np.float32]
    """Left, top, right, bottom."""
    score: float
    points: NDArray[np.float32]
    """``(6, 2)``: right eye, left eye, nose tip, mouth, right and left ear."""


class BlazeFace:
    """Any number of threads may use one at the same time.

    Args:
        networks: of ``face_landmarker.task``, on the device that is used.
        least_score: above 0, below 1.
    """

    def __init__(self, networks: LandmarkerNetworks, least_score: float) -> None:
        self._networks = networks.open(DETECTOR)
        self._least_logit = math.log(least_score / (1 - least_score))
        self._anchors = _anchors()

    def detect(self, picture: Picture) -> list[Face]:
        """Faces in an RGB picture ``(height, width, 3)``, best first."""
        height, width = picture.shape[:2]
        longest = max(height, width)
        corner = (np.array([width - longest, height - longest]) / 2).astype(np.float32)
        with self._networks.acquire() as network:
            regressed, logits = (output[0] for output in network.run(_letterbox(picture, longest, corner)))
        good = np.flatnonzero(logits[:, 0] >= self._least_logit)
        scores = 1 / (1 + np.exp(-logits[good, 0].clip(-80, 80)))
        relative, anchors = regressed[good] / _SIDE, self._anchors[good]
        centres, halves = relative[:, :2] + anchors, relative[:, 2:4] / 2
        corners = np.stack([centres - halves, centres + halves], axis=1)
        points = (relative[:, 4:].reshape(-1, 6, 2) + anchors[:, None]) * longest + corner
        return _averaged((corners * longest + corner).reshape(-1, 4), scores, points)


def _averaged(boxes: Boxes, scores: NDArray[np.float32], points: NDArray[np.float32]) -> list[Face]:
    faces = []
    left = np.argsort(-scores, kind="stable")
    while len(left):
        same = pairwise_iou(boxes[left[:1]], boxes[left])[0] > _SAME_FACE
        same[0] = True
        group = left[same]
        weights = scores[group]
        # What np.average does, which takes four times as long for so few numbers.
        box = (boxes[group] * weights[:, None]).sum(axis=0) / weights.sum()
        place = (points[group] * weights[:, None, None]).sum(axis=0) / weights.sum()
        faces.append(Face(box, float(weights[0]), place))
        left = left[~same]
    return faces


def _letterbox(picture: Picture, longest: int, corner: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture in the middle of a black square, ``(1, 128, 128, 3)`` in -1..1."""
    import cv2

    scale = longest / _SIDE
    to_picture = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square = cv2.warpAffine(picture, to_picture, (_SIDE, _SIDE), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    tensor = square[None].astype(np.float32)
    tensor *= np.float32(2 / 255)
    tensor -= np.float32(1)
    return tensor


def _anchors() -> NDArray[np.float32]:
    """Centres of the 896 anchors ``(896, 2)`` as parts of the square."""
    maps = []
    for cells, anchors in ((16, 2), (8, 6)):
        middles = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(middles, middles)
        maps.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), anchors, axis=0))
    return np.concatenate(maps).astype(np.float32)
