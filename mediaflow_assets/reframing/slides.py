"""Slides with a small camera picture in a corner: cut to the speaker, the slide would be lost.

They are shown whole, or above with the speaker below.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Crop
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import Rect, rounded
from mediaflow_assets.reframing.people import Person
from mediaflow_assets.reframing.style import EYE_LINE
from mediaflow_assets.reframing.tracks import ShotTracks
from mediaflow_assets.video.decode import grey_frames_at

MIN_FRAMES = 10 * FPS
MAX_FACE_HEIGHT = 0.12
"""Of the content's height."""
MAX_FACE_TRAVEL = 0.05
"""Of the content's width: how far a face in a small camera picture gets."""
MAX_MOVING = 0.25
"""Part of the picture that may change: the camera picture, and what is pointed at."""
CAMERA_FACES = (4.0, 2.5)
"""Least width and height, in faces, of the picture below a slide; where the camera picture ends is not known."""
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


def camera_crop(person: Person, content: Rect, ratio: float) -> Crop:
    """The speaker of a slide, ``ratio`` wide, inside the content."""
    face = np.median(person.face[person.there], axis=0)
    across, down = (many * float(size) for many, size in zip(CAMERA_FACES, face[2:] - face[:2], strict=True))
    width = min(max(across, down * ratio), content.width, content.height * ratio)
    height = width / ratio
    left = float(np.clip((face[0] + face[2]) / 2 - width / 2, content.x, content.right - width))
    top = float(np.clip((face[1] + face[3]) / 2 - EYE_LINE * height, content.y, content.bottom - height))
    return rounded(left, top, width, height, content)
