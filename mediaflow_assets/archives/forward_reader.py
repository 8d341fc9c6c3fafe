"""Reading a TAR forwards, from a file or out of its compression, with a count of what comes out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mediaflow_assets.archives.compression import decoder_for, decompress
from mediaflow_assets.archives.model import CHUNK, too_large


class ForwardReader:
    """A forward-only reader.

    Args:
        archive: for messages.
        source: the file.
        pieces: its decompressed content, or None when it is not compressed.
        most: bytes that may come out of the compression.
    """

    def __init__(self, archive: Path, source: IO[bytes], pieces: Iterator[bytes] | None, most: float) -> None:
        self._archive, self._source, self._pieces, self._most = archive, source, pieces, most
        self._buffer, self._at = b"", 0
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; fewer only at the end."""
        if self._pieces is None:
            return self._source.read(size)
        while len(self._buffer) - self._at < size and (piece := next(self._pieces, b"")):
            self._unpacked += len(piece)
            if self._unpacked > self._most:
                raise too_large(self._archive, self._most)
            self._buffer, self._at = self._buffer[self._at :] + piece, 0
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """``size`` bytes; raises EOFError when there are fewer."""
        data = self.read(size)
        if len(data) < size:
            raise EOFError("it ends too early")
        return data

    def chunks(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, piece by piece."""
        while size:
            data = self.exactly(min(CHUNK, size))
            size -= len(data)
            yield data

    def skip(self, size: int) -> None:
        """Pass over ``size`` bytes that must exist."""
        if self._pieces is None and size > CHUNK:
            # The last byte is read, because a file can be sought beyond its end.
            self._source.seek(size - 1, 1)
            size = 1
        for _ in self.chunks(size):
            pass


@contextlib.contextmanager
def open_tape(archive: Path, most: float) -> Iterator[ForwardReader]:
    """Open ``archive`` at its beginning."""
    decoder = decoder_for(archive)
    with archive.open("rb") as source:
        yield ForwardReader(archive, source, decompress(source, decoder) if decoder else None, most)
