"""Writers of archives that no honest program would write. Formats are named in each section."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# --- ZIP (PKWARE APPNOTE 6.3.10) -------------------------------------------------------------------


@dataclass
class ZipMember:
    """One member; ``local`` and ``central`` override fields of one of its two descriptions."""

    name: bytes | str
    content: bytes = b"content"
    method: int = 8
    flags: int = 1 << 11
    mode: int = 0o100644
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    packed: bytes | None = None
    descriptor: bytes = b""
    at: int | None = None
    """Offset of another member's header that this one points to, instead of having its own."""
    gap: bytes = b""
    """Bytes before its header."""

    def __post_init__(self) -> None:
        if isinstance(self.name, str):
            self.name = self.name.encode()
        if self.packed is None:
            self.packed = deflate(self.content) if self.method == 8 else self.content

    def fields(self, override: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": len(self.packed or b""),
            "size": len(self.content),
            "extra": b"",
            "disk": 0,
            **override,
        }


def deflate(data: bytes, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, wbits=-15)
    return packer.compress(data) + packer.flush()


def local_header(member: ZipMember) -> bytes:
    f = member.fields(member.local)
    sizes = f["crc"], f["packed"], f["size"], len(f["name"]), len(f["extra"])
    return struct.pack("<4s5HLLLHH", b"PK\3\4", 20, f["flags"], f["method"], 0, 0x5A21, *sizes) + f["name"] + f["extra"]


def central_header(member: ZipMember, at: int) -> bytes:
    f = member.fields(member.central)
    sizes = f["crc"], f["packed"], f["size"], len(f["name"]), len(f["extra"]), 0, f["disk"], 0
    head = b"PK\1\2", 3 << 8 | 20, 20, f["flags"], f["method"], 0, 0x5A21
    fixed = struct.pack("<4s6HLLL5HLL", *head, *sizes, member.mode << 16, f.get("offset", at))
    return fixed + f["name"] + f["extra"]


def make_zip(members: Iterable[ZipMember], *, prefix: bytes = b"", suffix: bytes = b"", **end: Any) -> bytes:
    """A ZIP; ``end`` overrides fields of its end: entries, here, size, offset, disk, comment, between."""
    out, directory, count = bytearray(prefix), bytearray(), 0
    for member in members:
        out += member.gap
        at = len(out) if member.at is None else member.at
        if member.at is None:
            out += local_header(member) + (member.packed or b"") + member.descriptor
        directory += central_header(member, at)
        count += 1
    comment, disk = end.get("comment", b""), end.get("disk", 0)
    between = end.get("between", b"")
    if callable(between):
        between = between(count, len(directory), len(out))
    record = struct.pack(
        "<4s4H2LH",
        *(b"PK\5\6", disk, disk, end.get("here", count), end.get("entries", count)),
        *(end.get("size", len(directory)), end.get("offset", len(out)), end.get("comment_size", len(comment))),
    )
    return bytes(out + directory + between + record + comment + suffix)


def zip64_end(entries: int, size: int, offset: int) -> bytes:
    """The 64-bit end record and its locator, to be put ``between`` directory and end."""
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, offset)
    return end + struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)


# --- TAR (POSIX.1-2017 ustar and pax, GNU) ---------------------------------------------------------


