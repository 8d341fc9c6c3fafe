"""Streams whose time stamps start anew: clips put one after the other byte by byte, recorders that restart.

ffmpeg joins such streams by the first packet that is out of order, of whichever stream it is. Where the packets of
picture and sound overlap around a restart, it loses seconds or invents some. Here every packet is given to its piece
first, by its place in the file, and the pieces are written one after the other.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.source import MediaInfo, packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

_MAX_STEP = 10
"""Seconds from one packet to the next beyond which time stamps have started anew."""
_MAX_BACKWARDS = Fraction(1, 10)
"""Seconds by which time stamps may go backwards without having started anew. Both are those of ffmpeg."""


@dataclass(frozen=True)
class Pieces:
    """A file in pieces of continuous time; seconds, as the time stamps say."""

    positions: tuple[int, ...]
    """Byte at which each piece but the first begins."""
    starts: tuple[Fraction, ...]
    """First picture of each piece."""
    ends: tuple[Fraction, ...]
    """End of the last picture of each piece."""

    @property
    def duration(self) -> Fraction:
        """Of all pieces together."""
        return sum((end - start for start, end in zip(self.starts, self.ends, strict=True)), Fraction(0))

    def shifts(self) -> Iterator[Fraction]:
        """What has to be added to the times of each piece, so that its picture follows that of the piece before."""
        shift = Fraction(0)
        yield shift
        for end, start in zip(self.ends, self.starts[1:], strict=False):
            shift += end - start
            yield shift


def find_pieces(path: Path, source: MediaInfo) -> Pieces | None:
    """The pieces of a file whose time stamps jump; None if they do not.

    A jump of the sound alone makes no new piece.
    """
    if not source.may_restart:
        return None
    tracks = {index: _PieceTrack() for index in _indices(source)}
    with opened(path) as container:
        for placed in _placed(container, source):
            tracks[placed.packet.stream.index].add(placed)
    pictures = tracks.pop(source.picture.index)
    sounds = [jump for track in tracks.values() for jump in track.jumps]
    if not pictures.jumps and not sounds:
        return None
    firsts = sorted(
        min([after, *(later for earlier, later in sounds if earlier < after and before < later)])
        for before, after in pictures.jumps
    )
    pieces: dict[int, list[Fraction]] = {}
    for position, time in pictures.shown:
        number = bisect_right(firsts, position)
        pieces.setdefault(firsts[number - 1] if number else 0, []).append(time)
    spans = [_span(pieces[first]) for first in sorted(pieces)]
    return Pieces(tuple(sorted(pieces))[1:], tuple(start for start, _ in spans), tuple(end for _, end in spans))


def join(path: Path, source: MediaInfo, pieces: Pieces, target: Path) -> None:
    """Write picture and sound of a file, piece after piece, to the NUT file ``target``, without decoding them.

    As in every conversion, sound from before the first picture of a piece is left out; so is sound from after
    the last picture of a piece that is followed by another one.

    Raises:
        BadInput: a stream cannot be written like this.
    """
    import av

    shifts = list(pieces.shifts())
    joints = [end + shift for end, shift in zip(pieces.ends, shifts, strict=True)]
    try:
        with (
            av.open(str(path), metadata_errors="replace") as container,
            av.open(str(target), "w", format="nut") as joined,
        ):
            streams = {i: joined.add_stream_from_template(container.streams[i]) for i in _indices(source)}
            joined.start_encoding()
            last: dict[int, int] = {}
            for packet, position, decoded, shown in _placed(container, source):
                number, index = bisect_right(pieces.positions, position), packet.stream.index
                clock = Fraction(streams[index].time_base or 1)
                time = shown + shifts[number]
                early = number > 0 and time < joints[number - 1]
                late = number + 1 < len(shifts) and time >= joints[number]
                if index != source.picture.index and (early or late):
                    continue
                # Pieces may reorder their pictures by different lengths; no decoding time may come twice.
                order = round((decoded + shifts[number]) / clock)
                order = last[index] = max(order, last.get(index, order - 1) + 1)
                packet.stream, packet.time_base = streams[index], clock
                packet.dts, packet.pts = order, max(order, round(time / clock))
                joined.mux(packet)
    except (av.FFmpegError, ValueError) as error:
        raise BadInput(
            path.name, "has time stamps that start anew, and its pieces cannot be joined", "Send them singly"
        ) from error


class _Placed(NamedTuple):
    """A packet and where it belongs."""

    packet: Packet[Stream]
    position: int
    """Byte at which it, or the block it is in, begins."""
    decoded: Fraction
    """Seconds."""
    shown: Fraction
    """Seconds."""


class _PieceTrack:
    """Packets of one stream in the order of the file."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, Fraction]] = []
        """Byte and time of each packet."""
        self.jumps: list[tuple[int, int]] = []
        """Bytes of the packets before and after each jump."""
        self._last: _Placed | None = None

    def add(self, placed: _Placed) -> None:
        last, self._last = self._last, placed
        self.shown.append((placed.position, placed.shown))
        if last is None or last.position == placed.position:
            return
        if not -_MAX_BACKWARDS <= placed.decoded - last.decoded <= _MAX_STEP:
            self.jumps.append((last.position, placed.position))


def _indices(source: MediaInfo) -> list[int]:
    return [source.picture.index, *([source.sound.index] if source.sound else [])]


def _placed(container: InputContainer, source: MediaInfo) -> Iterator[_Placed]:
    """Packets of picture and sound that have a time, in the order of the file.

    As far as the file can be read: what is missing is measured when it is converted.
    """
    import av

    positions: dict[int, int] = {}
    with contextlib.suppress(av.FFmpegError):
        for packet in packets(container, _indices(source)):
            if packet.pos is not None:
                positions[packet.stream.index] = packet.pos
            if packet.dts is None:
                continue
            clock = Fraction(packet.time_base or 1)
            decoded = packet.dts * clock
            shown = packet.pts * clock if packet.pts is not None else decoded
            if not decoded <= shown <= decoded + _MAX_STEP:
                shown = decoded  # a damaged time stamp
            yield _Placed(packet, positions.get(packet.stream.index, 0), decoded, shown)


def _span(times: list[Fraction]) -> tuple[Fraction, Fraction]:
    """First time, and the end of the last picture."""
    ordered = sorted(times)
    step = median(later - earlier for earlier, later in pairwise(ordered)) if len(ordered) > 1 else Fraction(0)
    return ordered[0], ordered[-1] + step
