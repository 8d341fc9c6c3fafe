"""What kind of archive a file is, by its content; names and content types lie."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Literal

from mediaflow_assets.archives.compression import decoder_for, decompress
from mediaflow_assets.archives.model import explained
from mediaflow_assets.core.errors import BadInput

Kind = Literal["zip", "tar", "7z", "rar", "rar5"]

_MAGIC: dict[bytes, Kind] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # one without entries
    b"PK\x07\x08PK": "zip",  # the first part of a spanned one, which is then refused for that
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07\x00": "rar",
    b"Rar!\x1a\x07\x01\x00": "rar5",
}


def recognise(path: Path) -> Kind | None:
    """The archive format of a file, or None when it is none that is read here."""
    with path.open("rb") as stream:
        head = stream.read(tarfile.BLOCKSIZE)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    decoder = decoder_for(path)
    if decoder is not None:
        try:
            with explained(path), path.open("rb") as source:
                pieces = decompress(source, decoder)
                head = b""
                while len(head) < tarfile.BLOCKSIZE and (piece := next(pieces, b"")):
                    head = (head + piece)[: tarfile.BLOCKSIZE]
        except BadInput:
            return "tar"  # whoever reads it will say how it is damaged
    return "tar" if _is_tar_header(head) else None


def describe(path: Path) -> str:
    """What a file that is no archive seems to be, as the end of a sentence."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        return "is empty"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script", b"<!--")):
        return "is a web page, not an archive"
    if text.startswith((b"{", b"[")):
        return "is a JSON answer, not an archive"
    return "is not an archive that can be read (ZIP, TAR, 7z or RAR)"


def _is_tar_header(block: bytes) -> bool:
    if len(block) < tarfile.BLOCKSIZE or not any(block):
        return False
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True