def tar_member(name: str, content: bytes = b"content", kind: bytes = tarfile.REGTYPE, **fields: Any) -> bytes:
    """One header and its content, padded; ``size`` overrides the declared size."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape") + padded(content)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def make_tar(*members: bytes, end: bytes = bytes(1024)) -> bytes:
    return b"".join(members) + end


def pax(records: dict[str, str], kind: bytes = tarfile.XHDTYPE) -> bytes:
    """An extended header: records ``length key=value\\n`` whose length counts itself."""
    data = b""
    for key, value in records.items():
        body = f" {key}={value}\n".encode()
        length = len(body) + 1
        while len(str(length)) + len(body) != length:
            length = len(str(length)) + len(body)
        data += str(length).encode() + body
    return tar_member("pax", data, kind)


# --- RAR 5 (RARLAB, "RAR 5.0 archive format") ------------------------------------------------------


def vint(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | 0x80 if value else low])
        if not value:
            return out


def rar5_block(kind: int, body: bytes, *, flags: int = 0, extra: bytes = b"", data: bytes = b"") -> bytes:
    flags |= (1 if extra else 0) | (2 if data else 0)
    head = vint(kind) + vint(flags)
    head += (vint(len(extra)) if extra else b"") + (vint(len(data)) if data else b"") + body + extra
    head = vint(len(head)) + head
    return struct.pack("<L", zlib.crc32(head)) + head + data


def rar5_file(name: str, content: bytes = b"content", *, mode: int = 0o100644, **fields: Any) -> bytes:
    """A stored file. ``redirect``: (type, target) of a link; ``size``, ``crc``: what is declared."""
    extra = b""
    if "redirect" in fields:
        kind, target = fields["redirect"]
        record = vint(5) + vint(kind) + vint(0) + vint(len(target)) + target.encode()
        extra = vint(len(record)) + record
    if fields.get("encrypted"):
        record = vint(1) + vint(0) + vint(0) + bytes([15]) + bytes(16) + bytes(16)
        extra = vint(len(record)) + record
    raw = name.encode()
    body = vint(4) + vint(fields.get("size", len(content))) + vint(mode)
    body += struct.pack("<L", fields.get("crc", zlib.crc32(content)))
    body += vint(fields.get("method", 0) << 7) + vint(1) + vint(len(raw)) + raw
    return rar5_block(2, body, flags=fields.get("flags", 0), extra=extra, data=content)


def make_rar5(*files: bytes, main_flags: int = 0, end: bytes | None = None) -> bytes:
    closing = rar5_block(5, vint(0)) if end is None else end
    return b"Rar!\x1a\x07\x01\x00" + rar5_block(1, vint(main_flags)) + b"".join(files) + closing


# --- RAR 4 (RARLAB, technote.txt of RAR 4.20) ------------------------------------------------------


def rar4_block(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def rar4_file(name: str, content: bytes = b"content", *, mode: int = 0o100644, **fields: Any) -> bytes:
    """A stored file made on Unix."""
    raw = name.encode()
    sizes = len(content), fields.get("size", len(content)), 3, fields.get("crc", zlib.crc32(content))
    body = struct.pack("<LLBLLBBHL", *sizes, 0x5A210000, 29, 0x30, len(raw), mode)
    return rar4_block(0x74, 0x8000 | fields.get("flags", 0), body + raw, content)


def make_rar4(*files: bytes, main_flags: int = 0) -> bytes:
    start = b"Rar!\x1a\x07\x00" + rar4_block(0x73, main_flags, bytes(6))
    return start + b"".join(files) + rar4_block(0x7B, 0x4000, b"")


# --- 7z (7zFormat.txt of the LZMA SDK), contents stored ---------------------------------------------


def number(value: int) -> bytes:
    """7z's number of variable length: the leading one bits of the first byte count those that follow."""
    for extra in range(8):
        if value < 1 << (7 * (extra + 1)):
            first = (0xFF00 >> extra) & 0xFF | value >> (8 * extra)
            return bytes([first]) + (value & ((1 << 8 * extra) - 1)).to_bytes(extra, "little")
    return b"\xff" + value.to_bytes(8, "little")


@dataclass
class SevenZipFile:
    name: str
    content: bytes = b"content"
    attributes: int = 0x8000 | 0o100644 << 16
    crc: int | None = None


COPY = b"\1\0"


def ppmd(memory: int) -> bytes:
    """A PPMd coder of order 6 that asks for ``memory`` bytes."""
    return b"\x23\3\4\1\5\6" + struct.pack("<L", memory)


def make_7z(*files: SevenZipFile, size: int | None = None, coder: bytes = COPY) -> bytes:
    """One folder; ``size`` overrides the unpacked size that it declares."""
    packed = b"".join(file.content for file in files)
    header = io.BytesIO()
    header.write(b"\1")  # header
    header.write(b"\4")  # main streams
    header.write(b"\6" + number(0) + number(1) + b"\x09" + number(len(packed)) + b"\0")  # pack info
    header.write(b"\7\x0b" + number(1) + b"\0" + number(1) + coder)  # one folder, one coder
    header.write(b"\x0c" + number(len(packed) if size is None else size) + b"\0")
    header.write(b"\x08\x0d" + number(len(files)))  # substreams
    header.write(b"\x09" + b"".join(number(len(file.content)) for file in files[:-1]))
    header.write(b"\x0a\1")
    for file in files:
        header.write(struct.pack("<L", zlib.crc32(file.content) if file.crc is None else file.crc))
    header.write(b"\0\0")
    header.write(b"\5" + number(len(files)))  # files
    names = b"\0" + b"".join(file.name.encode("utf-16-le", "surrogatepass") + b"\0\0" for file in files)
    header.write(b"\x11" + number(len(names)) + names)
    attributes = b"\1\0" + b"".join(struct.pack("<L", file.attributes) for file in files)
    header.write(b"\x15" + number(len(attributes)) + attributes)
    header.write(b"\0\0")
    data = header.getvalue()
    start = struct.pack("<QQL", len(packed), len(data), zlib.crc32(data))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + packed + data
