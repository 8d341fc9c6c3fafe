"""Sizes: what an aspect cuts out of a picture."""

from __future__ import annotations

import math
from typing import NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.reframe_json import Crop


class Rect(NamedTuple):
    """A rectangle in pixels; ``x, y`` is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


class Aspect(NamedTuple):
    """A shape of the output and the size in which studios deliver it."""

    name: str
    """``9:16``."""
    width: int
    height: int
    """Pixels of the output."""

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def label(self) -> str:
        """``9x16``, for file names."""
        return self.name.replace(":", "x")


ASPECTS = {
    "9:16": Aspect("9:16", 1080, 1920),
    "4:5": Aspect("4:5", 1080, 1350),
    "1:1": Aspect("1:1", 1080, 1080),
    "16:9": Aspect("16:9", 1920, 1080),
}


def aspect(name: str) -> Aspect:
    """The aspect called ``name``.

    Raises:
        BadInput: there is none; lists those there are.
    """
    try:
        return ASPECTS[name]
    except KeyError:
        raise BadInput(repr(name), "is not an aspect", f"Choose from: {', '.join(ASPECTS)}") from None


def largest_crop(content: Rect, ratio: float) -> tuple[float, float]:
    """Width and height of the largest rectangle of this ratio inside ``content``."""
    width = content.height * ratio
    if width <= content.width:
        return width, content.height
    return content.width, content.width / ratio


def enclosing(content: Rect, ratio: float) -> Rect:
    """The smallest rectangle of this ratio around ``content``; it may leave the picture."""
    width, height = content.width, content.width / ratio
    if height < content.height:
        width, height = content.height * ratio, content.height
    return Rect(content.x - (width - content.width) / 2, content.y - (height - content.height) / 2, width, height)


def rounded(x: float, y: float, width: float, height: float, content: Rect) -> Crop:
    """A crop with 2 decimals that is still inside ``content``."""
    width, height = math.floor(width * 100 + 1e-6) / 100, math.floor(height * 100 + 1e-6) / 100
    x = min(max(round(x, 2), content.x), math.floor((content.right - width) * 100 + 1e-6) / 100)
    y = min(max(round(y, 2), content.y), math.floor((content.bottom - height) * 100 + 1e-6) / 100)
    return round(float(x), 2), round(float(y), 2), round(float(width), 2), round(float(height), 2)
