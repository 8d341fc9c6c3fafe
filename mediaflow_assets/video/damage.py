"""How much of a picture is lost. What another stream lost, or a warning, damages nothing."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.source import MediaInfo, packets
from mediaflow_assets.video.timeline import PictureTimes

_REGULAR_SHARE = Fraction(9, 10)
"""Of the steps between pictures that are usual ones in a stream of constant rate."""


class _Decoded(NamedTuple):
    """Times of pictures, seconds."""

    good: list[Fraction]
    lost: list[Fraction]
    """Of those that failed to decode, or are corrupt."""


def missing_seconds(path: Path, source: MediaInfo, times: PictureTimes, *, complained: bool) -> float:
    """Seconds for which no undamaged picture can be decoded, between the first and the last one that is there.

    Decodes the source once more. Between two good pictures, what exceeds the usual step is lost if
    a picture there failed to decode. If ffmpeg complained, and the rest has a constant rate, every
    such gap is lost; in a variable rate it is a still stretch.

    Args:
        path: a received video.
        source: what it consists of.
        times: of its pictures.
        complained: whether ffmpeg said anything while it read the file.
    """
    good, lost = _decode(path, source, times)
    steps = [later - earlier for earlier, later in pairwise(sorted(good))]
    usual = sum(1 for step in steps if abs(step - times.step) <= times.step / 2)
    every = complained and usual >= _REGULAR_SHARE * len(steps)
    end = times.last + times.step
    if every and not source.statement.seconds:
        end = max(end, times.start + Fraction(source.picture.duration))
    edges = [times.start - times.step, *sorted(good), end]
    gaps = [
        later - earlier - times.step
        for earlier, later in pairwise(edges)
        if later - earlier - times.step > times.step / 2 and (every or any(earlier < time < later for time in lost))
    ]
    return round(float(sum(gaps)), 3)


def _decode(path: Path, source: MediaInfo, times: PictureTimes) -> _Decoded:
    import av

    decoded = _Decoded([], [])
    with opened(path) as container:
        stream = container.streams[source.picture.index]
        clock = Fraction(stream.time_base or 1)
        # A stream that was cut, or continues another one, may begin before its first time stamp.
        last = times.start - times.step
        coded, packet = packets(container, [stream.index]), None
        while True:
            try:
                packet = next(coded)
                frames = packet.decode()
            except (StopIteration, av.EOFError):
                return decoded
            except av.FFmpegError:
                if packet is not None and packet.pts is not None:
                    decoded.lost.append(packet.pts * clock)
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    last = frame.pts * clock if frame.pts is not None else last + times.step
                    (decoded.lost if frame.is_corrupt else decoded.good).append(last)
