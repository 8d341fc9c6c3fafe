"""Decoding of 25-fps masters, in order, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.video.key_frames import key_frame_before, key_frame_nearest

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
    for frame in _sought(path, frames):
        yield _letterboxed(frame, size)


def frames_within(path: Path, spans: Sequence[tuple[int, int]], size: tuple[int, int]) -> Iterator[Image]:
    """A picture of each span, letterboxed into ``size``: of a key frame near its middle, else of its middle.

    A key frame is decoded alone; the middle of a span needs all that it refers to, half a GOP on average.

    Args:
        path: a 25-fps master.
        spans: first and last frame (1-based) of each, in rising order.
        size: (width, height) of the pictures.
    """
    import av

    with av.open(str(path)) as container, av.open(str(path)) as other:
        stream, forward = container.streams.video[0], _Forward(other, other.streams.video[0])
        for first, last in spans:
            key = _key_frame_within(stream, first, last)
            frame = None if key is None else _key_frame_at(container, stream, key)
            if frame is None or not _stamp(stream, first) <= (frame.pts or 0) <= _stamp(stream, last):
                frame = _frame_of(path, forward, (first + last) // 2)
            yield _letterboxed(frame, size)


def grey_frames_at(path: Path, frames: Sequence[int]) -> list[NDArray[np.uint8]]:
    """The grey values ``(height, width)`` of some frames, by seeking; 1-based, in rising order."""
    return [cast("NDArray[np.uint8]", frame.to_ndarray(format="gray")) for frame in _sought(path, frames)]


def _letterboxed(frame: VideoFrame, size: tuple[int, int]) -> Image:
    from PIL import Image as Pillow
    from PIL import ImageOps

    return ImageOps.pad(Pillow.fromarray(frame.to_ndarray(format="rgb24")), size)


def _key_frame_within(stream: VideoStream, first: int, last: int) -> int | None:
    """PTS of the key frame nearest to the middle of a span, if it is in its middle half."""
    start, end = _stamp(stream, first), _stamp(stream, last)
    middle = (start + end) // 2
    key = key_frame_nearest(stream, middle)
    return key if key is not None and abs(key - middle) <= (end - start) // 4 else None


def _stamp(stream: VideoStream, number: int) -> int:
    """PTS of a frame (1-based)."""
    return int(Fraction(number - 1, FPS) / (stream.time_base or 1)) + (stream.start_time or 0)


def _key_frame_at(container: InputContainer, stream: VideoStream, stamp: int) -> VideoFrame | None:
    """The key frame of a PTS, decoded alone; None where others before it are needed (intra refresh)."""
    container.seek(stamp, stream=stream)
    packet = next(container.demux(stream), None)
    if packet is None:
        return None
    # The decoder is emptied, for it would keep the picture until it knew which ones are shown before it.
    return next(iter([*packet.decode(), *stream.codec_context.decode(None)]), None)


def _sought(path: Path, frames: Sequence[int]) -> Iterator[VideoFrame]:
    import av

    with av.open(str(path)) as container:
        forward = _Forward(container, container.streams.video[0])
        for number in frames:
            yield _frame_of(path, forward, number)


def _frame_of(path: Path, forward: _Forward, number: int) -> VideoFrame:
    frame = forward.to(number)
    if frame is None:
        raise BadInput(path.name, f"has no frame {number}", "Materialize video_25fps again")
    return frame


class _Forward:
    """Goes to frames in rising order: from a key frame, or from the last one where no key frame is nearer.

    Frames on the way that no other frame refers to, most B-frames, are not decoded: a third of the
    processor time is saved, and the frame that is wanted is the same.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"
        self._container = container
        self._stream = stream
        self._frames: Iterator[VideoFrame] = iter(())
        self._wanted = 0
        self._shown: int | None = None

    def to(self, number: int) -> VideoFrame | None:
        """A frame by its number (1-based); the last one, where there is none."""
        self._wanted = stamp = _stamp(self._stream, number)
        key = key_frame_before(self._stream, stamp)
        if self._shown is None or self._shown >= stamp or key is None or key > self._shown:
            self._frames = self._decoded_from(stamp if key is None else key)
        last = None
        for last in self._frames:
            self._shown = last.pts
            if self._shown is not None and self._shown >= self._wanted:
                return last
        self._shown = None
        return last

    def _decoded_from(self, key: int) -> Iterator[VideoFrame]:
        frames = self._decoded(key)
        first = next(frames, None)
        if first is None:
            return iter(())
        if (first.pts or 0) > key > (self._stream.start_time or 0):
            # Pictures are refreshed bit by bit: from the key frame before, this one is whole as well, to a few levels.
            return self._decoded(key - 1)
        return chain([first], frames)

    def _decoded(self, stamp: int) -> Iterator[VideoFrame]:
        decoder = self._stream.codec_context
        for packet in _packets_before(self._container, self._stream, stamp):
            before = packet.pts is not None and packet.pts < self._wanted
            decoder.skip_frame = "NONREF" if before else "DEFAULT"
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
