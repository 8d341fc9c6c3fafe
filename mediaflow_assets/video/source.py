"""What a received video consists of: the picture that counts, its sound, and what is unusual about them."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.isobmff import picture_codes
from mediaflow_assets.video.notes import unusual
from mediaflow_assets.video.reading import encrypted, opened, refusal, unknown_code
from mediaflow_assets.video.stated import Statement, read_statement

if TYPE_CHECKING:
    from av.audio.stream import AudioStream as AvAudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.sidedata.sidedata import SideDataContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream as AvVideoStream

_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
"""Transfer characteristics of ITU-T H.273 whose white is not that of standard video."""
_MAY_RESTART = frozenset({"mpegts", "mpeg"})
"""Containers without a clock of their own for the whole file."""
NO_VIDEO = frozenset(
    "image2 png_pipe jpeg_pipe gif tty webp_pipe bmp_pipe tiff_pipe svg_pipe psd_pipe apng ico concat hls".split()
)
"""What libavformat also reads: pictures, and lists of other files, which a sender must not make us open."""
_UNDATED = frozenset({"avi"})
"""Containers that say when a picture is decoded, but not when it is shown."""
_BARE = frozenset("h264 hevc mpegvideo m4v vc1 h261 h263 cavsvideo dirac obu vvc".split())
"""Streams without a container."""
_UNTIMED = frozenset("h264 hevc vvc".split())
"""Those for which no reader makes up times."""
_UNNAMED = 2
"""Code of H.273 for colours of which nothing is said."""
_FULL_RANGE = 2
_FIRST_FRAMES = 5
ENCRYPTION = frozenset(("encryption_info", "encryption_init_info"))
"""Side data of packets that cannot be decoded without a key."""


@dataclass(frozen=True)
class VideoStream:
    """The picture stream that is converted."""

    index: int
    """Of the stream in its container."""
    codec: str
    pixel_format: str
    width: int
    height: int
    rate: Fraction
    """Average frames per second, as the container says; 0 when it does not."""
    duration: float
    """Seconds, as the container says; 0 when it does not."""
    rotation: int
    """Clockwise degrees that a player applies."""
    mirrored: bool
    """A player shows its mirror image."""
    pixel_aspect: Fraction
    """Width of a pixel divided by its height."""
    interlaced: bool
    hdr: str | None
    """Name of the transfer function when it is one of high dynamic range."""
    unnamed: tuple[str, ...]
    """What is not said of its colours: ``primaries``, ``matrix``."""
    full_range: bool
    bit_depth: int
    """Of the deepest component of a pixel."""

    @property
    def high_bit_depth(self) -> bool:
        return self.bit_depth > 8

    @property
    def rgb(self) -> bool:
        return any(name in self.pixel_format for name in ("rgb", "bgr", "gbr", "pal8", "gray", "mono"))


@dataclass(frozen=True)
class AudioStream:
    """The sound track that is used."""

    index: int
    codec: str
    rate: int
    """Samples per second."""
    channels: int
    layout: str
    """FFmpeg's name of the channel layout."""


@dataclass(frozen=True)
class MediaInfo:
    """A video file's container, read without decoding more than its first frames."""

    container: str
    may_restart: bool
    """Time stamps of this kind of container may start anew in the middle."""
    has_pts: bool
    """Its container says when each picture is shown."""
    stamped: bool
    """It is more than a bare stream, whose times a reader makes up."""
    start: Fraction
    """First time stamp of any stream, seconds."""
    picture: VideoStream
    sound: AudioStream | None
    notes: tuple[str, ...]
    """What is unusual, one phrase each."""
    statement: Statement
    """What its header says of its length."""


def read_source(path: Path, name: str = "") -> MediaInfo:
    """Describe a video.

    Args:
        path: where it lies.
        name: as its sender named it, when ``path`` has another name.

    Raises:
        BadInput: the file cannot be opened, or has no picture that can be decoded.
    """
    import av

    name = name or path.name
    with opened(path, name) as container:
        if container.format.name in NO_VIDEO:
            what = container.format.long_name
            raise BadInput(name, f"is no video, but: {what}", "Remove it or send the video itself")
        stream = picture_stream(container)
        if stream is None:
            raise BadInput(name, "has no picture", "Remove it or send the video itself")
        if stream.codec_context is None:
            raise refusal(path, name) or unknown_code(name, picture_codes(path))
        picture = _picture(container, stream, name)
        if not picture.width or not picture.height:
            raise refusal(path, name) or BadInput(
                name, "has a picture of which nothing can be decoded", "Ask for the file again"
            )
        sound = _sound(container)
        return MediaInfo(
            container=container.format.name,
            may_restart=container.format.name in _MAY_RESTART,
            has_pts=container.format.name not in _UNDATED,
            stamped=container.format.name not in _BARE,
            start=Fraction(container.start_time or 0, av.time_base),
            picture=picture,
            sound=sound,
            notes=tuple(unusual(container, picture, sound)),
            statement=read_statement(path, container, stream),
        )


