"""Decoding of 25-fps masters, in order, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS

if TYPE_CHECKING:
    import numpy as np
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from PIL.Image import Image


def rgb_frames(path: Path, size: tuple[int, int] | None = None) -> Iterator[NDArray[np.uint8]]:
    """Yield each frame as uint8 ``(height, width, 3)`` RGB.

    Args:
        path: a 25-fps master.
        size: (width, height) to scale to (bicubic, as ffmpeg does), or None for the video's own.
    """
    for frame in decoded_frames(path):
        yield rgb(frame, size)


def rgb(frame: VideoFrame, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """One of :func:`decoded_frames` as uint8 ``(height, width, 3)`` RGB; may run on any thread."""
    width, height = size or (None, None)
    # One thread: without being told, swscale starts and joins threads for every single frame.
    picture = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="BICUBIC", threads=1)
    return cast("NDArray[np.uint8]", picture)


def decoded_frames(path: Path, threads: int = 0) -> Iterator[VideoFrame]:
    """Yield each frame as the decoder gives it, half the size of RGB.

    Args:
        path: a 25-fps master.
        threads: of the decoder; 0: as many as there are cores. One needs a quarter less processor
            time for a frame than two, so it is better where the cores have other work.
    """
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = threads
            yield from container.decode(stream)
    except FileNotFoundError as error:
        raise BadInput(path.name, "is not there any more", "Run it again: what is missing is made first") from error
    except av.FFmpegError as error:
        raise BadInput(path.name, f"cannot be decoded to its end ({error})", "Materialize video_25fps again") from error


def frames_at(path: Path, frames: Sequence[int], size: tuple[int, int]) -> Iterator[Image]:
    """Pictures of some frames, one by one, letterboxed into ``size``, by seeking instead of decoding everything.

    Args:
        path: a 25-fps master.
        frames: 1-based frame numbers in rising order.
        size: (width, height) of the pictures.
    """
    from PIL import Image as Pillow
    from PIL import ImageOps

    for frame in _sought(path, frames):
        yield ImageOps.pad(Pillow.fromarray(frame.to_ndarray(format="rgb24")), size)


def grey_frames_at(path: Path, frames: Sequence[int]) -> list[NDArray[np.uint8]]:
    """The grey values ``(height, width)`` of some frames, by seeking; 1-based, in rising order."""
    return [cast("NDArray[np.uint8]", frame.to_ndarray(format="gray")) for frame in _sought(path, frames)]


def _sought(path: Path, frames: Sequence[int]) -> Iterator[VideoFrame]:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for number in frames:
            stamp = int(Fraction(number - 1, FPS) / (stream.time_base or 1)) + (stream.start_time or 0)
            last = None
            for last in _decoded_to(container, stream, stamp):
                if last.pts is not None and last.pts >= stamp:
                    break
            if last is None:
                raise BadInput(path.name, f"has no frame {number}", "Materialize video_25fps again")
            yield last


def _decoded_to(container: InputContainer, stream: VideoStream, stamp: int) -> Iterator[VideoFrame]:
    """Frames up to a PTS and beyond, without those before it that no other frame refers to.

    Most B-frames are such: a third of the processor time is saved, and the frame that is wanted is the same.
    """
    decoder = stream.codec_context
    decoder.skip_frame = "NONREF"
    for packet in _packets_before(container, stream, stamp):
        if packet.pts is None or packet.pts >= stamp:
            decoder.skip_frame = "DEFAULT"
        yield from packet.decode()


def _packets_before(container: InputContainer, stream: VideoStream, stamp: int) -> Iterator[Packet[VideoStream]]:
    """Packets from the last key frame that is shown at a PTS or before it."""
    container.seek(stamp, stream=stream)
    packets = container.demux(stream)
    first = next(packets, None)
    if first is None:
        return
    if first.pts is not None and first.dts is not None and first.pts > stamp:
        # Of an open GOP: it is stored before frames that are shown before it and need the GOP before.
        container.seek(first.dts - 1, stream=stream)
    else:
        yield first
    yield from container.demux(stream)
