"""Whether a received file is a video, by its content, and what the extraction manifest says of it."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.formats.manifest import VideoProbe
from mediaflow_assets.video.source import NO_VIDEO, picture_stream, read_source

VIDEO_SUFFIXES = frozenset(
    ".mp4 .mov .avi .mkv .webm .flv .wmv .m4v .mts .m2ts .ts .mpg .mpeg .3gp .ogv .mxf .vob".split()
)


def is_video(path: Path) -> bool:
    """Whether the content of ``path`` is a video, whatever its name says.

    A name that promises a video counts as one even if it cannot be opened: a damaged video must
    fail visibly and not pass for an attachment.
    """
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return True
    if not _looks_like_container(path):
        return False
    import av

    try:
        with av.open(str(path)) as container:
            return container.format.name not in NO_VIDEO and picture_stream(container) is not None
    except (av.FFmpegError, UnicodeDecodeError):
        return False


def _looks_like_container(path: Path) -> bool:
    """Magic bytes of the video containers we accept, so that only candidates are opened."""
    with path.open("rb") as stream:
        head = stream.read(400)
    return (
        head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free")
        or head.startswith((b"\x1aE\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba", b"OggS"))
        or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
        or (len(head) > 376 and head[0] == head[188] == head[376] == 0x47)
        or (len(head) > 388 and head[4] == head[196] == head[388] == 0x47)
        or head.startswith(b"\x06\x0e\x2b\x34")
    )


def probe(path: Path) -> VideoProbe:
    """Read the properties of a video.

    Raises:
        BadInput: the file cannot be opened, or has no picture.
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
