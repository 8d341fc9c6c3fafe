"""One picture with every tracked face of a project and its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.formats.details import SeenFace
from mediaflow_assets.video.decode import frames_at
from mediaflow_assets.video.sheets import labelled, tiled

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 96
"""Pixels of a face's square."""
COLUMNS = 8
MAX_FACES = 40
"""Faces on a sheet, shared equally by the videos."""
_MARGIN = 0.3
"""Around the box, as a part of its larger side."""


def face_sheet(videos: Iterable[tuple[Path, tuple[int, int], Sequence[SeenFace]]]) -> bytes | None:
    """JPEG of at most 100 kB, or None when nobody is seen or nothing legible fits.

    Args:
        videos: 25-fps masters with their (width, height) and the ``faces`` of their details
            (see ``statistics``).
    """
    everything = list(videos)
    share = MAX_FACES // max(len(everything), 1) or 1
    tiles: list[Image] = []
    for path, size, faces in everything[:MAX_FACES]:
        chosen = sorted(faces, key=lambda face: -face.frames)[:share]
        chosen.sort(key=lambda face: face.best_frame)
        pictures = frames_at(path, [face.best_frame for face in chosen], size)
        tiles += [_tile(picture, face) for picture, face in zip(pictures, chosen, strict=True)]
    return tiled(tiles, COLUMNS)


def _tile(picture: Image, face: SeenFace) -> Image:
    """The face with its number, and below it a bar as long as its share of speaking."""
    from PIL import ImageDraw, ImageOps

    left, top, width, height = face.best_box
    half = max(width, height) * (0.5 + _MARGIN)
    x, y = left + width / 2, top + height / 2
    cut = picture.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    tile = labelled(ImageOps.fit(cut, (SIDE, SIDE)), face.id.removeprefix("obj_"))
    draw = ImageDraw.Draw(tile)
    draw.rectangle((0, SIDE - 4, SIDE, SIDE), fill=(60, 60, 60))
    draw.rectangle((0, SIDE - 4, round(SIDE * face.speaking_share), SIDE), fill=(80, 220, 100))
    return tile
