"""Archives that people drop into the inbox folder."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.archives.extract import is_archive
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.intake.naming import free_path

REJECTED = "rejected"
"""Folder in the inbox for what is no project."""


class InboxFile(NamedTuple):
    """One file in the inbox, with what tells whether it is still being written."""

    path: Path
    bytes: int
    mtime_ns: int

    @property
    def identity(self) -> str:
        return f"inbox:{self.path.name}:{self.bytes}:{self.mtime_ns}"

    @property
    def is_archive(self) -> bool:
        return is_archive(self.path)


def scan(inbox: Path) -> list[InboxFile]:
    """Visible files of the inbox, oldest first."""
    files = []
    for path in _visible(inbox):
        with contextlib.suppress(FileNotFoundError):  # a run has taken it meanwhile
            if path.is_file():
                stat = path.stat()
                files.append(InboxFile(path, stat.st_size, stat.st_mtime_ns))
    return sorted(files, key=lambda file: file.mtime_ns)


def folders(inbox: Path) -> list[Path]:
    """Visible folders of the inbox, which nobody takes: a folder never tells when it is complete."""
    return sorted(path for path in _visible(inbox) if path.is_dir())


def _visible(inbox: Path) -> list[Path]:
    if not inbox.is_dir():
        return []
    return [path for path in inbox.iterdir() if not path.name.startswith(".") and path.name != REJECTED]


def reject(file: InboxFile, sentence: str) -> Path:
    """Move a file that is no project to ``rejected/``, with the reason beside it in ``<name>.txt``.

    Returns:
        Where it is now.

    Raises:
        OSError: it cannot be moved.
    """
    folder = file.path.parent / REJECTED
    folder.mkdir(exist_ok=True)
    target = free_path(folder, file.path.name)
    write_atomic(target.with_name(f"{target.name}.txt"), f"{sentence}\n")
    file.path.rename(target)
    return target


def settled(now: list[InboxFile], before: dict[str, list[int]]) -> list[InboxFile]:
    """Files that have content and did not change since the last look (name -> [bytes, mtime_ns])."""
    return [file for file in now if before.get(file.path.name) == [file.bytes, file.mtime_ns] and file.bytes]
