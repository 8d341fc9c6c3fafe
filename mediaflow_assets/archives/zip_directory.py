"""The directory of a ZIP, and the proof that the archive says the same thing everywhere.

A ZIP describes each member twice, before its content and at the end of the archive, and nothing but
good will makes both agree; programs that believe different parts see different files (You et al.,
"My ZIP isn't your ZIP", USENIX Security 2025). Members that share their content make bombs (Fifield,
"A better zip bomb", WOOT 2019). So this reads every description, compares them, and gives every byte
of the archive at most one owner.

Format: PKWARE APPNOTE.TXT 6.3.10; sections are given where fields are read.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from mediaflow_assets.archives.model import Finding, Limits, check_count, refuse, shown
from mediaflow_assets.core.errors import BadInput

_LOCAL = struct.Struct("<4s5HLLLHH")  # 4.3.7
_CENTRAL = struct.Struct("<4s6HLLL5HLL")  # 4.3.12
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_ZIP64_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_DESCRIPTOR_MAGIC = b"PK\x07\x08"  # 4.3.9.3
_LONGEST_COMMENT = 0xFFFF

_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_DESCRIPTOR = 1 << 3
_UTF8 = 1 << 11
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_AES = 99


@dataclass(frozen=True)
class Entry:
    """One member as the central directory describes it, and where its content lies."""

    raw_name: bytes
    name: str
    flags: int
    method: int
    crc32: int
    packed: int
    size: int
    unix_mode: int
    header_at: int
    content_at: int = 0
    ends_at: int = 0
    """Where its content and data descriptor end."""

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED) or self.method == _AES

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(("/", "\\")) or stat.S_ISDIR(self.unix_mode)


class _End(NamedTuple):
    """Where the central directory is."""

    entries: int
    offset: int
    size: int


def read_directory(archive: Path, limits: Limits) -> tuple[list[Entry], list[Finding]]:
    """Entries in the order of the central directory, every one verified.

    Raises:
        BadInput: the archive is truncated, split, ambiguous or damaged.
    """
    with archive.open("rb") as stream:
        reader = _Directory(archive, stream)
        end = reader.end()
        check_count(archive, end.entries, limits)
        entries = [reader.locate(entry, end.offset) for entry in reader.entries(end)]
    return entries, _owners(archive, entries, end.offset)


class _Directory:
    """Reads the structures of one open ZIP."""

    def __init__(self, archive: Path, stream: IO[bytes]) -> None:
        self._archive, self._stream = archive, stream
        self._bytes = archive.stat().st_size

    def _refuse(self, problem: str, remedy: str = "Ask for the archive again") -> BadInput:
        return refuse(self._archive, problem, remedy)

    def _at(self, offset: int, size: int, what: str) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) != size:
            raise self._refuse(f"is damaged ({what} lies beyond its end)")
        return data

    def end(self) -> _End:
        """The end record, in its 64-bit form where there is one."""
        tail_at = max(0, self._bytes - _END.size - _LONGEST_COMMENT)
        tail = self._at(tail_at, self._bytes - tail_at, "its end")
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or len(tail) - found < _END.size:
            raise self._refuse("is truncated (its end is missing)")
        fields = _END.unpack_from(tail, found)
        _, disk, directory_disk, here, entries, size, offset, comment = fields
        if found + _END.size + comment != len(tail):
            raise self._refuse("goes on after its end", "Ask for one archive at a time")
        if (disk, directory_disk) not in {(0, 0), (_FULL16, _FULL16)}:
            raise self._refuse("is one part of a split archive", "Ask for it in one piece")
        end, end_at = _End(entries, offset, size), tail_at + found
        wide, wide_at = self._wide_end(end_at)
        if wide is not None:
            for narrow, value, full in zip(end, wide, (_FULL16, _FULL32, _FULL32), strict=True):
                if narrow not in (full, value):
                    raise self._refuse("has two ends that contradict each other", "Do not open it")
            end, end_at = wide, wide_at
        elif here != entries:
            raise self._refuse("is one part of a split archive", "Ask for it in one piece")
        if end.offset + end.size != end_at:
            # A prefix, a suffix, or sizes that wrapped around at 4 GiB as old macOS writes them.
            raise self._refuse("has a directory that is not where its end says", "Ask for it made by another program")
        return end

    def _wide_end(self, end_at: int) -> tuple[_End | None, int]:
        if end_at < _ZIP64_LOCATOR.size:
            return None, 0
        locator = self._at(end_at - _ZIP64_LOCATOR.size, _ZIP64_LOCATOR.size, "its end")
        if not locator.startswith(b"PK\x06\x07"):
            return None, 0
        _, disk, wide_at, disks = _ZIP64_LOCATOR.unpack(locator)
        if disk or disks > 1:
            raise self._refuse("is one part of a split archive", "Ask for it in one piece")
        fields = _ZIP64_END.unpack(self._at(wide_at, _ZIP64_END.size, "its 64-bit end"))
        magic, rest, _, _, disk, directory_disk, here, entries, size, offset = fields
        # The stated size leaves out the magic bytes and itself.
        if magic != b"PK\x06\x06" or wide_at + 12 + rest != end_at - _ZIP64_LOCATOR.size:
            raise self._refuse("has a damaged 64-bit end")
        if disk or directory_disk or here != entries:
            raise self._refuse("is one part of a split archive", "Ask for it in one piece")
        return _End(entries, offset, size), wide_at

    def entries(self, end: _End) -> Iterator[Entry]:
        """The central directory, which must hold exactly what its end says."""
        data = self._at(end.offset, end.size, "its directory")
        position = 0
        for _ in range(end.entries):
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
                raise self._refuse("is one part of a split archive", "Ask for it in one piece")
            name = _name(raw_name, bool(flags & _UTF8), extras.get(0x7075))
            yield Entry(raw_name, name, flags, method, crc32, packed, size, attributes >> 16, header_at)
        if position != len(data):
            raise self._refuse("has a directory with more entries than its end says", "Do not open it")

    def locate(self, entry: Entry, directory_at: int) -> Entry:
        """Compare an entry with the header before its content, and find where both end."""
        named = shown(entry.name)
        header = self._at(entry.header_at, _LOCAL.size, f"the header of {named}")
        magic, _, flags, method, _, _, crc32, packed, size, name_size, extra_size = _LOCAL.unpack(header)
        if magic != b"PK\x03\x04":
            raise self._refuse(f"has no content where {named} should be")
        rest = self._at(entry.header_at + _LOCAL.size, name_size + extra_size, f"the header of {named}")
        size, packed, _ = self._wide(self._extras(rest[name_size:]), size, packed, 0)
        streamed = bool(flags & _DESCRIPTOR)
        same = (
            rest[:name_size] == entry.raw_name
            and method == entry.method
            and not (flags ^ entry.flags) & (_ENCRYPTED | _UTF8)
            and _agree(streamed, (crc32, packed, size), (entry.crc32, entry.packed, entry.size))
        )
        if not same:
            raise self._refuse(f"describes {named} in two ways that contradict each other", "Do not open it")
        content_at = entry.header_at + _LOCAL.size + name_size + extra_size
        ends_at = content_at + entry.packed
        if ends_at > directory_at:
            raise self._refuse(f"is damaged (the content of {named} is not all there)")
        if streamed:
            ends_at += self._descriptor(entry, ends_at)
        return Entry(**{**entry.__dict__, "content_at": content_at, "ends_at": ends_at})

    def _descriptor(self, entry: Entry, at: int) -> int:
        """Size of the data descriptor at ``at`` (4.3.9), which must repeat what the directory says."""
        self._stream.seek(at)
        data = self._stream.read(24)
        narrow = max(entry.packed, entry.size) <= _FULL32
        # The wide form first: of an empty member, the narrow one is the beginning of the wide one.
        for form in ("<LQQ", "<LLL") if narrow else ("<LQQ",):
            values = struct.pack(form, entry.crc32, entry.packed, entry.size)
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


def _name(raw: bytes, declared_utf8: bool, unicode_path: bytes | None) -> str:
    """The text of a name.

    Without the UTF-8 flag the specification means code page 437 (appendix D), but macOS writes UTF-8
    without saying so, and others add the Info-ZIP Unicode path (4.6.9).
    """
    if not declared_utf8 and unicode_path and unicode_path[:5] == b"\1" + zlib.crc32(raw).to_bytes(4, "little"):
        raw, declared_utf8 = unicode_path[5:], True
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8" if declared_utf8 else "cp437", "replace")


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
