"""Safe extraction: the whole archive in a private folder, or nothing."""

from __future__ import annotations

import shutil
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from mediaflow_assets.errors import BadInput
from mediaflow_assets.files import contained

JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".dropbox.attr"})
JUNK_FOLDERS = frozenset({"__macosx"})


@dataclass(frozen=True)
class Limits:
    """What an archive may ask of us; bytes are counted as they are written, never as declared."""

    max_bytes: int
    max_entries: int
    max_ratio: float


@dataclass(frozen=True)
class Finding:
    """Something about an archive that its receiver should know."""

    kind: str
    sentence: str


@dataclass
class _Member:
    name: str
    stream: IO[bytes]


def is_archive(path: Path) -> bool:
    """Whether the content is an archive that :func:`extract` reads."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def extract(archive: Path, folder: Path, limits: Limits) -> list[Finding]:
    """Extract ``archive`` into the new folder ``folder``; a single root folder is flattened.

    Raises:
        BadInput: the archive is damaged, encrypted, hostile, too large, or of no known format.
    """
    folder.mkdir(parents=True)
    findings: list[Finding] = []
    taken: set[str] = set()
    written = 0
    allowed = min(limits.max_bytes, int(archive.stat().st_size * limits.max_ratio) + (1 << 20))
    try:
        for count, member in enumerate(_members(archive, findings), start=1):
            if count > limits.max_entries:
                raise BadInput(archive.name, f"has more than {limits.max_entries} files", "Raise EXTRACT_MAX_ENTRIES")
            name = _safe_name(archive, member.name)
            key = unicodedata.normalize("NFC", name).casefold()
            if key in taken:
                raise BadInput(archive.name, f"holds {name!r} twice", "Ask for an archive with distinct names")
            taken.add(key)
            target = contained(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                while chunk := member.stream.read(1 << 20):
                    written += len(chunk)
                    if written > allowed:
                        raise BadInput(archive.name, f"unpacks to more than {allowed} bytes", "Raise EXTRACT_MAX_BYTES")
                    stream.write(chunk)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise BadInput(archive.name, f"cannot be unpacked ({error})", "Ask for the archive again") from error
    _flatten(folder)
    return findings


def _members(archive: Path, findings: list[Finding]) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as source:
            for info in source.infolist():
                if info.is_dir() or _is_junk(info.filename):
                    continue
                if stat.S_ISLNK(info.external_attr >> 16):
                    findings.append(Finding("link", f"{info.filename!r} is a symbolic link and was left out"))
                    continue
                with source.open(info) as stream:
                    yield _Member(info.filename, stream)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as source:
            for entry in source:
                if entry.isdir() or _is_junk(entry.name):
                    continue
                content = source.extractfile(entry) if entry.isreg() else None
                if content is None:
                    findings.append(Finding("special", f"{entry.name!r} is not a regular file and was left out"))
                    continue
                yield _Member(entry.name, content)
    else:
        raise BadInput(archive.name, "is not an archive that can be read", "Send a ZIP or TAR")


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if any(part.casefold() in JUNK_FOLDERS for part in parts):
        return True
    return bool(parts) and (parts[-1].casefold() in JUNK_NAMES or parts[-1].startswith("._"))


def _safe_name(archive: Path, name: str) -> str:
    pure = PurePosixPath(name)
    if "\\" in name or "\0" in name or pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise BadInput(archive.name, f"holds a file with the unsafe name {name!r}", "Do not open it; ask who sent it")
    return str(pure)


def _flatten(folder: Path) -> None:
    """A single root folder is packaging, not structure."""
    entries = list(folder.iterdir())
    if len(entries) != 1 or not entries[0].is_dir():
        return
    root = entries[0].rename(folder / ".flatten")
    for entry in list(root.iterdir()):
        shutil.move(entry, folder / entry.name)
    root.rmdir()
