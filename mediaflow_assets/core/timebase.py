"""The one clock of every document: frames of the 25-fps video.

Frames are numbered from 1. Frame ``n`` covers the half-open interval ``[(n-1)/25, n/25)`` seconds
(shared design, section 2). Times are seconds as float; conversions go through whole milliseconds
or exact fractions where a float would put a value on the wrong side of a frame edge.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

FPS = 25
FRAME_SECONDS = Fraction(1, FPS)
_MILLISECONDS_PER_FRAME = 1000 // FPS
_TIMECODE = re.compile(r"\s*(\d+):(\d+):(\d+(?:\.\d*)?)\s*")


def frame_start(frame: int) -> float:
    """Seconds at which 1-based ``frame`` starts, rounded to milliseconds (exact at 25 fps)."""
    return (frame - 1) * _MILLISECONDS_PER_FRAME / 1000


def timecode(index: int) -> str:
    """``HH:MM:SS.mmm`` of the start of the 0-based frame ``index``."""
    seconds, milliseconds = divmod(index * _MILLISECONDS_PER_FRAME, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{milliseconds:03d}"


def frame_timecode(index: int) -> str:
    """``HH:MM:SS:FF`` of the 0-based frame ``index``, as editing programs count: non-drop, 25 frames a second."""
    seconds, frame = divmod(index, FPS)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}:{frame:02d}"


def timecode_to_seconds(text: str | None) -> float:
    """Seconds of an ``H:M:S[.fraction]`` timecode; 0.0 for anything that is not one.

    Lenient because legacy scene files are read with it; values above 59 carry over.
    """
    match = _TIMECODE.fullmatch(text or "")
    if match is None:
        return 0.0
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def frame_midpoint(frame: int) -> float:
    """Seconds at the middle of 1-based ``frame``: ``(n - 0.5)/25``."""
    return (frame - 0.5) / FPS


def active_frames(start: float, end: float, total_frames: int) -> range:
    """1-based frames whose midpoint lies in ``[start, end)`` seconds.

    Clipped to ``1..total_frames``; empty when no midpoint is covered.
    """
    first = _first_frame_from(max(start, 0.0))
    stop = min(_first_frame_from(max(end, 0.0)), total_frames + 1)
    return range(first, max(stop, first))


def _first_frame_from(seconds: float) -> int:
    """First frame whose midpoint is at or after ``seconds``."""
    frame = max(1, math.floor(seconds * FPS))
    while frame_midpoint(frame) < seconds:
        frame += 1
    return frame


def frame_count(seconds: float | Fraction) -> int:
    """Number of 25-fps frames nearest to a duration, never less than 1 for a positive one."""
    if seconds <= 0:
        return 0
    return max(1, round(Fraction(seconds) * FPS))
