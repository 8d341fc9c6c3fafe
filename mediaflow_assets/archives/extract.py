"""Safe extraction: the whole archive in a new folder, or nothing."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from mediaflow_assets.archives.decoder import DecodedArchive
from mediaflow_assets.archives.detect_format import describe, detect_format, is_part
from mediaflow_assets.archives.model import (
    RATIO_FLOOR,
    SPLIT,
    Contents,
    Finding,
    Limits,
    Member,
    Reader,
    refuse,
    too_large,
    translated_errors,
)
from mediaflow_assets.archives.names import NamePlan, plan
from mediaflow_assets.archives.tar_archive import TarArchive
from mediaflow_assets.archives.zip_archive import ZipArchive
from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import contained

__all__ = ["Finding", "Limits", "extract", "is_archive", "verify"]

UNFINISHED = ".extracting-"
"""Beginning of the name of a folder that is being filled."""


def is_archive(path: Path) -> bool:
    """Whether the content is an archive that :func:`extract` reads; says nothing about its state."""
    return detect_format(path) is not None


def verify(archive: Path, limits: Limits) -> int:
    """Read the structure of a received archive to its end, without writing anything.

    Finds what a broken transfer leaves: another kind of file, a missing end, contradictions. The
    content itself is checked when it is extracted; only of a compressed TAR is it read here as well.

    Returns:
        Number of entries.

    Raises:
        BadInput: the file is not an archive, or not a whole one.
    """
    with translated_errors(archive):
        return len(_members(archive, _reader(archive, limits)))


def extract(
    archive: Path, folder: Path, limits: Limits, on_progress: Callable[[float], None] = lambda done: None
) -> list[Finding]:
    """Extract ``archive`` into the new folder ``folder``; a single root folder is left out.

    Files and folders get the modes of any that this user makes (0666 and 0777 less the umask): what the
    archive says of modes, such as executable or setuid, is never carried over.

    Args:
        archive: of any format that is read here.
        folder: made when everything is there.
        limits: what the archive may ask for.
        on_progress: called with the share of the content that is written, 0 to 1.

    Returns:
        What was changed or is odd.

    Raises:
        BadInput: the archive is damaged, encrypted, hostile, too large, or of no known format.
        Unavailable: not enough space.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    private = folder.parent / f"{UNFINISHED}{secrets.token_hex(4)}"
    try:
        with translated_errors(archive):
            reader = _reader(archive, limits)
            members = _members(archive, reader)
            layout = plan(archive, members, limits)
            _check_sizes(archive, members, folder.parent, limits)
            private.mkdir()
            with closing(reader.contents(members)) as contents:
                _write(archive, private, members, contents, layout, limits, on_progress)
            private.rename(folder)
    finally:
        shutil.rmtree(private, ignore_errors=True)
    return [*reader.findings(), *layout.findings]


def _reader(archive: Path, limits: Limits) -> Reader:
    kind = detect_format(archive)
    if kind is None:
        raise refuse(archive, *describe(archive))
    if kind == "zip":
        return ZipArchive(archive, limits)
    if kind == "tar":
        return TarArchive(archive, limits)
    return DecodedArchive(archive, kind, limits)


def _members(archive: Path, reader: Reader) -> list[Member]:
    """What the archive lists; what a single part of an archive lacks is no damage."""
    try:
        with translated_errors(archive):
            return reader.members()
    except BadInput as error:
        if is_part(archive):
            raise refuse(archive, *SPLIT) from error
        raise


def _check_sizes(archive: Path, members: list[Member], where: Path, limits: Limits) -> None:
    """Refuse by declared sizes what would be refused by real ones, before the disk is full."""
    declared = sum(member.size for member in members)
    allowed = allowed_bytes(archive, limits)
    if declared > allowed:
        raise too_large(archive, allowed)
    free = shutil.disk_usage(where).free
    if declared + limits.reserve > free:
        raise Unavailable(archive.name, f"needs {declared} bytes, and only {free} are free", "Free some space")


def allowed_bytes(archive: Path, limits: Limits) -> float:
    """Bytes that an archive may unpack to."""
    return min(limits.max_bytes, max(RATIO_FLOOR, archive.stat().st_size * limits.max_ratio))


def _write(
    archive: Path,
    root: Path,
    members: list[Member],
    contents: Contents,
    plan: NamePlan,
    limits: Limits,
    on_progress: Callable[[float], None],
) -> None:
    """Write every planned file; junk is read, because what follows it may need that, and dropped."""
    allowed = allowed_bytes(archive, limits)
    declared = max(1, sum(member.size for member in members))
    tree = _Tree(root)
    total = 0
    for index, chunks in contents:
        packed = members[index].packed
        most = allowed if packed is None else min(allowed, max(RATIO_FLOOR, packed * limits.max_ratio))
        written = 0
        with tree.create(plan.paths.get(index)) as stream:
            for chunk in chunks:
                written += len(chunk)
                if written > most or total + written > allowed:
                    raise too_large(archive, most if written > most else allowed)
                if stream is not None:
                    stream.write(chunk)
                on_progress(min(1.0, (total + written) / declared))
        total += written


class _Tree:
    """Makes new files inside one folder: never an existing one, never through a link."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders = {"": root}

    @contextmanager
    def create(self, path: str | None) -> Iterator[IO[bytes] | None]:
        """Open a new file; nothing when ``path`` is None."""
        if path is None:
            yield None
            return
        parent, _, name = path.rpartition("/")
        if parent not in self._folders:
            self._folders[parent] = contained(self._root, parent)
            self._folders[parent].mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._folders[parent] / name, flags, 0o666), "wb") as stream:
            yield stream
