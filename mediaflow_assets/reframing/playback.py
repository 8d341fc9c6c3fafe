"""Keyframes back to one crop per frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.formats.reframe_json import Keyframe, Reframing, Segment
from mediaflow_assets.reframing.aspects import ASPECTS, Aspect, Rect, enclosing
from mediaflow_assets.reframing.moves import hermite


def play(keyframes: Sequence[Keyframe], first: int, last: int) -> NDArray[np.float64]:
    """Crops of the frames ``first..last``, both included: ``(n, 4)`` of x, y, width, height in pixels.

    Args:
        keyframes: rising; the first is not after ``first``.
    """
    frames = np.arange(first, last + 1)
    starts = np.array([key.frame for key in keyframes])
    crops = np.array([key.crop for key in keyframes], np.float64)
    speeds = np.array([key.speed for key in keyframes], np.float64)
    holds = np.array([key.easing == "hold" for key in keyframes])
    index = np.clip(np.searchsorted(starts, frames, side="right") - 1, 0, len(starts) - 1)
    following = np.minimum(index + 1, len(starts) - 1)
    stay = (holds[index] | (following == index))[:, None]
    span = np.maximum(starts[following] - starts[index], 1)[:, None]
    played = crops[index]
    played[:, :2] = hermite(
        (frames - starts[index])[:, None] / span,
        crops[index, :2],
        crops[following, :2],
        speeds[index] * span,
        speeds[following] * span,
        stay,
    )
    return played


def crops_of(document: Reframing) -> NDArray[np.float64]:
    """One crop for every frame of the video."""
    return play(document.keyframes, 1, document.total_frames)


def views_of(document: Reframing) -> NDArray[np.float64]:
    """What fills the output in every frame: the crop, or around the whole content where the layout is ``fit``.

    The latter has the aspect too and may leave the picture; what is outside shows a ground.
    """
    views = crops_of(document)
    for first, last, view in fitted(document):
        views[first - 1 : last] = view
    return views


def fitted_ratio(segment: Segment, aspect: Aspect) -> float | None:
    """Width over height of what shows the whole content in a segment: the output, or half of it; None when cropped."""
    if segment.layout == "fit":
        return aspect.ratio
    return 2 * aspect.ratio if segment.layout == "split" and segment.why == "slides" else None


def fitted(document: Reframing) -> list[tuple[int, int, Rect]]:
    """First and last frame of each stretch in which the whole content is shown, and the rectangle around it."""
    found = []
    for segment in document.segments:
        if (ratio := fitted_ratio(segment, ASPECTS[document.aspect])) is not None:
            shot = next(shot for shot in document.shots if shot.first <= segment.first <= shot.last)
            found.append((segment.first, segment.last, enclosing(Rect(*shot.content), ratio)))
    return found
