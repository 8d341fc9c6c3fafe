"""Pictures and sound that installed packages ship: where they lie, and under which terms.

==========================  ====================================================================
ingredient                  origin and terms
==========================  ====================================================================
``ASTRONAUT``               Eileen Collins, NASA; no known copyright restrictions
``ADMIRAL``                 Grace Hopper, U.S. Navy; a work of the U.S. government, public domain
``BRICK``, ``GRAVEL``       CC0Textures; CC0
``GRASS``                   DeviantArt (linolafett); CC0
``COFFEE``                  Rachel Michetti, Pikolo Espresso Bar; CC0
``ROCKET``                  SpaceX; released into the public domain
``DIALOGUE``                two people talking, 30 s; part of pyannote.audio (MIT)
==========================  ====================================================================

The terms of the pictures are those that scikit-image and matplotlib state for them. The files are
read in place; the packages are not imported, which for pyannote.audio takes seconds.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable

Picture = NDArray[np.uint8]
"""``height x width x 3`` bytes: blue, green, red."""


class Ingredient(NamedTuple):
    """A file inside an installed package."""

    package: str
    """Import name."""
    distribution: str
    """What pip calls it."""
    file: str
    """POSIX path below the package's folder."""


def _scikit_image(file: str) -> Ingredient:
    return Ingredient("skimage", "scikit-image", f"data/{file}")


def _pyannote(file: str) -> Ingredient:
    return Ingredient("pyannote.audio", "pyannote.audio", f"sample/{file}")


ASTRONAUT = _scikit_image("astronaut.png")
ADMIRAL = Ingredient("matplotlib", "matplotlib", "mpl-data/sample_data/grace_hopper.jpg")
BRICK = _scikit_image("brick.png")
GRAVEL = _scikit_image("gravel.png")
GRASS = _scikit_image("grass.png")
COFFEE = _scikit_image("coffee.png")
ROCKET = _scikit_image("rocket.jpg")
DIALOGUE = _pyannote("sample.wav")
DIALOGUE_SPEAKERS = _pyannote("sample.rttm")

INGREDIENTS = (ASTRONAUT, ADMIRAL, BRICK, GRAVEL, GRASS, COFFEE, ROCKET, DIALOGUE, DIALOGUE_SPEAKERS)


def locate(ingredient: Ingredient) -> Path:
    """Path of an ingredient's file.

    Raises:
        Unavailable: its package, or the file in it, is not installed.
    """
    try:
        # Finds a submodule by importing only the packages above it.
        spec = find_spec(ingredient.package)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            ingredient.distribution,
            "is not installed, and the sample project is made of its files",
            f"Run: pip install {ingredient.distribution}",
        )
    path = Path(next(iter(spec.submodule_search_locations)), *ingredient.file.split("/"))
    if not path.is_file():
        raise _damaged(ingredient, path)
    return path


def read_picture(ingredient: Ingredient) -> Picture:
    """The pixels of a picture.

    Raises:
        Unavailable: its package is not installed or is damaged.
    """
    import cv2

    path = locate(ingredient)
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise _damaged(ingredient, path)
    return pixels.astype(np.uint8)


def _damaged(ingredient: Ingredient, path: Path) -> Unavailable:
    return Unavailable(
        path,
        f"is missing or damaged in the installed {ingredient.distribution}",
        f"Run: pip install --force-reinstall --no-deps {ingredient.distribution}",
    )
