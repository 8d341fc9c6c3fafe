"""Small pictures of scenes, as data URIs: a report is one file."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.decode import frames_within

if TYPE_CHECKING:
    from PIL.Image import Image


class Form(NamedTuple):
    """How large the pictures of a page are; other shapes get bars."""

    size: tuple[int, int]
    """Pixels."""
    quality: int
    """Of JPEG, 1 to 95."""


_FORMS = ((240, Form((192, 108), 72)), (1000, Form((160, 90), 60)), (4000, Form((128, 72), 50)))
"""Up to so many scenes. Every scene has a picture; the more there are, the smaller each is."""
_SMALLEST = Form((96, 54), 40)


def form_for(scenes: int) -> Form:
    """The form of the pictures of a page with so many scenes."""
    return next((form for most, form in _FORMS if scenes <= most), _SMALLEST)


def scene_pictures(video: Path, scenes: Sequence[tuple[int, int]]) -> dict[int, str]:
    """Scene number (from 1) to a ``data:`` URI of a frame from its middle.

    Args:
        video: the 25-fps video.
        scenes: first and last frame of each scene.

    Raises:
        BadInput: the video cannot be decoded.
    """
    import av

    size, quality = form_for(len(scenes))
    try:
        pictures = frames_within(video, scenes, size)
        return {number: _data_uri(picture, quality) for number, picture in enumerate(pictures, 1)}
    except av.FFmpegError as error:
        raise BadInput(video.name, f"cannot be decoded ({error})", "Materialize video_25fps again") from error


def _data_uri(picture: Image, quality: int) -> str:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
