"""Two real faces, cut out of their photographs.

The outlines are polygons in pixels of the photographs, drawn once along the person. The face boxes
are the extents of the 478 landmarks that MediaPipe's FaceLandmarker finds on the untouched
photographs: forehead to chin, cheek to cheek.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from mediaflow_assets.sample.ingredients import ADMIRAL, ASTRONAUT, Ingredient, Picture, read_picture

Person = Literal["collins", "hopper"]


class Box(NamedTuple):
    """A rectangle in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


class Face(NamedTuple):
    """A person without the surroundings."""

    image: Picture
    """``height x width x 4``: blue, green, red, opacity, each 0..255."""
    box: Box
    """The face in ``image``."""


class _Portrait(NamedTuple):
    photograph: Ingredient
    box: Box
    outline: tuple[tuple[int, int], ...]


# fmt: off
_PORTRAITS: dict[Person, _Portrait] = {
    "collins": _Portrait(ASTRONAUT, Box(181, 72, 89, 106), (
        (201, 23), (185, 38), (163, 51), (154, 64), (157, 104), (170, 116), (174, 128), (182, 132), (182, 147),
        (153, 151), (131, 167), (121, 183), (120, 198), (103, 215), (65, 246), (40, 294), (26, 342), (19, 390),
        (25, 478), (39, 511), (511, 511), (498, 473), (493, 421), (478, 384), (455, 361), (418, 345), (364, 348),
        (352, 286), (340, 262), (303, 233), (300, 221), (294, 209), (284, 196), (272, 185), (255, 173), (258, 160),
        (265, 149), (268, 136), (276, 134), (283, 124), (294, 111), (300, 92), (296, 58), (288, 43), (276, 31),
        (248, 18), (227, 16))),
    "hopper": _Portrait(ADMIRAL, Box(170, 132, 185, 202), (
        (218, 30), (211, 43), (197, 49), (181, 64), (172, 87), (152, 104), (150, 142), (158, 165), (156, 185),
        (162, 222), (169, 260), (176, 268), (175, 288), (194, 298), (195, 320), (183, 333), (165, 344), (121, 360),
        (80, 368), (61, 380), (42, 400), (24, 440), (15, 520), (12, 599), (511, 599), (511, 434), (505, 431),
        (492, 393), (461, 376), (422, 366), (365, 342), (336, 320), (343, 290), (361, 262), (367, 236), (371, 135),
        (365, 89), (352, 86), (347, 70), (335, 56), (313, 44), (299, 41), (281, 27), (249, 23))),
}
# fmt: on

PEOPLE: tuple[Person, ...] = tuple(_PORTRAITS)

_FEATHER = 1.5
"""Width of the soft edge of a cut-out (standard deviation, pixels): hides the seam."""


def face_box(person: Person) -> Box:
    """Where the face lies in :func:`cut_out`'s image; needs no picture."""
    return _PORTRAITS[person].box


@cache
def cut_out(person: Person) -> Face:
    """The person with transparent surroundings, read-only.

    Raises:
        Unavailable: the photograph's package is not installed.
    """
    import cv2

    portrait = _PORTRAITS[person]
    photograph = read_picture(portrait.photograph)
    silhouette = np.zeros(photograph.shape[:2], np.uint8)
    cv2.fillPoly(silhouette, [np.array(portrait.outline, np.int32)], 255)
    inside = cv2.erode(silhouette, np.ones((3, 3), np.uint8))
    image = np.dstack([photograph, cv2.GaussianBlur(inside, (0, 0), _FEATHER)]).astype(np.uint8)
    image.flags.writeable = False
    return Face(image, portrait.box)
