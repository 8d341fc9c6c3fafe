"""The directory of a ZIP, and the proof that the archive says the same thing everywhere.

A ZIP describes each member twice, before its content and at the end of the archive, and nothing but
good will makes both agree; programs that believe different parts see different files (You et al.,
"My ZIP isn't your ZIP", USENIX Security 2025). Members that share their content make bombs (Fifield,
"A better zip bomb", WOOT 2019). So this reads every description, compares them, and gives every byte
of the archive at most one owner.

Format: PKWARE APPNOTE.TXT 6.3.10; sections are given where fields are read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from mediaflow_assets.archives import zip_end
from mediaflow_assets.archives.model import SPLIT, Finding, Limits, check_count, refuse, shown
from mediaflow_assets.archives.zip_end import End, find_end
from mediaflow_assets.archives.zip_entry import ENCRYPTED, STREAMED, UTF8, Entry, read_local_header
from mediaflow_assets.archives.zip_finder import unwrapped
from mediaflow_assets.archives.zip_names import DEFAULT, guessed_encoding, is_undeclared, member_name
from mediaflow_assets.core.errors import BadInput

_CENTRAL = struct.Struct("<4s6HLLL5HLL")  # 4.3.12
_DESCRIPTOR_MAGIC = b"PK\x07\x08"  # 4.3.9.3
_MAX_DIRECTORY = 256 << 20
"""Bytes of a directory; each of 100,000 entries could have 2,600."""

_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_DEFLATE_RATIO = 1032
"""Highest ratio of deflate; what is packed to less cannot be beyond 4 GiB."""


def read_directory(archive: Path, limits: Limits) -> tuple[list[Entry], list[Finding]]:
    """Entries in the order of the central directory, every one verified.

    Raises:
        BadInput: the archive is truncated, split, ambiguous or damaged.
    """
    with archive.open("rb") as stream:
        end = find_end(archive, stream)
        check_count(archive, end.entries, limits)
        reader = _Directory(archive, stream, end.is_wrapped)
        listed = []
        for entry in reader.entries(end):
            listed.append(entry)
            check_count(archive, len(listed), limits)
        if end.is_wrapped:
            listed = unwrapped(archive, stream, listed, end.offset)
        entries = [reader.locate(entry, end.offset) for entry in listed]
    findings = _owners(archive, entries, end.offset)
    entries = _renamed(entries, findings)
    if end.is_wrapped:
        findings.append(Finding("wrapped sizes", "its sizes and offsets are cut to 32 bits (macOS Finder)"))
    if end.trailing:
        findings.append(Finding("bytes after the end", f"{end.trailing} bytes after its end were not read"))
    return entries, findings


class _Directory:
    """Reads the structures of one open ZIP."""

    def __init__(self, archive: Path, stream: IO[bytes], is_wrapped: bool) -> None:
        self._archive, self._stream, self._is_wrapped = archive, stream, is_wrapped

    def _refuse(self, problem: str, remedy: str = "Ask for the archive again") -> BadInput:
        return refuse(self._archive, problem, remedy)

    def _at(self, offset: int, size: int, what: str) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) != size:
            raise self._refuse(f"is damaged ({what} lies beyond its end)")
        return data

    def entries(self, end: End) -> Iterator[Entry]:
        """The central directory, which must hold what its end says; some programs count only to 65,535."""
        if end.size > _MAX_DIRECTORY:
            raise self._refuse(f"has a directory of {end.size} bytes", "Do not open it; ask who sent it")
        data = self._at(end.offset, end.size, "its directory")
        position = count = 0
        while count < end.entries or (not end.is_wide and data.startswith(b"PK\x01\x02", position)):
            count += 1
            if len(data) - position < _CENTRAL.size or not data.startswith(b"PK\x01\x02", position):
                raise self._refuse("has a damaged directory")
            fields = _CENTRAL.unpack_from(data, position)
            _, _, _, flags, method, _, _, crc32, packed, size, name_size, extra_size, comment_size = fields[:13]
            disk, _, attributes, header_at = fields[13:]
            name_at = position + _CENTRAL.size
            raw_name = data[name_at : name_at + name_size]
            extra = data[name_at + name_size : name_at + name_size + extra_size]
            position = name_at + name_size + extra_size + comment_size
            if position > len(data):
                raise self._refuse("has a damaged directory")
            extras = self._extras(extra)
            size, packed, header_at = self._wide(extras, size, packed, header_at)
            if disk not in (0, _FULL16):
                raise self._refuse(*SPLIT)
            name = member_name(raw_name, flags, extras.get(0x7075))
            may_wrap = 1 not in extras and packed > zip_end.WRAP // _DEFLATE_RATIO
            yield Entry(raw_name, name, flags, method, crc32, packed, size, attributes >> 16, header_at, may_wrap)
        if position != len(data) or (count - end.entries) % (1 << 16):
            raise self._refuse("has a directory with more entries than its end says", "Do not open it")

    def locate(self, entry: Entry, directory_at: int) -> Entry:
        """Compare an entry with the header before its content, and find where both end."""
        named = shown(entry.name)
        header = read_local_header(self._stream, entry.header_at)
        if header is None:
            raise self._refuse(f"has no content where {named} should be")
        size, packed, _ = self._wide(self._extras(header.extra), header.size, header.packed, 0)
        streamed = bool(header.flags & STREAMED)
        sums = (entry.crc32, entry.packed, entry.size)
        if self._is_wrapped or entry.may_wrap:
            sums = (entry.crc32, entry.packed % zip_end.WRAP, entry.size % zip_end.WRAP)
        same = (
            header.raw_name == entry.raw_name
            and header.method == entry.method
            and not (header.flags ^ entry.flags) & (ENCRYPTED | UTF8)
            and _agree(streamed, (header.crc32, packed, size), sums)
        )
        if not same:
            raise self._refuse(f"describes {named} in two ways that contradict each other", "Do not open it")
        content_at = entry.header_at + header.length
        ends_at = content_at + entry.packed
        if ends_at > directory_at:
            raise self._refuse(f"is damaged (the content of {named} is not all there)")
        if streamed:
            ends_at += self._descriptor(entry, sums, ends_at)
        return replace(entry, content_at=content_at, ends_at=ends_at)

    def _descriptor(self, entry: Entry, sums: tuple[int, int, int], at: int) -> int:
        """Size of the data descriptor at ``at`` (4.3.9), which must repeat what the directory says."""
        self._stream.seek(at)
        data = self._stream.read(24)
        narrow = max(sums) <= _FULL32
        # The wide form first: of an empty member, the narrow one is the beginning of the wide one.
        for form in ("<LQQ", "<LLL") if narrow else ("<LQQ",):
            values = struct.pack(form, *sums)
            for magic in (_DESCRIPTOR_MAGIC, b""):
                if data.startswith(magic + values):
                    return len(magic + values)
        raise self._refuse(f"describes {shown(entry.name)} in two ways that contradict each other", "Do not open it")

    def _extras(self, data: bytes) -> dict[int, bytes]:
        """Extra fields by their id (4.5.1); up to three odd bytes are the padding of alignment tools."""
        found: dict[int, bytes] = {}
        while len(data) >= 4:
            kind, size = struct.unpack_from("<HH", data)
            if len(data) < 4 + size:
                raise self._refuse("has a damaged extra field")
            if kind in found and kind == 1:
                raise self._refuse("gives sizes twice", "Do not open it")
            found[kind], data = data[4 : 4 + size], data[4 + size :]
        return found

    def _wide(self, extras: dict[int, bytes], size: int, packed: int, offset: int) -> tuple[int, int, int]:
        """Put the 64-bit values of extra field 1 (4.5.3) in place of the full 32-bit ones."""
        field = extras.get(1)
        if field is None:
            return size, packed, offset
        wide = []
        for value in (size, packed, offset):
            if value == _FULL32:
                if len(field) < 8:
                    raise self._refuse("has a damaged 64-bit size")
                value, field = int.from_bytes(field[:8], "little"), field[8:]
            wide.append(value)
        return wide[0], wide[1], wide[2]


def _agree(streamed: bool, local: tuple[int, ...], central: tuple[int, ...]) -> bool:
    """A streamed member may leave its sums open in the local header (4.4.4, bit 3)."""
    return all(here == there or (streamed and here in (0, _FULL32)) for here, there in zip(local, central, strict=True))


def _renamed(entries: list[Entry], findings: list[Finding]) -> list[Entry]:
    """The entries with names that do not say their encoding read in the one that fits."""
    undeclared = [entry.raw_name for entry in entries if is_undeclared(entry)]
    if not undeclared:
        return entries
    encoding = guessed_encoding(undeclared)
    if encoding == DEFAULT:
        return entries
    findings.append(Finding("encoded names", f"{len(undeclared)} names do not say their encoding; read as {encoding}"))
    return [
        replace(entry, name=entry.raw_name.decode(encoding, "replace")) if is_undeclared(entry) else entry
        for entry in entries
    ]


def _owners(archive: Path, entries: list[Entry], directory_at: int) -> list[Finding]:
    """Refuse members that share bytes; report bytes that no member owns."""
    end, unowned = 0, 0
    for entry in sorted(entries, key=lambda entry: entry.header_at):
        if entry.header_at < end:
            raise refuse(archive, f"holds {shown(entry.name)} inside another member (a ZIP bomb)", "Do not open it")
        unowned += entry.header_at - end
        end = entry.ends_at
    if end > directory_at:
        raise refuse(archive, "has a directory inside a member", "Do not open it")
    unowned += directory_at - end
    if not unowned:
        return []
    return [Finding("unlisted bytes", f"{unowned} bytes of the archive belong to no file and were not read")]
