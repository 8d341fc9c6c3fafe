"""Sizes of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""``(height, width, 3)`` RGB."""


def shrunk(picture: Picture, longest_side: int) -> Picture:
    """The picture, scaled down when its longest side is above ``longest_side`` (0: never)."""
    longest = max(picture.shape[:2])
    if longest_side == 0 or longest <= longest_side:
        return picture
    import cv2

    scale = longest_side / longest
    small: Picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return small
