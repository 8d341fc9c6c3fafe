"""One picture that shows a project's scenes: a frame from the middle of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.video.decode import frames_within
from mediaflow_assets.video.sheets import labelled, tiled

THUMBNAIL = (160, 90)
COLUMNS = 4
MAX_THUMBNAILS = 24
"""Thumbnails on a sheet; a long video shows its scenes at even distances."""


def contact_sheet(videos: Iterable[tuple[Path, Sequence[Scene]]]) -> bytes | None:
    """JPEG of at most 100 kB, or None when there is no scene or nothing legible fits.

    Args:
        videos: 25-fps masters with their scenes.
    """
    thumbnails = []
    everything = [(path, scenes) for path, scenes in videos]
    total = sum(len(scenes) for _, scenes in everything)
    step = max(1, -(-total // MAX_THUMBNAILS))
    number = 0
    for path, scenes in everything:
        chosen = []
        for index, scene in enumerate(scenes, start=1):
            if number % step == 0:
                chosen.append((index, (scene.first, scene.last)))
            number += 1
        pictures = frames_within(path, [span for _, span in chosen], THUMBNAIL)
        thumbnails += [labelled(picture, str(index)) for (index, _), picture in zip(chosen, pictures, strict=True)]
    return tiled(thumbnails, COLUMNS)
