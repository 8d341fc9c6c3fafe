"""Faces that lie on their side or stand on their head: detectors know upright ones, so the picture is turned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.boxes import nms
from mediaflow_assets.faces.networks.yunet import Faces, Picture, YuNet

IOU_THRESHOLD = 0.3
"""A face that is found in two positions of the picture counts once."""


def detect_turned(yunet: YuNet, picture: Picture, rotations: Sequence[int], smallest: float, largest: float) -> Faces:
    """Faces in the picture as it is and turned.

    Args:
        yunet: the detector.
        picture: RGB ``(height, width, 3)``.
        rotations: degrees, of 90, 180 and 270, by which the picture is turned as well.
        smallest: see :meth:`YuNet.detect`.
        largest: as well.
    """
    found = [yunet.detect(picture, smallest, largest)]
    for rotation in rotations:
        turned = np.ascontiguousarray(np.rot90(picture, rotation // 90))
        found.append(_turned_back(yunet.detect(turned, smallest, largest), rotation // 90, picture.shape[:2]))
    boxes, scores, points = (np.concatenate(part) for part in zip(*found, strict=True))
    kept = nms(boxes, scores, IOU_THRESHOLD)
    return Faces(boxes[kept], scores[kept], points[kept])


def _turned_back(faces: Faces, quarters: int, size: tuple[int, ...]) -> Faces:
    """Faces of a picture turned counter-clockwise, in pixels of the picture of ``size`` (height, width)."""
    height, width = size
    corners = faces.boxes.reshape(-1, 2, 2)
    corners, points = (_points_back(xy, quarters, height, width) for xy in (corners, faces.points))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    return Faces(boxes.astype(np.float32), faces.scores, points.astype(np.float32))


def _points_back(xy: NDArray[np.float32], quarters: int, height: int, width: int) -> NDArray[np.float32]:
    x, y = xy[..., 0], xy[..., 1]
    return np.stack({1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[quarters], axis=-1)
