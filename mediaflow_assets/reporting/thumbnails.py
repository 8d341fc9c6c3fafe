"""Small pictures of scenes, as data URIs: a report is one file."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.decode import frames_at

SIZE = (192, 108)
"""Pixels; other shapes get bars."""
MAX_THUMBNAILS = 240
"""Pictures in a report; of more scenes, some at even distances have one."""


def scene_pictures(video: Path, scenes: Sequence[tuple[int, int]]) -> dict[int, str]:
    """Scene number (from 1) to a ``data:`` URI of its middle frame.

    Args:
        video: the 25-fps video.
        scenes: first and last frame of each scene.

    Raises:
        BadInput: the video cannot be decoded.
    """
    import av

    step = max(1, -(-len(scenes) // MAX_THUMBNAILS))
    chosen = [
        (number, (first + last) // 2) for number, (first, last) in enumerate(scenes, 1) if (number - 1) % step == 0
    ]
    try:
        pictures = frames_at(video, [frame for _, frame in chosen], SIZE)
    except av.FFmpegError as error:
        raise BadInput(video.name, f"cannot be decoded ({error})", "Materialize video_25fps again") from error
    found = {}
    for (number, _), picture in zip(chosen, pictures, strict=True):
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=72, optimize=True)
        found[number] = "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
    return found
