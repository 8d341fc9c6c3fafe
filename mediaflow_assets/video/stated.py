"""How long a file says it is, and how much of that is not there.

A file that was cut off at the end of a packet decodes without a complaint. Only what its header says
tells that it went on.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.timebase import timecode_to_seconds
from mediaflow_assets.video.isobmff import fragments_end_early

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream as AvVideoStream

    from mediaflow_assets.video.timeline import PictureTimes, SoundTimes

_STATING = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "mxf", "gxf", "rm", "asf", "nsv"))
"""Containers whose header says how long they are; of others, libavformat finds the end or guesses."""
_STATING_TRACKS = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "mxf", "gxf", "rm"))
"""Those that say it of each track; for others libavformat makes it up."""
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""GUID of the file properties object (ASF specification, 3.2)."""
_MATROSKA_SEGMENT = b"\x18\x53\x80\x67"
_FLV_SIZE = b"filesize\0"
"""Name and type of a number among the first data of an FLV file."""
_HEAD = 65536
_BROADCAST = 1
"""Its flag for an unknown length."""
_TOLERANCE = Fraction(1, 10)
"""Seconds by which a header may be wrong without a meaning."""


class Statement(NamedTuple):
    """What a header says of the length."""

    seconds: float = 0.0
    """0 when it says nothing."""
    of_picture: bool = False
    """Of the picture alone, not of whatever lasts longest."""
    pictures: int = 0
    """In the table of a file that has one."""
    cut: bool = True
    """Nothing speaks against it: the file does not end where it says that it ends. Else it may be a part of a
    stream (DASH, HLS), or its header may be wrong."""


def read_statement(path: Path, container: InputContainer, stream: AvVideoStream) -> Statement:
    """What the header of an open file says of a picture stream."""
    rate = stream.average_rate
    if container.format.name == "avi" and stream.frames and rate:
        return Statement(float(stream.frames / rate), True, stream.frames)
    if container.format.name not in _STATING:
        return Statement()
    whole = (container.duration or 0) / 1_000_000
    if container.format.name == "asf":
        whole = _asf_seconds(path)
    # Written into Matroska by mkvmerge and libavformat.
    track = timecode_to_seconds(stream.metadata.get("DURATION"))
    if container.format.name in _STATING_TRACKS and stream.duration and stream.time_base:
        track = float(stream.duration * stream.time_base)
    seconds = min(track, whole) if track and whole else track or whole
    return Statement(seconds, bool(track), stream.frames, _is_cut(path, container.format.name))


def seconds_after_the_end(
    statement: Statement, pictures: PictureTimes, sounds: SoundTimes | None, max_seconds: float
) -> float:
    """Seconds that a file states and that would follow its last picture.

    Args:
        statement: of its header.
        pictures: what is there.
        sounds: what is there.
        max_seconds: beyond which a statement is nonsense.
    """
    if not 0 < statement.seconds <= max_seconds:
        return 0.0
    if 0 < statement.pictures <= pictures.packets and pictures.step > 0:
        return 0.0  # The table is complete, so the statement is wrong.
    there = max(pictures.end, pictures.duration)
    if sounds and not statement.of_picture:
        there = max(there, sounds.end)
    lost = Fraction(statement.seconds) - there
    # The last picture may stand still for as long as another one did.
    return float(lost) if lost > max(2 * pictures.step, pictures.longest_step, _TOLERANCE) else 0.0


def _is_cut(path: Path, kind: str) -> bool:
    """Whether a file has fewer bytes than it says, as far as its kind says that."""
    if kind.startswith("mov"):
        return fragments_end_early(path) is not False
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    size = path.stat().st_size
    if kind == "matroska,webm":
        return _matroska_bytes(head) > size
    if kind == "flv":
        place = head.find(_FLV_SIZE)
        value = head[place + len(_FLV_SIZE) :][:8]
        return place > 0 and len(value) == 8 and struct.unpack(">d", value)[0] > size
    if kind == "nsv":
        return _nsv_bytes(head) > size
    if kind == "asf":
        place = head.find(_ASF_PROPERTIES)
        return int.from_bytes(head[place + 40 : place + 48], "little") > size
    return True


def _nsv_bytes(head: bytes) -> int:
    """Size that the header of an NSV file states; 0 without a header."""
    return struct.unpack_from("<I", head, 8)[0] if head.startswith(b"NSVf") and len(head) >= 12 else 0


def _matroska_bytes(head: bytes) -> int:
    """Byte at which the segment of a Matroska file ends (RFC 9559, 5.1); 0 when it does not say."""
    place = head.find(_MATROSKA_SEGMENT) + len(_MATROSKA_SEGMENT)
    if place < len(_MATROSKA_SEGMENT) or place >= len(head) or not head[place]:
        return 0
    length = 9 - head[place].bit_length()
    value = int.from_bytes(head[place : place + length]) & (1 << 7 * length) - 1
    return 0 if value == (1 << 7 * length) - 1 else place + length + value


def _asf_seconds(path: Path) -> float:
    """Play duration without the preroll, which libavformat forgets when the file has not its stated size."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    place = head.find(_ASF_PROPERTIES)
    if place < 0 or len(head) < place + 92:
        return 0.0
    duration, preroll, flags = (
        int.from_bytes(head[place + start : place + end], "little") for start, end in ((64, 72), (80, 88), (88, 92))
    )
    return 0.0 if flags & _BROADCAST else max(duration / 10_000_000 - preroll / 1000, 0.0)
