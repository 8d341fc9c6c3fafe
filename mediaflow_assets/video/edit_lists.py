"""Edit lists of several edits (ISO/IEC 14496-12, 8.6.6): when each packet is really shown and heard.

FFmpeg applies such a list packet by packet and puts each edit after the last packet of the one before. What a packet is
long is another length for picture and sound, so they drift apart by up to a packet with every edit. Here each packet is
found in the media, by its place in the file, and given the time that the list says.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from av.container import InputContainer

CONTAINER = "mov,mp4,m4a,3gp,3g2,mj2"
_MAX_MOOV = 256 << 20
"""Bytes of a movie header that are read."""
_MAX_EDITS = 1000
_SLACK = 0.1
"""Seconds by which a packet at the border of an edit may lie outside of it."""
_SAME_SHIFT = 0.0005
MAX_APART = 0.02
"""Seconds by which picture and sound may part at the start of a single edit: FFmpeg moves the first picture there, but
not the sound."""


class Edit(NamedTuple):
    """A part of the media, seconds."""

    start: float
    """When it is shown."""
    media: float
    """Where it begins in the media."""
    length: float


@dataclass(frozen=True)
class Shifts:
    """What has to be added to FFmpeg's times, seconds."""

    firsts: tuple[float, ...]
    """FFmpeg's time from which on each of ``values`` is right."""
    values: tuple[float, ...]

    def at(self, time: float) -> float:
        return self.values[max(bisect_right(self.firsts, time) - 1, 0)]

    def expression(self, shift: float) -> str:
        """The right time for ffmpeg's filter ``setpts``.

        Args:
            shift: seconds that were added to all of FFmpeg's times.
        """
        text = f"{self.values[0]:.6f}"
        for first, value in zip(self.firsts[1:], self.values[1:], strict=True):
            text = f"if(lt(T,{first + shift - _SAME_SHIFT:.6f}),{text},{value:.6f})"
        return f"PTS+({text})/TB"


def read_shifts(path: Path, picture: int, sound: int | None) -> dict[int, Shifts]:
    """Shifts of the picture and the sound stream of a MOV or MP4 file; empty where FFmpeg's own times are right.

    They are where picture and sound are together within 20 ms, or where a list does something else than to play parts
    of the media at their speed.
    """
    import av

    lists = _edit_lists(path)
    if not any(len(edits) > 1 or edits[0].media for edits in lists.values() if edits):
        return {}
    found = {}
    for index in (picture,) if sound is None else (picture, sound):
        with av.open(str(path), metadata_errors="replace") as container:
            edits = lists.get(container.streams[index].id, ())
            times = _times(container, index) if edits else []
        with av.open(str(path), metadata_errors="replace", options={"ignore_editlist": "1"}) as container:
            media = dict(_positions(container, index)) if edits else {}
        found[index] = _shifts(times, media, edits) or Shifts((-math.inf,), (0.0,))
    # The first picture is time 0, wherever in the list that is.
    first = found[picture].values[0]
    moved = {index: Shifts(one.firsts, tuple(value - first for value in one.values)) for index, one in found.items()}
    several = any(len(one.values) > 1 for one in moved.values())
    least = _SAME_SHIFT if several else MAX_APART
    return {index: one for index, one in moved.items() if max(map(abs, one.values)) > least}


def _times(container: InputContainer, index: int) -> list[tuple[float, int]]:
    """FFmpeg's time and place in the file of every packet that is shown."""
    clock = float(container.streams[index].time_base or 1)
    packets = container.demux(container.streams[index])
    return [
        (one.pts * clock, one.pos)
        for one in packets
        if one.pts is not None and one.pos is not None and not one.is_discard
    ]


def _positions(container: InputContainer, index: int) -> Iterator[tuple[int, float]]:
    """Place in the file and time in the media of every packet."""
    clock = float(container.streams[index].time_base or 1)
    for packet in container.demux(container.streams[index]):
        if packet.pts is not None and packet.pos is not None:
            yield packet.pos, packet.pts * clock


def _shifts(times: list[tuple[float, int]], media: dict[int, float], edits: tuple[Edit, ...]) -> Shifts | None:
    firsts: list[float] = []
    values: list[float] = []
    for time, place in sorted(times):
        if place not in media:
            return None
        at = media[place]
        holding = [one for one in edits if -_SLACK <= at - one.media < one.length + _SLACK]
        if not holding:
            continue
        # A part that is played twice is that of the nearer time.
        value = min((one.start + at - one.media - time for one in holding), key=abs)
        if not values or abs(value - values[-1]) > _SAME_SHIFT:
            firsts.append(time)
            values.append(value)
    if not values or len(values) > _MAX_EDITS:
        return None
    return Shifts(tuple(firsts), tuple(values))


def _edit_lists(path: Path) -> dict[int, tuple[Edit, ...]]:
    """Edits of each track, by its id; none for a list with empty parts between, other speeds or a damaged one."""
    try:
        with path.open("rb") as file:
            movie = _movie(file)
        return dict(_tracks(movie)) if movie else {}
    except (struct.error, ValueError, IndexError, ZeroDivisionError):
        return {}


def _movie(file: BinaryIO) -> bytes:
    """The content of the box ``moov``, or nothing."""
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        body = size - 8
        if size == 1:
            body = struct.unpack(">Q", file.read(8))[0] - 16
        if kind == b"moov":
            return file.read(body) if body <= _MAX_MOOV else b""
        if size == 0 or body < 0:
            return b""
        file.seek(body, 1)
    return b""


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        if size < 8:
            return
        yield kind, content[place + 8 : place + size]
        place += size


def _tracks(movie: bytes) -> Iterator[tuple[int, tuple[Edit, ...]]]:
    boxes = list(_boxes(movie))
    scale = _scale(dict(boxes)[b"mvhd"])
    for kind, content in boxes:
        track = dict(_boxes(content)) if kind == b"trak" else {}
        edits = dict(_boxes(track.get(b"edts", b""))).get(b"elst")
        header, media = track.get(b"tkhd"), dict(_boxes(track.get(b"mdia", b""))).get(b"mdhd")
        if edits and header and media:
            number = struct.unpack_from(">I", header, 20 if header[0] else 12)[0]
            yield number, tuple(_edits(edits, scale, _scale(media)))


def _scale(header: bytes) -> int:
    """Ticks a second, of ``mvhd`` or ``mdhd``."""
    return int(struct.unpack_from(">I", header, 20 if header[0] else 12)[0])


def _edits(content: bytes, movie_scale: int, media_scale: int) -> Iterator[Edit]:
    form, start = (">QqHH" if content[0] else ">IiHH"), Fraction(0)
    count = struct.unpack_from(">I", content, 4)[0]
    for number in range(min(count, _MAX_EDITS)):
        length, media, rate, fraction = struct.unpack_from(form, content, 8 + number * struct.calcsize(form))
        if (rate, fraction) != (1, 0):
            raise ValueError("another speed")
        seconds = Fraction(length, movie_scale)
        if media >= 0:
            yield Edit(float(start), media / media_scale, float(seconds))
        start += seconds
