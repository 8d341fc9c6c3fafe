"""What kind of archive a file is, by its content; names and content types lie."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import Literal, NamedTuple

from mediaflow_assets.archives.compression import decoder_for, decompress
from mediaflow_assets.archives.model import SPLIT, translated_errors
from mediaflow_assets.archives.zip_end import says_split
from mediaflow_assets.core.errors import BadInput

Kind = Literal["zip", "tar", "7z", "rar", "rar5"]

_SPANNED = b"PK\x07\x08PK"
"""The first part of a ZIP in several parts begins with it."""
_MAGIC: dict[bytes, Kind] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # one without entries
    _SPANNED: "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07\x00": "rar",
    b"Rar!\x1a\x07\x01\x00": "rar5",
}
_PART_SUFFIX = re.compile(r"\.(?:\d{3}|[rz]\d{2})$", re.IGNORECASE)
_NO_PROGRAM = ("is a program or a self-extracting archive, and programs are never started here", "Ask for a plain ZIP")
_OTHERS: tuple[tuple[int, bytes, tuple[str, str]], ...] = (
    (0, b"MZ", _NO_PROGRAM),
    (0, b"\x7fELF", _NO_PROGRAM),
    (0, b"#!", _NO_PROGRAM),
    (-512, b"koly", ("is a disk image of macOS (DMG), not an archive", "Ask for a ZIP")),
    (0x8001, b"CD001", ("is a disk image (ISO), not an archive", "Ask for a ZIP")),
)
"""(offset, magic bytes, problem and remedy) of what people send in place of an archive."""


class Described(NamedTuple):
    """Why a file cannot be used as an archive, in the parts of a sentence."""

    problem: str
    remedy: str


def detect_format(path: Path) -> Kind | None:
    """The archive format of a file, or None when it is none that is read here."""
    with path.open("rb") as stream:
        head = stream.read(tarfile.BLOCKSIZE)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    decoder = decoder_for(path)
    if decoder is not None:
        try:
            with translated_errors(path), path.open("rb") as source:
                pieces = decompress(source, decoder)
                head = b""
                while len(head) < tarfile.BLOCKSIZE and (piece := next(pieces, b"")):
                    head = (head + piece)[: tarfile.BLOCKSIZE]
        except BadInput:
            return "tar"  # whoever reads it will say how it is damaged
    return "tar" if _is_tar_header(head) else None


def is_part_name(name: str) -> bool:
    """Whether a name is that of a part of a split archive: ``.001``, ``.z01``, ``.r00``.

    The first part may be the whole archive, so this explains a failure and never causes one.
    """
    return _PART_SUFFIX.search(name) is not None


def is_part(path: Path) -> bool:
    """Whether name or content say that a file is a part of a split archive."""
    if is_part_name(path.name):
        return True
    with path.open("rb") as stream:
        return stream.read(len(_SPANNED)) == _SPANNED or says_split(stream, path.stat().st_size)


def describe(path: Path) -> Described:
    """What a file that is no archive seems to be, and what to ask for."""
    remedy = "Check the link, or ask for the archive again"
    with path.open("rb") as stream:
        head = stream.read(8192)
        if not head:
            return Described("is empty", remedy)
        size = path.stat().st_size
        for offset, magic, said in _OTHERS:
            stream.seek(offset if offset >= 0 else max(0, size + offset))
            if stream.read(len(magic)) == magic:
                return Described(*said)
    if is_part(path):
        return Described(*SPLIT)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script", b"<!--")):
        return Described("is a web page, not an archive", remedy)
    if text.startswith((b"{", b"[")):
        return Described("is a JSON answer, not an archive", remedy)
    return Described(f"is {_file_type(head)} archive that can be read (ZIP, TAR, 7z or RAR)", remedy)


def _file_type(head: bytes) -> str:
    """``not an``, or what it is instead."""
    import filetype

    kind = filetype.guess(head)
    return f"a file of type {kind.extension.upper()} and not an" if kind else "not an"


def _is_tar_header(block: bytes) -> bool:
    if len(block) < tarfile.BLOCKSIZE or not any(block):
        return False
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True