def picture_stream(container: InputContainer) -> AvVideoStream | None:
    """The first video stream that is not a cover picture, one that can be decoded if there is one; or None."""
    import av

    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    known = (stream for stream in streams if stream.codec_context is not None and stream.codec_context.width)
    return next(known, streams[0] if streams else None)


def packets(container: InputContainer, streams: Sequence[int]) -> Iterator[Packet[Stream]]:
    """The packets of some streams in the order of the file; of each stream, the last one is empty."""
    import av

    if container.format.name in _UNDATED:
        # PyAV would invent times, by which also pictures that nothing delays are one picture late.
        container.flags &= ~cast(int, av.container.Flags.gen_pts.value)
    # Streams that a damaged file reveals while it is read make PyAV stumble, after everything else.
    with contextlib.suppress(IndexError):
        yield from container.demux([container.streams[index] for index in streams])


def _picture(container: InputContainer, stream: AvVideoStream, name: str) -> VideoStream:
    context = stream.codec_context
    if stream.duration and stream.time_base:
        duration = float(stream.duration * stream.time_base)
    else:
        duration = (container.duration or 0) / 1_000_000
    rotation, mirrored, interlaced = _first_frames(container, stream, name)
    named = {"primaries": context.color_primaries, "matrix": context.colorspace}
    aspect = stream.sample_aspect_ratio
    return VideoStream(
        index=stream.index,
        codec=context.name,
        pixel_format=context.pix_fmt or "unknown",
        width=context.width,
        height=context.height,
        rate=_rate(container, stream),
        duration=round(duration, 6),
        rotation=rotation,
        mirrored=mirrored,
        pixel_aspect=Fraction(aspect) if aspect else Fraction(1),
        interlaced=interlaced,
        hdr=_HDR_TRANSFERS.get(int(context.color_trc or 0)),
        unnamed=tuple(name for name, code in named.items() if int(code) == _UNNAMED),
        bit_depth=_bit_depth(context.pix_fmt),
        full_range=int(context.color_range or 0) == _FULL_RANGE or (context.pix_fmt or "").startswith("yuvj"),
    )


def _first_frames(container: InputContainer, stream: AvVideoStream, name: str) -> tuple[int, bool, bool]:
    """Rotation, and whether any of the first frames is mirrored or interlaced; a damaged start says nothing."""
    import av

    rotation, mirrored, interlaced, frames = 0, False, False, 0
    try:
        for packet in packets(container, [stream.index]):
            if any(data.data_type in ENCRYPTION for data in packet.iter_sidedata()):
                raise encrypted(name)
            for frame in stream.decode(packet):
                rotation = rotation or int(-frame.rotation) % 360
                mirrored = mirrored or _mirrored(frame)
                interlaced = interlaced or frame.interlaced_frame
                frames += 1
            if frames >= _FIRST_FRAMES:
                break
    except av.FFmpegError:
        return rotation, mirrored, interlaced
    return rotation, mirrored, interlaced


def _rate(container: InputContainer, stream: AvVideoStream) -> Fraction:
    if container.format.name in _UNTIMED:
        # Its average is what a reader makes up; the stream itself may say better.
        return stream.guessed_rate or stream.average_rate or Fraction(0)
    return stream.average_rate or stream.guessed_rate or Fraction(0)


def _bit_depth(pixel_format: str | None) -> int:
    import av

    if pixel_format is None:
        return 8
    return max(component.bits for component in av.VideoFormat(pixel_format).components)


def _mirrored(frame: VideoFrame) -> bool:
    """Whether the display matrix of a frame (ISO/IEC 14496-12, 8.3.2: a b u, c d v, x y w) turns it over."""
    for data in cast("SideDataContainer", frame.side_data):
        try:
            name = data.type.name
        except ValueError:  # side data that PyAV does not know yet, of HDR and 3D
            continue
        if name == "DISPLAYMATRIX":
            a, b, _, c, d = struct.unpack("=5i", bytes(data)[:20])
            return bool(a * d < b * c)
    return False


def _sound(container: InputContainer) -> AudioStream | None:
    """The first sound track in a known format, or None."""
    return next((sound for stream in container.streams.audio if (sound := sound_of(stream))), None)


def sound_of(stream: AvAudioStream) -> AudioStream | None:
    """A sound track; None for one in an unknown format."""
    context = stream.codec_context
    if context is None or not context.rate:
        return None
    return AudioStream(stream.index, context.codec.canonical_name, context.rate, context.channels, context.layout.name)
