"""Single-stream compressions around a TAR, decoded piece by piece."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

XZ_MEMORY = 1 << 30
"""Bytes an .xz may ask for; ``xz -9`` needs 65 MiB."""
ZSTD_WINDOW_LOG = 27
"""Largest zstd window as a power of two, the limit of ``zstd -d`` without options."""
PIECE = 1 << 20
"""Most bytes that come out at a time, whatever goes in: 4 KiB of bzip2 may unpack to 180 MB."""

_FEED = 64 << 10
"""Compressed bytes read at a time."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Gzip:
    """zlib's decoder with the manners of the others: it keeps what it has not used yet."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)  # 31: with the gzip header and its CRC
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        piece = self._decoder.decompress(self._decoder.unconsumed_tail + data, max(0, max_length))
        # A full piece may have left more behind, in the decoder as well.
        self.needs_input = not self._decoder.unconsumed_tail and len(piece) != max_length
        return piece


def _xz() -> _Decoder:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


def _zstd() -> _Decoder:
    from backports import zstd

    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})


_DECODERS: dict[bytes, Callable[[], _Decoder]] = {
    b"\x1f\x8b\x08": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": _xz,
    b"\x28\xb5\x2f\xfd": _zstd,
}


def decoder_for(path: Path) -> Callable[[], _Decoder] | None:
    """What decodes this file, by its magic bytes; None when it is not compressed."""
    with path.open("rb") as stream:
        head = stream.read(6)
    return next((decoder for magic, decoder in _DECODERS.items() if head.startswith(magic)), None)


def decompress(source: IO[bytes], decoder: Callable[[], _Decoder]) -> Iterator[bytes]:
    """The content of a file that consists of one or more compressed frames.

    Yields:
        1 to :data:`PIECE` bytes.

    Raises:
        EOFError: the last frame is not complete.
        Exception: whatever the decoder raises on damaged data (see ``model.explained``).
    """
    current, between = decoder(), True
    while data := source.read(_FEED):
        while data:
            if between:
                data = data.lstrip(b"\0")  # padding after a frame, legal for gzip and xz
                if not data:
                    break
            between = False
            yield from _pieces(current, data)
            data = b""
            if current.eof:
                data, current, between = current.unused_data, decoder(), True
    if not between:
        raise EOFError("its compressed data ends too early")


def _pieces(decoder: _Decoder, data: bytes) -> Iterator[bytes]:
    """What ``data`` adds to the content."""
    while True:
        piece = decoder.decompress(data, PIECE)
        if piece:
            yield piece
        if decoder.eof or decoder.needs_input:
            return
        data = b""
