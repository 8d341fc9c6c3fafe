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
ZSTD_WINDOW = 1 << 27
"""Largest zstd window in bytes, the limit of ``zstd -d`` without options."""

_FEED = 4 << 10
"""Compressed bytes given to a decoder at a time. The best case of these formats is some 30,000 to 1,
so that even a bomb unpacks to no more than about 130 MB before somebody counts it."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _gzip() -> _Decoder:
    return zlib.decompressobj(wbits=31)  # 31: with the gzip header and its CRC


def _xz() -> _Decoder:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


def _zstd() -> _Decoder:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()


_DECODERS: dict[bytes, Callable[[], _Decoder]] = {
    b"\x1f\x8b\x08": _gzip,
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
            unpacked = current.decompress(data)
            if unpacked:
                yield unpacked
            data = b""
            if current.eof:
                data, current, between = current.unused_data, decoder(), True
    if not between:
        raise EOFError("its compressed data ends too early")
