"""ZIPs beyond 4 GiB as the Finder of macOS writes them: without the 64-bit form.

Archive Utility takes sizes and offsets modulo 2^32 and says so nowhere. What is missing is found by
walking through the archive: members lie in the order of the directory, one directly after the other,
each begins with its magic bytes and its name, and the directory follows the last one.

Source: yauzl issue 69 and ``unzip-crx``' and ``yauzl-mac``' descriptions of such files, and files made alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from mediaflow_assets.archives import zip_end
from mediaflow_assets.archives.model import refuse, shown
from mediaflow_assets.archives.zip_entry import STORED, STREAMED, Entry, LocalHeader, read_local_header

_DESCRIPTORS = frozenset({12, 16, 20, 24})
"""Lengths that a data descriptor may have (4.3.9)."""


def unwrapped(archive: Path, stream: IO[bytes], entries: Sequence[Entry], directory_at: int) -> list[Entry]:
    """The entries with the true places of their headers and the true lengths of their content.

    Args:
        archive: for messages.
        stream: of the archive.
        entries: in the order of the directory, with offsets and lengths modulo ``WRAP``.
        directory_at: true offset of the directory.

    Raises:
        BadInput: a member is not where the one before it ends.
    """
    found: list[Entry] = []
    at = 0
    for number, entry in enumerate(entries):
        header = _header(stream, entry, at) if at % zip_end.WRAP == entry.header_at else None
        if header is None:
            raise refuse(archive, f"has no content where {shown(entry.name)} should be")
        content_at = at + header.length
        following = entries[number + 1] if number + 1 < len(entries) else None
        next_at = _next(stream, content_at + entry.packed, following, directory_at)
        descriptor = (next_at - content_at - entry.packed) % zip_end.WRAP
        if next_at < content_at + entry.packed or descriptor not in (_DESCRIPTORS if header.flags & STREAMED else {0}):
            raise refuse(archive, f"is damaged (the content of {shown(entry.name)} is not all there)")
        packed = next_at - content_at - descriptor
        size = packed if entry.method == STORED and entry.size == packed % zip_end.WRAP else entry.size
        found.append(replace(entry, header_at=at, packed=packed, size=size, may_wrap=entry.method != STORED))
        at = next_at
    return found


def _header(stream: IO[bytes], entry: Entry, at: int) -> LocalHeader | None:
    header = read_local_header(stream, at)
    return header if header is not None and header.raw_name == entry.raw_name else None


def _next(stream: IO[bytes], least: int, following: Entry | None, directory_at: int) -> int:
    """Where the next member begins, at ``least`` or a multiple of 2^32 later; after the last, the directory."""
    if following is not None:
        at = least + (following.header_at - least) % zip_end.WRAP
        while at < directory_at:
            if _header(stream, following, at) is not None:
                return at
            at += zip_end.WRAP
    return directory_at
