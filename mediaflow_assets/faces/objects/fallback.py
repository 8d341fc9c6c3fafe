"""When to look for objects: in frames without a face, always or only where faces are rare."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from mediaflow_assets.faces.detection import Detection, ObjectDetection
from mediaflow_assets.faces.objects import ObjectDetector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 50
"""Frames from one decision to the next: two seconds."""
_FACES_ARE_RARE = 0.1
"""Objects are looked for while fewer of the frames so far than this show a face."""


@dataclass
class Seen:
    """One frame after the search for faces."""

    frame: int
    faces: list[Detection]
    width: int
    height: int
    square: NDArray[np.uint8] | None = None
    """A small copy for the object detector, kept only of frames without a face."""
    objects: list[ObjectDetection] = field(default_factory=list)

    def look_for(self, detector: ObjectDetector) -> None:
        """Fill ``objects`` and forget the picture."""
        if self.square is not None:
            self.objects = detector.detect(self.square, self.width, self.height)
            self.square = None


def squared(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture stretched to ``(side, side, 3)``."""
    import cv2

    square: NDArray[np.uint8] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype("uint8")
    return square


def rarely_a_face(found: Iterator[Seen], detector: ObjectDetector, pool: ThreadPoolExecutor) -> Iterator[Seen]:
    """Look for objects in blocks of frames by whose end fewer than a tenth of all frames had a face.

    The block itself counts, so that a video without faces has objects from its first frame on. The detector
    is loaded when it is first needed: most videos show a face.

    Raises:
        Unavailable, BadInput: its model or library is missing.
    """
    frames = with_face = 0
    while block := list(islice(found, _BLOCK)):
        frames += len(block)
        with_face += sum(bool(seen.faces) for seen in block)
        if with_face < _FACES_ARE_RARE * frames:
            detector.load()
            for _ in pool.map(lambda seen: seen.look_for(detector), block):
                pass
        yield from block
