"""One finding for one face, before ids are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mediaflow_assets.faces.boxes import nms
from mediaflow_assets.faces.detection import Detection

IOU_THRESHOLD = 0.7
"""Overlap (intersection over union) above which two boxes are one face: of two people one then hides the other."""


def suppress_duplicates(faces: Sequence[Detection]) -> list[Detection]:
    """``faces`` without those that lie on a more confident one, in their order.

    Engines that follow faces by their landmarks can end up on the same face twice when one person
    passes before another; the tracker would take the double for somebody new.
    """
    if len(faces) < 2:
        return list(faces)
    boxes = np.array([face.bbox for face in faces], np.float32)
    boxes[:, 2:] += boxes[:, :2]
    scores = np.array([face.confidence or 0.0 for face in faces], np.float32)
    return [faces[index] for index in sorted(nms(boxes, scores, IOU_THRESHOLD))]
