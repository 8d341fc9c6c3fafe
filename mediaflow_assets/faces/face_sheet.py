"""One picture with every tracked face of a project and its id."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaflow_assets.video.decode import frames_at

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 96
"""Pixels of a face's square."""
COLUMNS = 8
MOST = 40
"""Faces on a sheet, shared equally by the videos."""
_MARGIN = 0.3
"""Around the box, as a part of its larger side."""
_QUALITIES = (75, 50, 25, 10)
_LARGEST = 100_000
"""Bytes: what the stage's metadata takes."""


def face_sheet(videos: Iterable[tuple[Path, tuple[int, int], Sequence[Mapping[str, Any]]]]) -> bytes | None:
    """JPEG below 100 kB, or None when nobody is seen.

    Args:
        videos: 25-fps masters with their (width, height) and the ``faces`` of their details
            (see ``statistics``).
    """
    everything = list(videos)
    share = MOST // max(len(everything), 1) or 1
    tiles: list[Image] = []
    for path, size, faces in everything[:MOST]:
        chosen = sorted(faces, key=lambda face: -int(face["frames"]))[:share]
        chosen.sort(key=lambda face: int(face["best_frame"]))
        pictures = frames_at(path, [face["best_frame"] for face in chosen], size)
        tiles += [_labelled(picture, face) for picture, face in zip(pictures, chosen, strict=True)]
    return _tiled(tiles) if tiles else None


def _labelled(picture: Image, face: Mapping[str, Any]) -> Image:
    """The face with its number, and below it a bar as long as its share of speaking."""
    from PIL import ImageDraw, ImageOps

    left, top, width, height = face["best_box"]
    half = max(width, height) * (0.5 + _MARGIN)
    x, y = left + width / 2, top + height / 2
    cut = picture.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    tile = ImageOps.fit(cut, (SIDE, SIDE))
    text = face["id"].removeprefix("obj_")
    draw = ImageDraw.Draw(tile)
    draw.rectangle((0, 0, 8 + 7 * len(text), 14), fill=(0, 0, 0))
    draw.text((4, 1), text, fill=(255, 255, 255))
    draw.rectangle((0, SIDE - 4, SIDE, SIDE), fill=(60, 60, 60))
    draw.rectangle((0, SIDE - 4, round(SIDE * face["speaking_share"]), SIDE), fill=(80, 220, 100))
    return tile


def _tiled(tiles: Sequence[Image]) -> bytes:
    from PIL import Image as Pillow

    rows = -(-len(tiles) // COLUMNS)
    sheet = Pillow.new("RGB", (min(len(tiles), COLUMNS) * SIDE, rows * SIDE))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % COLUMNS * SIDE, index // COLUMNS * SIDE))
    for quality in _QUALITIES:
        stream = io.BytesIO()
        sheet.save(stream, "JPEG", quality=quality, optimize=True)
        if stream.tell() < _LARGEST:
            break
    return stream.getvalue()
