"""ZIP: its content, after :mod:`zip_directory` has proved its structure."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from mediaflow_assets.archives import zip_end
from mediaflow_assets.archives.decoder import decode_all
from mediaflow_assets.archives.model import CHUNK, Contents, Finding, Limits, Member, refuse, shown
from mediaflow_assets.archives.zip_directory import read_directory
from mediaflow_assets.archives.zip_entry import DEFLATED, STORED, Entry


class ZipArchive:
    """Reader for ZIP.

    Stored and deflated members, which is what everybody makes, are decoded here. An archive with any
    other method (deflate64, bzip2, LZMA, PPMd, zstd, xz: "zipx") is decoded by the 7-Zip process as a
    whole, against the sizes and sums of our own reading of the directory.
    """

    def __init__(self, archive: Path, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        self._entries: list[Entry] = []
        self._findings: list[Finding] = []

    def members(self) -> list[Member]:
        """Every entry of the central directory, in its order."""
        self._entries, self._findings = read_directory(self._archive, self._limits)
        return [self._member(entry) for entry in self._entries]

    def contents(self, members: list[Member]) -> Contents:
        """The bytes of every file."""
        if any(entry.method not in (STORED, DEFLATED) for entry in self._entries):
            yield from decode_all(self._archive, "zip", members, self._limits)
            return
        for index, (entry, member) in enumerate(zip(self._entries, members, strict=True)):
            if member.type == "file":
                yield index, self._content(entry)

    def findings(self) -> list[Finding]:
        """Bytes that belong to no member."""
        return self._findings

    def _member(self, entry: Entry) -> Member:
        kind = stat.S_IFMT(entry.unix_mode)
        if entry.is_folder:
            if entry.size:
                raise refuse(self._archive, f"holds the folder {shown(entry.name)} with content of its own")
            return Member(entry.name, "folder", 0)
        if kind not in (0, stat.S_IFREG):
            what = "symbolic link" if stat.S_ISLNK(entry.unix_mode) else "special file"
            return Member(entry.name, what, entry.size)
        return Member(entry.name, "file", entry.size, entry.packed, entry.crc32, entry.encrypted)

    def _content(self, entry: Entry) -> Iterator[bytes]:
        damaged = refuse(self._archive, f"is damaged (the content of {shown(entry.name)} is not what was packed)")
        size = crc32 = 0
        for data in self._stored(entry) if entry.method == STORED else self._inflated(entry):
            size += len(data)
            crc32 = zlib.crc32(data, crc32)
            if size > entry.size and not entry.may_wrap:
                raise damaged
            yield data
        if entry.may_wrap:
            size %= zip_end.WRAP
        if (size, crc32) != (entry.size, entry.crc32):
            raise damaged

    def _stored(self, entry: Entry) -> Iterator[bytes]:
        left = entry.packed
        with self._archive.open("rb") as stream:
            stream.seek(entry.content_at)
            while left:
                data = stream.read(min(CHUNK, left))
                if not data:
                    raise EOFError("it ends too early")
                left -= len(data)
                yield data

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        decoder = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        for data in self._stored(entry):
            while data:
                yield decoder.decompress(data, CHUNK)
                data = decoder.unconsumed_tail
                if decoder.unused_data:
                    raise refuse(
                        self._archive, f"hides bytes after the content of {shown(entry.name)}", "Do not open it"
                    )
        yield decoder.flush()
        if not decoder.eof:
            raise EOFError(f"the content of {shown(entry.name)} ends too early")
