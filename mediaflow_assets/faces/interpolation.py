"""Faces in frames that nobody looked at, from the frames before and after.

A face is interpolated only when it was seen on both sides: a box that is merely repeated is
wrong as soon as something moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.boxes import Boxes, pairwise_iou
from mediaflow_assets.faces.detection import Blendshapes, Detection

V = TypeVar("V", float, NDArray[np.float32])
_SAME_FACE = 0.2
"""Least intersection over union of one face's boxes a few frames apart."""


class FacePair(NamedTuple):
    """One face on both sides."""

    before: Detection
    after: Detection


def pairs(before: Sequence[Detection], after: Sequence[Detection]) -> list[FacePair]:
    """Faces seen on both sides, by the assignment with the greatest sum of overlaps."""
    if not before or not after:
        return []
    from scipy.optimize import linear_sum_assignment

    shared = pairwise_iou(_boxes(before), _boxes(after))
    rows, columns = linear_sum_assignment(shared, maximize=True)
    return [
        FacePair(before[row], after[column])
        for row, column in zip(rows, columns, strict=True)
        if shared[row, column] >= _SAME_FACE
    ]


def interpolated(pair: FacePair, part: float) -> Detection:
    """The face at ``part`` (0..1) of the way from ``pair.before`` to ``pair.after``."""
    before, after = pair
    left, top, width, height = _rounded(before.bbox, after.bbox, part)
    x, y = _rounded(before.centroid, after.centroid, part)
    return Detection(
        bbox=(left, top, width, height),
        centroid=(x, y),
        source=before.source,
        label=before.label,
        confidence=confidence_between(pair, part),
        blendshapes=_blendshapes(before.blendshapes, after.blendshapes, part),
        landmarks=landmarks_between(pair, part),
        keypoints=_between(before.keypoints, after.keypoints, part),
        interpolated=True,
    )


def landmarks_between(pair: FacePair, part: float) -> NDArray[np.float32] | None:
    """Its landmarks alone, ``(n, 3)``; None where a side has none."""
    return _between(pair.before.landmarks, pair.after.landmarks, part)


def confidence_between(pair: FacePair, part: float) -> float | None:
    """Its confidence alone, 0..1; None where a side has none."""
    return _between(pair.before.confidence, pair.after.confidence, part)


def _boxes(detections: Sequence[Detection]) -> Boxes:
    corners = [(left, top, left + width, top + height) for left, top, width, height in (d.bbox for d in detections)]
    return np.array(corners, np.float32)


def _rounded(before: tuple[int, ...], after: tuple[int, ...], part: float) -> tuple[int, ...]:
    return tuple(round(first + (last - first) * part) for first, last in zip(before, after, strict=True))


def _between(before: V | None, after: V | None, part: float) -> V | None:
    if before is None or after is None:
        return None
    return before + (after - before) * part


def _blendshapes(before: Blendshapes, after: Blendshapes, part: float) -> Blendshapes:
    if isinstance(before, msgspec.UnsetType) or isinstance(after, msgspec.UnsetType):
        return msgspec.UNSET
    if before is None or after is None:
        return None
    return {name: round(value + (after[name] - value) * part, 5) for name, value in before.items()}
