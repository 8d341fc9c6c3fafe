"""The face chip of a track: its best picture, cut out once."""

from __future__ import annotations

import io
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.server.tracks import Track
from mediaflow_assets.video.decode import frames_at

SIDE = 128
"""Pixels of the square."""
_MARGIN = 0.35
"""Around the box, as a part of its larger side."""


def face_chip(track: Track, number: int, video: Path, size: tuple[int, int], folder: Path) -> Path:
    """A JPEG of a track at its best frame.

    Args:
        number: of the track in its index; it names the file, ids do not.
        video: the 25-fps video.
        size: its width and height.
        folder: of the packed document.

    Raises:
        BadInput: it has no box, or the video cannot be decoded.
    """
    import av
    from PIL import ImageOps

    kept = folder / f"chip-{number}.jpg"
    if kept.exists():
        return kept
    if track.best is None:
        raise BadInput(track.id, "has no picture: its document has no boxes", "Materialize tracking_json again")
    frame, left, top, width, height = track.best
    try:
        (picture,) = frames_at(video, [frame], size)
    except av.FFmpegError as error:
        raise BadInput(video.name, f"cannot be decoded ({error})", "Materialize video_25fps again") from error
    half = max(width, height) * (0.5 + _MARGIN)
    x, y = left + width / 2, top + height / 2
    cut = picture.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    stream = io.BytesIO()
    ImageOps.fit(cut, (SIDE, SIDE)).save(stream, "JPEG", quality=82)
    return write_atomic(kept, stream.getvalue())
