"""The boxes of an MP4 or QuickTime file (ISO/IEC 14496-12), read without a library.

Only what libavformat does not tell: whether the index was written, and in which code a track is that it
does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAX_BOXES = 10_000
_MAX_INDEX = 64 * 2**20
"""Bytes of ``moov`` that are read."""
_FOLDERS = frozenset((b"trak", b"mdia", b"minf", b"dinf", b"stbl"))
_SELF_CONTAINED = 1
"""Flag of a data reference: the media lie in this file (8.7.2)."""


class Box(NamedTuple):
    """One box at the top of a file."""

    kind: bytes
    start: int
    """Byte of its content."""
    end: int
    """Byte after it, as it says; may lie beyond the end of the file."""


def top_boxes(path: Path) -> list[Box]:
    """The boxes of a file in their order; as many as there are before something else follows."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        return list(_boxes(stream, 0, size))


def index_is_missing(path: Path) -> bool:
    """Whether media were written, but never the ``moov`` that says where they are."""
    kinds = {box.kind for box in top_boxes(path)}
    return b"mdat" in kinds and b"moov" not in kinds


def fragments_end_early(path: Path) -> bool | None:
    """Whether fragments are missing at the end of a file, by its last box and its segment index (8.16.3).

    Returns:
        None for a file without fragments.
    """
    size, boxes = path.stat().st_size, top_boxes(path)
    if not any(box.kind == b"moof" for box in boxes):
        return None
    if boxes[-1].end > size:
        return True
    with path.open("rb") as stream:
        for box in boxes:
            if box.kind == b"sidx":
                stream.seek(box.start)
                if box.end + _indexed_bytes(stream.read(min(box.end - box.start, _MAX_INDEX))) > size:
                    return True
    return False


def picture_codes(path: Path) -> list[str]:
    """Four-character codes of the picture tracks, in their order; ``encv`` for an encrypted one."""
    # stsd: version and flags, count, size, code.
    tables = (track.get(b"stsd", b"") for track in _picture_tracks(path))
    return [table[12:16].decode("latin-1") for table in tables if len(table) >= 16]


def lies_elsewhere(path: Path) -> bool:
    """Whether the pictures are in other files: a reference movie, as editing programs of QuickTime saved them."""
    # dref: version and flags, count, and of each entry size, kind, version and flags.
    tables = [track.get(b"dref", b"") for track in _picture_tracks(path)]
    return any(len(table) >= 20 and not table[19] & _SELF_CONTAINED for table in tables)


def _picture_tracks(path: Path) -> list[dict[bytes, bytes]]:
    """The boxes of each picture track."""
    with path.open("rb") as stream:
        for box in _boxes(stream, 0, path.stat().st_size):
            if box.kind == b"moov":
                stream.seek(box.start)
                index = stream.read(min(box.end - box.start, _MAX_INDEX))
                tracks = [dict(_flat(content)) for kind, content in _inside(index) if kind == b"trak"]
                # hdlr: version and flags, pre_defined, handler_type.
                return [track for track in tracks if track.get(b"hdlr", b"")[8:12] == b"vide"]
    return []


def _indexed_bytes(index: bytes) -> int:
    """Bytes from the end of a segment index to the end of what it lists."""
    place = 20 if index[:1] == b"\0" else 28
    offset = int.from_bytes(index[place - 4 : place] if index[:1] == b"\0" else index[place - 8 : place])
    entries = index[place + 4 :]
    return offset + sum(int.from_bytes(entries[at : at + 4]) & 0x7FFFFFFF for at in range(0, len(entries) - 11, 12))


def _flat(track: bytes) -> Iterator[tuple[bytes, bytes]]:
    for kind, content in _inside(track):
        if kind in _FOLDERS:
            # The data handler of ``minf`` has the same name as the media handler of ``mdia``.
            yield from ((below, body) for below, body in _flat(content) if kind != b"minf" or below != b"hdlr")
        else:
            yield kind, content


def _inside(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        size = int.from_bytes(content[place : place + 4])
        if size < 8:
            return
        yield content[place + 4 : place + 8], content[place + 8 : place + size]
        place += size


def _boxes(stream: BinaryIO, place: int, end: int) -> Iterator[Box]:
    for _ in range(_MAX_BOXES):
        stream.seek(place)
        head = stream.read(16)
        if len(head) < 8:
            return
        size, kind = int.from_bytes(head[:4]), head[4:8]
        start = place + 8
        if size == 1:
            size, start = int.from_bytes(head[8:16]), place + 16
        elif size == 0:
            size = end - place
        if size < start - place:
            return
        yield Box(kind, start, place + size)
        place += size
        if place >= end:
            return
