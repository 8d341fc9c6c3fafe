"""Whether a received file is a video, by its content, and what the extraction manifest says of it."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import VideoProbe
from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.sniff import (
    VIDEO_SUFFIXES,
    head_of,
    is_still_picture,
    is_text_named_like_a_video,
    looks_like_container,
)
from mediaflow_assets.video.source import NO_VIDEO, picture_stream, read_source


def is_video(path: Path) -> bool:
    """Whether the content of ``path`` is a video, whatever its name says.

    A name that promises a video counts as one even if it cannot be opened: a damaged video must
    fail visibly and not pass for an attachment. Photos, sound or subtitles alone, and source code
    named ``.ts`` are attachments under any name.
    """
    head, promised = head_of(path), path.suffix.lower() in VIDEO_SUFFIXES
    if is_still_picture(head, path.suffix) or is_text_named_like_a_video(head, path.suffix):
        return False
    if not promised and not looks_like_container(head):
        return False
    try:
        with opened(path) as container:
            if container.format.name in NO_VIDEO:
                return promised
            if picture_stream(container) is not None:
                return True
            only_subtitles = {stream.type for stream in container.streams} == {"subtitle"}
            return promised and not container.streams.audio and not only_subtitles
    except BadInput:
        return promised


def probe(path: Path) -> VideoProbe:
    """Read the properties of a video.

    Raises:
        BadInput: the file cannot be opened, or has no picture that can be decoded.
    """
    source = read_source(path)
    picture, sound = source.picture, source.sound
    return VideoProbe(
        container=source.container,
        codec=picture.codec,
        width=picture.width,
        height=picture.height,
        fps=str(picture.rate),
        duration=picture.duration,
        pixel_format=picture.pixel_format,
        rotation=picture.rotation,
        audio_codec=sound.codec if sound else None,
        audio_channels=sound.channels if sound else 0,
        notes=source.notes,
    )
