"""Two people who are too far apart for one picture, one above the other."""

from __future__ import annotations

import numpy as np

from mediaflow_assets.formats.reframe_json import Crop
from mediaflow_assets.reframing.aspects import Aspect, Rect, largest_crop, rounded
from mediaflow_assets.reframing.framings import Framing
from mediaflow_assets.reframing.people import Person
from mediaflow_assets.reframing.style import EYE_LINE


def split_panels(
    framing: Framing, first: int, end: int, content: Rect, aspect: Aspect, size: tuple[float, float]
) -> tuple[Crop, Crop]:
    """Crops of the upper and the lower half, for the left and the right person; each has twice the aspect.

    A panel is as wide as it can be without showing the other person too, and never narrower than the
    single crop: then nobody is enlarged more than alone.
    """
    one, other = framing.people
    ratio = 2 * aspect.ratio
    widest = largest_crop(content, ratio)[0]
    part = slice(first, end)

    def crop(person: Person, neighbour: Person) -> Crop:
        head, beside, face = person.head[part], neighbour.head[part], person.face[part]
        middle = float(np.median((head[:, 0] + head[:, 2]) / 2))
        room = float(np.median(np.maximum(beside[:, 0] - middle, middle - beside[:, 2])))
        need = float(np.quantile(head[:, 3] - head[:, 1], 0.95)) * ratio * 1.1
        width = min(max(2 * room, size[0], need), widest)
        height = width / ratio
        top = float(np.median((face[:, 1] + face[:, 3]) / 2)) - EYE_LINE * height
        left = float(np.clip(middle - width / 2, content.x, content.right - width))
        return rounded(left, float(np.clip(top, content.y, content.bottom - height)), width, height, content)

    return crop(one, other), crop(other, one)
