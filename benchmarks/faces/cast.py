"""Five different people, cut out of their photographs, as the cast of drawn films.

Two are those of the sample project; three are portraits that a published package ships, before a plain wall.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.engines_coverage import located, media, still
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.faces import PEOPLE, Box, Face, cut_out

_PORTRAITS = ("frontal-2", "turned-15", "frontal-1")


def cast(folder: Path, models: ModelStore) -> list[Face]:
    """The people; portraits are fetched into ``folder``."""
    store = media(folder)
    found = located([(still(store, name), False) for name in _PORTRAITS], models)
    others = [Face(_without_wall(one.picture[:, :, ::-1]), Box(*one.box)) for one in found]
    return [*(cut_out(person) for person in PEOPLE), *others]


def _without_wall(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """BGR with the opacity of the person: everything that is not like the edges of the picture."""
    height, width = picture.shape[:2]
    picture = np.ascontiguousarray(picture)
    mask = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, mask, (4, 4, width - 8, height - 8), *models, 8, cv2.GC_INIT_WITH_RECT)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    person = cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(person, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(person), [max(outlines, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    soft = cv2.GaussianBlur(cv2.erode(filled, np.ones((3, 3), np.uint8)), (0, 0), 1.5)
    return np.dstack([picture, soft]).astype(np.uint8)
