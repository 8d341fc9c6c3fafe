"""Slides with a small camera picture in a corner: cut to the speaker, the slide would be lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.reframing.tracks import ShotTracks
from mediaflow_assets.video.decode import grey_frames_at

MIN_FRAMES = 10 * FPS
MAX_FACE_HEIGHT = 0.12
"""Of the content's height."""
MAX_FACE_TRAVEL = 0.05
"""Of the content's width: how far a face in a small camera picture gets."""
MAX_MOVING = 0.25
"""Part of the picture that may change: the camera picture, and what is pointed at."""
_BLOCK = 16
_FLAT = 3.0
_MIN_FLAT = 0.4
"""Part of a slide's blocks that hold one grey value: its ground; camera pictures are never that even."""
_EDGE = 40.0
_MIN_EDGES = 0.02
"""Part of a slide's pixels that lie on a hard edge: its letters."""


def may_be_slides(shot: ShotTracks, content: Rect, moving: float) -> bool:
    """Whether a shot is still but for one small face in a corner; a picture of it tells the rest.

    Args:
        moving: part of the picture that ever changes.
    """
    if shot.length < MIN_FRAMES or moving > MAX_MOVING:
        return False
    faces = [track for track in shot.faces if len(track.frames) >= FPS]
    if len(faces) != 1:
        return False
    boxes = faces[0].boxes
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    travel = float(np.ptp(np.percentile(middle[:, 0], (5, 95))))
    across, down = (np.median(middle, axis=0) - (content.x, content.y)) / (content.width, content.height)
    corner = abs(across - 0.5) > 1 / 6 and abs(down - 0.5) > 1 / 6
    return height < MAX_FACE_HEIGHT * content.height and travel < MAX_FACE_TRAVEL * content.width and bool(corner)


def is_slide(master: Path, scene: Scene) -> bool:
    """Whether the picture in the middle of a shot is even ground with letters on it."""
    (picture,) = grey_frames_at(master, [(scene.first + scene.last) // 2])
    return looks_like_a_slide(picture)


def looks_like_a_slide(picture: NDArray[np.uint8]) -> bool:
    """Args: grey values ``(height, width)``."""
    height, width = (side // _BLOCK * _BLOCK for side in picture.shape)
    grey = picture[:height, :width].astype(np.float32)
    blocks = grey.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    flat = float((blocks.std(axis=(1, 3)) < _FLAT).mean())
    edges = float((np.abs(np.diff(grey, axis=1)) > _EDGE).mean())
    return flat >= _MIN_FLAT and edges >= _MIN_EDGES
