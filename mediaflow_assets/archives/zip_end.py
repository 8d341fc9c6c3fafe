"""The end of a ZIP: the record that says where its directory is.

The record has to be looked for from the end of the file, and its magic bytes may be anywhere: in the
archive's comment, in the last member, in what somebody appended. So every place is tried, and the one
counts whose directory really ends where it begins. Two that fit are a contradiction.

Format: PKWARE APPNOTE.TXT 6.3.10; sections are given where fields are read.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, NamedTuple

from mediaflow_assets.archives.model import SPLIT, refuse
from mediaflow_assets.core.errors import BadInput

WRAP = 1 << 32
"""What macOS takes offsets and sizes modulo of, where it should write the 64-bit form."""
MAX_TRAILING = 1 << 20
"""Bytes after the end that are passed over: padding of tapes, sectors and transfers."""

_ZIP64_END = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_ZIP64_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_MAGIC = b"PK\x05\x06"
_HEADERS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x06\x06", _MAGIC)
_MAX_COMMENT = 0xFFFF
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


class End(NamedTuple):
    """Where the central directory is."""

    entries: int
    offset: int
    size: int
    trailing: int = 0
    """Bytes of the file after the end."""
    is_wide: bool = False
    """Whether it has the 64-bit form."""
    is_wrapped: bool = False
    """Whether offsets are modulo :data:`WRAP` (macOS Finder)."""


def find_end(archive: Path, stream: IO[bytes]) -> End:
    """The end of an open ZIP.

    Raises:
        BadInput: it has none, two, one of a split archive, or one that fits no directory.
    """
    total = archive.stat().st_size
    tail_at = max(0, total - _END.size - _MAX_COMMENT - MAX_TRAILING)
    stream.seek(tail_at)
    tail = stream.read(total - tail_at)
    fitting: list[End] = []
    problem: BadInput | None = None
    at = tail.rfind(_MAGIC)
    while at >= 0:
        try:
            end = _read(archive, stream, tail, at, tail_at)
            if end is not None:
                fitting.append(end)
        except BadInput as error:
            problem = problem or error
        at = tail.rfind(_MAGIC, 0, at)
    if len(fitting) > 1:
        raise refuse(archive, "has two ends that contradict each other", "Do not open it")
    if not fitting:
        raise problem or refuse(archive, "is truncated (its end is missing)")
    (end,) = fitting
    rest = tail[len(tail) - end.trailing :]
    if any(magic in rest for magic in _HEADERS):
        raise refuse(archive, "goes on after its end", "Ask for one archive at a time")
    return end


def says_split(stream: IO[bytes], total: int) -> bool:
    """Whether a file of ``total`` bytes ends like the last part of a ZIP in several parts."""
    stream.seek(max(0, total - _END.size - _MAX_COMMENT))
    tail = stream.read()
    at = tail.rfind(_MAGIC)
    if at < 0 or len(tail) - at < _END.size:
        return False
    _, disk, directory_disk, _, _, _, _, comment = _END.unpack_from(tail, at)
    is_end: bool = at + _END.size + comment == len(tail)
    return is_end and 0 < disk < _FULL16 and directory_disk <= disk


def _read(archive: Path, stream: IO[bytes], tail: bytes, at: int, tail_at: int) -> End | None:
    """The end at one place; None when there is none.

    Raises:
        BadInput: there is one, and it fits no directory.
    """
    if len(tail) - at < _END.size:
        return None
    _, disk, directory_disk, here, entries, size, offset, comment = _END.unpack_from(tail, at)
    trailing = len(tail) - at - _END.size - comment
    if trailing < 0:
        return None
    if (disk, directory_disk) not in {(0, 0), (_FULL16, _FULL16)}:
        raise refuse(archive, *SPLIT)
    end_at = tail_at + at
    narrow = End(entries, offset, size, trailing)
    wide, wide_at = _wide(archive, stream, end_at)
    if wide is None:
        if here != entries:
            raise refuse(archive, *SPLIT)
        return _placed(archive, stream, narrow, end_at)
    for said, value, full in zip(narrow, wide[:3], (_FULL16, _FULL32, _FULL32), strict=False):
        if said not in (full, value):
            raise refuse(archive, "has two ends that contradict each other", "Do not open it")
    return _placed(archive, stream, wide._replace(trailing=trailing), wide_at)


def _wide(archive: Path, stream: IO[bytes], end_at: int) -> tuple[End | None, int]:
    """The 64-bit form before the end at ``end_at``, and where that is."""
    stream.seek(max(0, end_at - _ZIP64_LOCATOR.size))
    locator = stream.read(_ZIP64_LOCATOR.size)
    if end_at < _ZIP64_LOCATOR.size or not locator.startswith(b"PK\x06\x07"):
        return None, 0
    _, disk, wide_at, disks = _ZIP64_LOCATOR.unpack(locator)
    if disk or disks > 1:
        raise refuse(archive, *SPLIT)
    stream.seek(min(wide_at, end_at))
    data = stream.read(_ZIP64_END.size)
    if len(data) < _ZIP64_END.size:
        raise refuse(archive, "is damaged (its 64-bit end lies beyond its end)")
    magic, rest, _, _, disk, directory_disk, here, entries, size, offset = _ZIP64_END.unpack(data)
    # The stated size leaves out the magic bytes and itself.
    if magic != b"PK\x06\x06" or wide_at + 12 + rest != end_at - _ZIP64_LOCATOR.size:
        raise refuse(archive, "has a damaged 64-bit end")
    if disk or directory_disk or here != entries:
        raise refuse(archive, *SPLIT)
    return End(entries, offset, size, is_wide=True), wide_at


def _placed(archive: Path, stream: IO[bytes], end: End, directory_end: int) -> End:
    """``end`` with the true place of its directory, which ends at ``directory_end``.

    Raises:
        BadInput: there is no directory at that place.
    """
    moved = directory_end - end.size - end.offset
    is_wrapped = not end.is_wide and moved > 0 and moved % WRAP == 0
    if moved and not is_wrapped:
        raise refuse(archive, "has a directory that is not where its end says", "Ask for it made by another program")
    stream.seek(end.offset + moved)
    if end.size and not stream.read(4).startswith(b"PK\x01\x02"):
        raise refuse(archive, "has a damaged directory")
    return end._replace(offset=end.offset + moved, is_wrapped=is_wrapped)
