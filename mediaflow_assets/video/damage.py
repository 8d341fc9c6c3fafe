"""How much of a video is lost."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from mediaflow_assets.video.source import Source, packets
from mediaflow_assets.video.timeline import PictureTimes


def missing_seconds(path: Path, source: Source, times: PictureTimes) -> float:
    """Seconds for which no undamaged picture can be decoded.

    Decodes the source once more, so it is for sources about which ffmpeg complained. Everything
    beyond the usual step between two good pictures counts as lost, and so does everything up to
    the end that the container states: in a damaged file of a variable rate, a still stretch
    cannot be told from a lost one.
    """
    good = sorted(_good_pictures(path, source))
    end = max(times.end, times.start + Fraction(source.picture.duration))
    gaps = [later - earlier - times.step for earlier, later in pairwise([times.start - times.step, *good, end])]
    return round(float(sum(gap for gap in gaps if gap > times.step / 2)), 3)


def _good_pictures(path: Path, source: Source) -> list[Fraction]:
    """Times of the pictures that decode without damage, seconds."""
    import av

    good: list[Fraction] = []
    with av.open(str(path)) as container:
        stream = container.streams[source.picture.index]
        clock = Fraction(stream.time_base or 1)
        coded = packets(container, [stream.index])
        while True:
            try:
                frames = next(coded).decode()
            except (StopIteration, av.EOFError):
                return good
            except av.InvalidDataError:
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame) and frame.pts is not None and not frame.is_corrupt:
                    good.append(frame.pts * clock)
