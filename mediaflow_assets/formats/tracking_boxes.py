"""Full tracking documents as a typed stream of boxes: who is where, and who speaks.

A full document carries a hundred numbers per face that most readers do not need; these types leave them unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from mediaflow_assets.formats.json_stream import read_typed_frames
from mediaflow_assets.formats.tracking_json import FRAMES_KEY


class Box(msgspec.Struct, frozen=True, gc=False):
    """One face or object in one frame; pixels of the 25-fps video."""

    id: str
    label: str
    """``face``, or what the object is."""
    bbox_xmin: float
    bbox_xmax: float
    bbox_ymin: float
    bbox_ymax: float
    confidence: float | None = None
    is_speaking: bool = False
    yaw: float | None = None
    """Degrees the head is turned, positive towards the right of the picture; None when nobody measured it."""


class BoxFrame(msgspec.Struct, frozen=True, gc=False):
    """One frame, counted from 1."""

    frame: int
    tracked_objects: tuple[Box, ...]


def read_box_frames(path: Path) -> Iterator[BoxFrame]:
    """Frames of a full tracking document, one by one.

    Raises:
        BadInput: the file is missing, not JSON, truncated, or has no boxes (a reduced document).
    """
    return read_typed_frames(path, FRAMES_KEY, BoxFrame)
