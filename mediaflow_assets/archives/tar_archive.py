"""TAR, alone or inside gzip, bzip2, xz or zstd.

The interpreter parses single header blocks; the walk from block to block is ours, because the
library's own ends without a word at a damaged header or at a missing end, reads extended headers of
any size into memory, and rebuilds sparse files.

Formats: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar 1.35, "Basic Tar
Format".
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from mediaflow_assets.archives.forward_reader import ForwardReader, open_tape
from mediaflow_assets.archives.model import (
    MAX_NAME_BYTES,
    RATIO_FLOOR,
    Contents,
    Finding,
    Limits,
    Member,
    Members,
    refuse,
    shown,
    too_large,
)

_BLOCK = tarfile.BLOCKSIZE
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_SPECIAL = {
    tarfile.LNKTYPE: "hard link",
    tarfile.SYMTYPE: "symbolic link",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
    tarfile.FIFOTYPE: "named pipe",
    tarfile.GNUTYPE_SPARSE: "sparse file",
}
_MAX_HEADER = 1 << 20
"""Bytes of one extended header or long name; real ones have some hundred."""
_LENGTH_DIGITS = len(str(_MAX_HEADER))
_USED_RECORDS = (b"path", b"size")
_VOLUME_LABEL = b"V"


class TarArchive:
    """Reader for TAR."""

    def __init__(self, archive: Path, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        # What comes out of the compression: the files, and headers and padding for each.
        ratio = archive.stat().st_size * limits.max_ratio + RATIO_FLOOR
        self._most = min(limits.max_bytes, ratio) + limits.max_entries * 4 * _BLOCK

    def members(self) -> list[Member]:
        """Every entry; reads the whole archive when it is compressed."""
        members = Members(self._archive, self._limits)
        with open_tape(self._archive, self._most) as tape:
            for member in self._walk(tape):
                members.append(member)
                tape.skip(_padded(member.size))
        return members

    def contents(self, members: list[Member]) -> Contents:
        """The bytes of every file, in a second pass over the archive."""
        with open_tape(self._archive, self._most) as tape:
            for index, (expected, member) in enumerate(zip(members, self._walk(tape), strict=True)):
                if member != expected:
                    raise refuse(self._archive, "changed while it was read", "Try again")
                if member.type == "file":
                    yield index, tape.chunks(member.size)
                tape.skip(_padded(member.size) - member.size)

    def findings(self) -> list[Finding]:
        """Nothing: what is odd in a TAR is refused."""
        return []

    def _walk(self, tape: ForwardReader) -> Iterator[Member]:
        """Headers in order; whoever asks for the next one has read or skipped the content."""
        extended: dict[str, str] = {}
        always: dict[str, str] = {}
        headers = 0
        while any(block := tape.exactly(_BLOCK)):
            headers += 1
            if headers > 4 * self._limits.max_entries:
                raise refuse(self._archive, "consists of little but extended headers", "Do not open it")
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            if info.size < 0:
                raise refuse(self._archive, f"holds {shown(info.name)} with a negative size")
            if info.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                extended |= self._records(self._extension(tape, info))
            elif info.type == tarfile.XGLTYPE:
                always |= self._records(self._extension(tape, info))
            elif info.type == tarfile.GNUTYPE_LONGNAME:
                long_name = self._extension(tape, info).partition(b"\0")[0]
                extended["path"] = long_name[: MAX_NAME_BYTES + 1].decode("utf-8", "surrogateescape")
            elif info.type in (tarfile.GNUTYPE_LONGLINK, _VOLUME_LABEL):
                tape.skip(_padded(info.size))
            else:
                yield self._member(info, {**always, **extended})
                extended = {}
        self._end(tape)

    def _extension(self, tape: ForwardReader, info: tarfile.TarInfo) -> bytes:
        if info.size > _MAX_HEADER:
            raise refuse(self._archive, f"has an extended header of {info.size} bytes", "Do not open it")
        return tape.exactly(_padded(info.size))[: info.size]

    def _records(self, data: bytes) -> dict[str, str]:
        """What is used of the ``length key=value\\n`` records of a pax header; nothing else is kept."""
        records = {}
        at = 0
        while at < len(data):
            blank = data.find(b" ", at, at + _LENGTH_DIGITS + 1)
            digits = data[at:blank] if blank > at else b""
            end = at + int(digits) if digits.isdigit() else 0
            if not blank < end <= len(data) or data[end - 1 : end] != b"\n":
                raise refuse(self._archive, "has a damaged extended header")
            key, equals, value = data[blank + 1 : end - 1].partition(b"=")
            if not equals:
                raise refuse(self._archive, "has a damaged extended header")
            if key.startswith(b"GNU.sparse."):
                raise self._special("an entry", "sparse file")
            if key in _USED_RECORDS:
                records[key.decode()] = value[: MAX_NAME_BYTES + 1].decode("utf-8", "surrogateescape")
            at = end
        return records

    def _member(self, info: tarfile.TarInfo, records: dict[str, str]) -> Member:
        name = _text(records.get("path", info.name))
        size = info.size
        if "size" in records:
            if not records["size"].isascii() or not records["size"].isdigit():
                raise refuse(self._archive, f"holds {shown(name)} with the size {shown(records['size'])}")
            size = int(records["size"])
        if size > self._limits.max_bytes:
            raise too_large(self._archive, self._limits.max_bytes)
        if info.type == tarfile.DIRTYPE:
            if size:
                raise refuse(self._archive, f"holds the folder {shown(name)} with content of its own", "Do not open it")
            return Member(name, "folder", 0)
        if info.type in _FILES:
            return Member(name, "file", size)
        raise self._special(shown(name), _SPECIAL.get(info.type, f"special file (type {info.type!r})"))

    def _special(self, name: str, what: str) -> Exception:
        return refuse(self._archive, f"holds {name}, which is a {what}", "Ask for an archive of plain files")

    def _end(self, tape: ForwardReader) -> None:
        """Two zero blocks end a TAR; only more zeros may follow."""
        if any(tape.exactly(_BLOCK)):
            raise refuse(self._archive, "goes on after its end", "Ask for one archive at a time")
        while data := tape.read(1 << 16):
            if data.count(0) != len(data):
                raise refuse(self._archive, "goes on after its end", "Ask for one archive at a time")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _text(name: str) -> str:
    """Names that are not UTF-8 are read as Windows-1252, which is what old tools on Windows wrote."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return name
