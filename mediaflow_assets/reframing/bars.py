"""The content rectangle of each shot: the picture without dark bars above, below or beside it.

Whether a shot has bars is seen in the small pictures that are kept beside the video; where exactly they end, in a
few of its full pictures. A dark scene is no bar: what counts is the brightest that each row and column
ever is, and bars that would leave too little are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.video.decode import grey_frames_at
from mediaflow_assets.video.small import SIZE, small_frames

Grey = NDArray[np.uint8]
DARK = 24
"""Grey value up to which a row or column is a bar."""
_QUANTILE = 98
_MIN_SIDE = 0.02
_MIN_LEFT = 0.4
_CHANGED = 24
_SOFT = 2
"""Pixels."""
PICTURES = 8
"""Full pictures of a shot in which the edges are looked for."""


class Seen(NamedTuple):
    """What the pictures of a shot say."""

    content: Rect
    """The picture without dark bars, in pixels of the video."""
    moving: float
    """Part of the picture that ever changes, 0 to 1."""


def contents(master: Path, scenes: Sequence[Scene], width: int, height: int) -> Iterator[Seen]:
    """What is seen in each shot.

    Args:
        master: the 25-fps video.
    """
    whole = Rect(0.0, 0.0, float(width), float(height))
    known: dict[Rect, Rect] = {}
    for scene, (darkest, brightest) in zip(scenes, _extremes(master, scenes), strict=True):
        rough = content_of(brightest)
        moving = float((brightest.astype(np.int16) - darkest > _CHANGED).mean())
        if rough == Rect(0, 0, brightest.shape[1], brightest.shape[0]):
            yield Seen(whole, moving)
            continue
        # The same bars run through a whole film: their exact edges are looked for once.
        if rough not in known:
            pictures = grey_frames_at(master, _spread(scene))
            known[rough] = _inset(content_of(np.maximum.reduce(pictures)), whole)
        yield Seen(known[rough], moving)


def content_of(brightest: Grey) -> Rect:
    """The content of a picture ``(height, width)`` that holds the brightest value of each pixel in a shot."""
    height, width = brightest.shape
    left, right = _edges(np.percentile(brightest, _QUANTILE, axis=0), width)
    top, bottom = _edges(np.percentile(brightest, _QUANTILE, axis=1), height)
    if (right - left) * (bottom - top) < _MIN_LEFT * width * height:
        left, right, top, bottom = 0, width, 0, height
    return Rect(left, top, right - left, bottom - top)


def _inset(content: Rect, whole: Rect) -> Rect:
    """Without the soft edge that scaling and compression leave beside a bar."""
    left, top = (content[axis] + (_SOFT if content[axis] > 0 else 0) for axis in (0, 1))
    right = content.right - (_SOFT if content.right < whole.right else 0)
    bottom = content.bottom - (_SOFT if content.bottom < whole.bottom else 0)
    return Rect(float(left), float(top), float(right - left), float(bottom - top))


def _edges(bright: NDArray[np.float64], size: int) -> tuple[int, int]:
    lit = np.flatnonzero(bright > DARK)
    if not len(lit):
        return 0, size
    first, end = int(lit[0]), int(lit[-1]) + 1
    return (first if first >= _MIN_SIDE * size else 0), (end if size - end >= _MIN_SIDE * size else size)


def _extremes(master: Path, scenes: Sequence[Scene]) -> Iterator[tuple[Grey, Grey]]:
    """For each shot the darkest and the brightest that each pixel of its small pictures is."""
    frames = small_frames(master)
    width, height = SIZE
    for scene in scenes:
        darkest, brightest = np.full((height, width), 255, np.uint8), np.zeros((height, width), np.uint8)
        for _, picture in zip(range(scene.first, scene.last + 1), frames, strict=False):
            grey = picture.max(axis=2)
            darkest, brightest = np.minimum(darkest, grey), np.maximum(brightest, grey)
        yield darkest, brightest


def _spread(scene: Scene) -> list[int]:
    """Frames over a shot, not its first and last: those may be mixed with the neighbouring shot."""
    length = scene.last - scene.first + 1
    places = np.linspace(scene.first, scene.last, min(PICTURES, length) + 2)[1:-1]
    return sorted({round(float(place)) for place in places})
