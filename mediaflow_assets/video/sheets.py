"""Sheets of small pictures that are only looked at: tiled, and made to fit where they are kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 100_000
"""A sheet is stored with an event of Dagster and sent with every page."""
_QUALITIES = (75, 50, 25)
_MIN_SIDE = 64
"""Pixels; a sheet that does not fit at this size is left out."""


def tiled(tiles: Sequence[Image], columns: int, max_bytes: int = MAX_BYTES) -> bytes | None:
    """JPEG of tiles of one size, at most ``max_bytes`` long: of lower quality, then smaller, until it fits.

    None without a tile, and when no legible size fits.
    """
    from PIL import Image as Pillow

    if not tiles:
        return None
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    sheet = Pillow.new("RGB", (min(len(tiles), columns) * width, rows * height))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % columns * width, index // columns * height))
    while min(sheet.size) >= _MIN_SIDE:
        for quality in _QUALITIES:
            stream = io.BytesIO()
            sheet.save(stream, "JPEG", quality=quality, optimize=True)
            if stream.tell() <= max_bytes:
                return stream.getvalue()
        sheet = sheet.reduce(2)
    return None


def labelled(tile: Image, text: str) -> Image:
    """The tile with a short text in its upper left corner."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(tile)
    draw.rectangle((0, 0, 8 + 7 * len(text), 14), fill=(0, 0, 0))
    draw.text((4, 1), text, fill=(255, 255, 255))
    return tile
