"""Boxes of ISO/IEC 14496-12 and QuickTime files, to make what encoders here do not write.

Only files whose ``moov`` is at the end may change their size: nothing before it moves then.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"})


@dataclass
class Box:
    """A box, and what is in it: other boxes or bytes."""

    kind: bytes
    body: bytes = b""
    children: list[Box] | None = None

    def __bytes__(self) -> bytes:
        body = self.body if self.children is None else b"".join(map(bytes, self.children))
        return struct.pack(">I4s", len(body) + 8, self.kind) + body

    def all(self, kind: bytes) -> list[Box]:
        """Boxes of a kind in this one, however deep, in their order."""
        return [box for box in self._below() if box.kind == kind]

    def one(self, kind: bytes) -> Box:
        """The first box of a kind in this one."""
        return self.all(kind)[0]

    @property
    def handler(self) -> bytes:
        """Of a ``trak``: ``vide``, ``soun``, ``tmcd``…"""
        return self.one(b"hdlr").body[8:12]

    def _below(self) -> Iterator[Box]:
        for child in self.children or ():
            yield child
            yield from child._below()


def read_boxes(data: bytes) -> list[Box]:
    boxes, begin = [], 0
    while begin + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, begin)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, begin + 8), 16
        size = size or len(data) - begin
        body = data[begin + head : begin + size]
        boxes.append(Box(kind, body, read_boxes(body) if kind in _FOLDERS else None))
        begin += size
    return boxes


class Film:
    """An MP4 or MOV file in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.boxes = read_boxes(path.read_bytes())

    @property
    def moov(self) -> Box:
        return next(box for box in self.boxes if box.kind == b"moov")

    def track(self, handler: bytes) -> Box:
        return next(track for track in self.moov.all(b"trak") if track.handler == handler)

    def edit(self, handler: bytes, edits: Sequence[tuple[float, float]]) -> None:
        """Give a track an edit list of (duration, start in the media), seconds; a start of -1 is empty."""
        track = self.track(handler)
        (film_clock,) = struct.unpack_from(">I", self.moov.one(b"mvhd").body, 12)
        (media_clock,) = struct.unpack_from(">I", track.one(b"mdhd").body, 12)
        rows = b""
        for duration, start in edits:
            media = -1 if start < 0 else round(start * media_clock)
            rows += struct.pack(">IiI", round(duration * film_clock), media, 0x10000)
        elst = Box(b"elst", struct.pack(">II", 0, len(edits)) + rows)
        others = [box for box in track.children or [] if box.kind != b"edts"]
        # After the header, as QuickTime has it.
        track.children = [others[0], Box(b"edts", children=[elst]), *others[1:]]

    def first(self, handler: bytes) -> None:
        """Move a track before all others."""
        track, children = self.track(handler), self.moov.children or []
        children.remove(track)
        children.insert(next(i for i, box in enumerate(children) if box.kind == b"trak"), track)

    def write(self) -> Path:
        assert self.boxes[-1].kind == b"moov", "samples would move"
        self.path.write_bytes(b"".join(map(bytes, self.boxes)))
        return self.path
