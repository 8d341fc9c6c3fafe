"""What a file is, read from its content: a video with these properties, or not a video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.errors import BadInput
from mediaflow_assets.formats.manifest import VideoProbe

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

VIDEO_SUFFIXES = frozenset(
    ".mp4 .mov .avi .mkv .webm .flv .wmv .m4v .mts .m2ts .ts .mpg .mpeg .3gp .ogv .mxf .vob".split()
)
_NOT_VIDEO_FORMATS = frozenset(
    "image2 png_pipe jpeg_pipe gif tty webp_pipe bmp_pipe tiff_pipe svg_pipe psd_pipe apng ico concat hls".split()
)
_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}


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
            return container.format.name not in _NOT_VIDEO_FORMATS and picture_stream(container) is not None
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


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The first video stream that is not a cover picture, or None."""
    import av

    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def probe(path: Path) -> VideoProbe:
    """Read the properties of a video.

    Raises:
        BadInput: the file cannot be opened, or has no picture.
    """
    import av

    try:
        with av.open(str(path)) as container:
            stream = picture_stream(container)
            if stream is None:
                raise BadInput(path.name, "has no picture", "Remove it or send the video itself")
            return _describe(container, stream)
    except (av.FFmpegError, UnicodeDecodeError) as error:
        raise BadInput(path.name, f"cannot be read as a video ({error})", "Ask for the file again") from error


def _describe(container: InputContainer, stream: VideoStream) -> VideoProbe:
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate or Fraction(0)
    if stream.duration and stream.time_base:
        duration = float(stream.duration * stream.time_base)
    else:
        duration = (container.duration or 0) / 1_000_000
    sound = container.streams.audio[0] if container.streams.audio else None
    rotation = _rotation(container, stream)
    return VideoProbe(
        container=container.format.name,
        codec=context.name,
        width=context.width,
        height=context.height,
        fps=str(rate),
        duration=round(duration, 6),
        pixel_format=context.pix_fmt or "unknown",
        rotation=rotation,
        audio_codec=sound.codec_context.name if sound else None,
        audio_channels=sound.codec_context.channels if sound else 0,
        notes=tuple(_notes(container, stream, rotation)),
    )


def _rotation(container: InputContainer, stream: VideoStream) -> int:
    """Clockwise degrees that a player applies, from the display matrix of the first frame."""
    import av

    try:
        for frame in container.decode(stream):
            return int(-frame.rotation) % 360
    except av.FFmpegError:
        return 0
    return 0


def _notes(container: InputContainer, stream: VideoStream, rotation: int) -> list[str]:
    context = stream.codec_context
    notes = []
    if rotation:
        notes.append(f"rotated {rotation} degrees")
    if context.pix_fmt and any(depth in context.pix_fmt for depth in ("10", "12", "16")):
        notes.append(f"high bit depth ({context.pix_fmt})")
    transfer = _HDR_TRANSFERS.get(int(context.color_trc or 0))
    if transfer:
        notes.append(f"HDR ({transfer})")
    ratio = stream.sample_aspect_ratio
    if ratio and ratio != 1:
        notes.append(f"pixels are not square ({ratio})")
    if len(container.streams.audio) > 1:
        notes.append(f"{len(container.streams.audio)} audio tracks; the first is used")
    if len(container.streams.video) > 1:
        notes.append("has a cover picture or a second picture track")
    if not container.streams.audio:
        notes.append("no sound")
    return notes
