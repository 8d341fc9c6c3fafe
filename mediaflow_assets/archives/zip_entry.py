"""One member of a ZIP, and the header before its content."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from typing import IO, NamedTuple

ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
STREAMED = 1 << 3
"""The sums follow the content in a data descriptor."""
UTF8 = 1 << 11
STORED, DEFLATED = 0, 8

_AES = 99
_LOCAL = struct.Struct("<4s5HLLLHH")  # 4.3.7


@dataclass(frozen=True, slots=True)
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
    may_wrap: bool = False
    """Whether ``size`` may be meant modulo :data:`zip_end.WRAP`: no 64-bit size, and much content."""
    content_at: int = 0
    ends_at: int = 0
    """Where its content and data descriptor end."""

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED) or self.method == _AES

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(("/", "\\")) or stat.S_ISDIR(self.unix_mode)


class LocalHeader(NamedTuple):
    """What stands before the content of a member (4.3.7)."""

    flags: int
    method: int
    crc32: int
    packed: int
    size: int
    raw_name: bytes
    extra: bytes
    length: int
    """Bytes of the header with name and extra fields."""


def read_local_header(stream: IO[bytes], at: int) -> LocalHeader | None:
    """The header at an offset; None when there is none, or not all of it."""
    stream.seek(at)
    data = stream.read(_LOCAL.size)
    if len(data) < _LOCAL.size or not data.startswith(b"PK\x03\x04"):
        return None
    _, _, flags, method, _, _, crc32, packed, size, name_size, extra_size = _LOCAL.unpack(data)
    rest = stream.read(name_size + extra_size)
    if len(rest) < name_size + extra_size:
        return None
    length = _LOCAL.size + len(rest)
    return LocalHeader(flags, method, crc32, packed, size, rest[:name_size], rest[name_size:], length)
