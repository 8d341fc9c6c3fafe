"""Enlarging small faces, where ``REFRAME_MAX_ZOOM`` allows it; constant within a framing."""

from __future__ import annotations

import numpy as np

from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.reframing.framings import Axis, Framing, X
from mediaflow_assets.reframing.people import Floats
from mediaflow_assets.reframing.style import EYE_LINE

_FACE_SHARE = 0.3
"""Of the crop's height that a face should have."""
_AIR = 1.15
_SPAN_QUANTILE = 0.95
_TOP_QUANTILE = 0.1
_MIN_GAIN = 1.05
"""Below this nobody would see that it is enlarged."""


def scale_for(framing: Framing, first: int, end: int, size: tuple[float, float], axis: Axis, largest: float) -> float:
    """How much a framing is enlarged, 1 to ``largest``."""
    if largest <= 1 or not framing.people or framing.layout not in ("single", "group"):
        return 1.0
    faces, heads = _boxes(framing, first, end)
    height = float(np.median(faces[..., 3] - faces[..., 1]))
    spans = heads[..., 2].max(axis=0) - heads[..., 0].min(axis=0)
    span = float(np.quantile(spans, _SPAN_QUANTILE))
    scale = min(_FACE_SHARE * size[1] / max(height, 1.0), size[0] / (_AIR * max(span, 1.0)), largest)
    return round(scale, 2) if scale >= _MIN_GAIN else 1.0


def cross_place(framing: Framing, first: int, end: int, size: tuple[float, float], content: Rect, axis: Axis) -> float:
    """Where the crop is along the axis on which it does not move."""
    faces, heads = _boxes(framing, first, end)
    if axis == X:
        middle = float(np.median((faces[..., 1] + faces[..., 3]) / 2))
        top = float(np.quantile(heads[..., 1], _TOP_QUANTILE))
        place = min(middle - EYE_LINE * size[1], top)
        return float(np.clip(place, content.y, content.bottom - size[1]))
    middle = float(np.median((heads[..., 0] + heads[..., 2]) / 2))
    return float(np.clip(middle - size[0] / 2, content.x, content.right - size[0]))


def _boxes(framing: Framing, first: int, end: int) -> tuple[Floats, Floats]:
    """Faces and heads ``(people, frames, 4)``."""
    part = slice(first, end)
    return np.stack([item.face[part] for item in framing.people]), np.stack(
        [item.head[part] for item in framing.people]
    )
