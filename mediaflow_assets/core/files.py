"""How this project touches the disk: whole files or none, content hashes, containment.

A file that exists under its final name is complete. Writers work under a hidden temporary name in
the same folder, flush to the device, and rename.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from mediaflow_assets.core.errors import BadInput, Unavailable

PARTIAL_SUFFIX = ".part"
_FICLONE = 0x40049409
"""``ioctl`` that shares a file's blocks, of linux/fs.h."""
_FORBIDDEN = ("may not be used by this user", "Correct its permissions and run it again")
_DISK_FAULTS = {
    errno.ENOSPC: ("has no space left", "Make room and run it again"),
    errno.EDQUOT: ("has no space left in this user's quota", "Make room and run it again"),
    errno.EROFS: ("is on a disk that cannot be written", "Make it writable and run it again"),
    errno.EIO: ("cannot be used because its disk fails", "Check the disk and run it again"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes as 64 lower-case hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; on success it is flushed and renamed over it.

    The temporary name keeps the suffix of ``target`` (ffmpeg and others choose a format by it).
    If the block raises, the temporary file is removed and ``target`` is untouched.

    Raises:
        Unavailable: the disk is full, read-only or forbidden; see :func:`translated_errors`.
    """
    # Two writers of one target must not share a temporary file; the name is shortened because
    # a legal 255-byte file name leaves no room for additions.
    temporary = target.with_name(f".{secrets.token_hex(6)}{PARTIAL_SUFFIX}{target.suffix}")
    with translated_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush(temporary)
            temporary.replace(target)
            _flush(target.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_atomic(target: Path, data: bytes | str) -> Path:
    """Write ``data`` to ``target`` so that readers see the old content or the new, never a mix."""
    with atomic_path(target) as temporary:
        temporary.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return target


def write_passing(target: Path, data: bytes) -> None:
    """Replace a file that is only looked at and soon written again: whole for readers, without waiting for the device.

    One writer at a time; a crash of the machine may leave it empty.
    """
    hidden = target.with_name(f".{target.stem}{PARTIAL_SUFFIX}{target.suffix}")
    hidden.write_bytes(data)
    hidden.replace(target)


def copy_file(source: Path, target: Path) -> Path:
    """Make ``target`` a file of its own with the content of ``source``, whole or not at all.

    Where the file system can (btrfs, XFS), both share their blocks until one is written to; never are
    they the same file.
    """
    with atomic_path(target) as temporary:
        if not _cloned(source, temporary):
            shutil.copyfile(source, temporary)
    return target


def _cloned(source: Path, target: Path) -> bool:
    with source.open("rb") as original, target.open("wb") as clone:
        try:
            fcntl.ioctl(clone, _FICLONE, original.fileno())
        except OSError:
            return False
    return True


@contextlib.contextmanager
def translated_errors(folder: Path) -> Iterator[None]:
    """Turn what a disk can do to a writer into a sentence; other errors pass.

    Args:
        folder: what the sentence is about when the error names no other file.

    Raises:
        Unavailable: no space, no permission, a read-only or failing disk.
    """
    try:
        yield
    except OSError as error:
        known = _DISK_FAULTS.get(error.errno or 0)
        if known is None or isinstance(error, Timeout):
            raise
        named = Path(str(error.filename)) if error.filename else folder
        raise Unavailable(folder if named.parent == folder else named, *known) from error


@contextlib.contextmanager
def exclusive(folder: Path, lock_timeout: float = 0) -> Iterator[None]:
    """Own ``folder`` while the block runs; the lock of a killed process is free at once.

    Args:
        folder: made if it does not exist.
        lock_timeout: seconds to wait for another owner.

    Raises:
        Unavailable: another process owns it, and still does after ``lock_timeout``.
    """
    lock = FileLock(folder / ".lock")
    try:
        with translated_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=lock_timeout, poll_interval=0.5)
    except Timeout:
        raise Unavailable(folder, "is being written by another run", "Wait for that run, or stop it") from None
    try:
        yield
    finally:
        lock.release()


def remove_leftovers(folder: Path, *, below: bool = True) -> list[Path]:
    """Delete temporary files that a killed :func:`atomic_path` left in ``folder``; returns them.

    With ``below``, in the folders below it too: never where received files are, whose names may be
    alike. Only call it while no other process writes to the folder (a stage owns its folder for the
    length of its step).
    """
    if not folder.is_dir():
        return []
    hidden = folder.rglob(".*") if below else folder.glob(".*")
    leftovers = [path for path in hidden if PARTIAL_SUFFIX in path.name and path.is_file()]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return leftovers


def contained(root: Path, *parts: str) -> Path:
    """Join outside-supplied ``parts`` under ``root`` and prove that the result stays inside it.

    The one gate for every path that comes from a person, an archive, a record or a partition
    key. Raises :class:`BadInput` for absolute parts, ``..``, NUL, and symbolic links that leave
    ``root``.
    """
    base = root.resolve()
    for part in parts:
        pure = PurePosixPath(part)
        if not part or "\0" in part or pure.is_absolute() or ".." in pure.parts:
            raise BadInput(repr(part), "is not a path inside its folder", "Use a plain relative name")
    target = base.joinpath(*parts).resolve()
    if target == base or not target.is_relative_to(base):
        raise BadInput(repr("/".join(parts)), f"leads outside {base.name}", "Use a plain relative name")
    return target


def _flush(path: Path) -> None:
    """fsync a file or folder; folders cannot be synced everywhere (SMB, some FUSE)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if not path.is_dir():
            raise
    finally:
        os.close(descriptor)
