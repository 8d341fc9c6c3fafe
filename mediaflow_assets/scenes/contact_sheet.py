"""One picture that shows a project's scenes: the middle frame of each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.video.decode import frames_at

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL = (160, 90)
COLUMNS = 4
MOST = 24
"""Thumbnails on a sheet; a long video shows its scenes at even distances."""


def contact_sheet(videos: Iterable[tuple[Path, Sequence[Scene]]]) -> bytes | None:
    """JPEG below 100 kB, or None when there is no scene.

    Args:
        videos: 25-fps masters with their scenes.
    """
    thumbnails = []
    everything = [(path, scenes) for path, scenes in videos]
    total = sum(len(scenes) for _, scenes in everything)
    step = max(1, -(-total // MOST))
    number = 0
    for path, scenes in everything:
        chosen = []
        for index, scene in enumerate(scenes, start=1):
            if number % step == 0:
                chosen.append((index, (scene.first + scene.last) // 2))
            number += 1
        pictures = frames_at(path, [frame for _, frame in chosen], THUMBNAIL)
        thumbnails += [_labelled(picture, str(index)) for (index, _), picture in zip(chosen, pictures, strict=True)]
    return _tile(thumbnails) if thumbnails else None


def _labelled(picture: Image, text: str) -> Image:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 8 + 7 * len(text), 14), fill=(0, 0, 0))
    draw.text((4, 1), text, fill=(255, 255, 255))
    return picture


def _tile(thumbnails: Sequence[Image]) -> bytes:
    from PIL import Image as Pillow

    width, height = THUMBNAIL
    rows = -(-len(thumbnails) // COLUMNS)
    sheet = Pillow.new("RGB", (min(len(thumbnails), COLUMNS) * width, rows * height))
    for index, thumbnail in enumerate(thumbnails):
        sheet.paste(thumbnail, (index % COLUMNS * width, index // COLUMNS * height))
    stream = io.BytesIO()
    sheet.save(stream, "JPEG", quality=75, optimize=True)
    return stream.getvalue()
