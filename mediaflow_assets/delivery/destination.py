"""Where a project is delivered to, and what the file system there can hold."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.delivery.copying import tries
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.settings import DeliverySettings

_WINDOWS_SYSTEMS = frozenset("vfat msdos exfat ntfs ntfs3 fuseblk cifs smb3 smbfs drvfs".split())
"""File systems that Windows reads, as ``/proc/mounts`` calls them; fuseblk is ntfs-3g and exfat-fuse."""
_OVERHEAD = 64 << 10
"""Bytes of file system per file, on the largest usual cluster."""


@dataclass(frozen=True)
class Destination:
    """The folder that holds delivered projects."""

    root: Path
    rules: NameRules
    notes: tuple[str, ...]
    """What to say loudly: destinations that could not be used, and why; one that was made."""


@contextlib.contextmanager
def open_destination(settings: DeliverySettings, local_output: Path, project: str) -> Iterator[Destination]:
    """The first of ``OUTPUT_DIR``, ``FALLBACK_OUTPUT_DIR`` and ``local_output`` that can be written.

    Faults that may pass are tried again, as those of a copy are. The rules of the destination ask
    its file system, so they are good only inside the block. The caller sees to it that no other
    process delivers the same project.

    Raises:
        Unavailable: none can be written.
    """
    notes: list[str] = []
    candidates = [path for path in (settings.output, settings.fallback_output) if path]
    for candidate in [*candidates, local_output]:
        root = candidate.expanduser().resolve()
        try:
            new = not root.exists()
            # What cannot even be made is no disk that wakes up.
            for attempt in tries(settings.attempts, settings.retry_seconds, errno.ENOENT):
                with attempt:
                    probe = _start_probe(root, project)
        except OSError as error:
            notes.append(f"{root} cannot be written ({error.strerror}); the next destination is used")
            continue
        if new and candidate != local_output:
            notes.append(f"{root} did not exist and was made; is its disk mounted?")
        try:
            yield Destination(root, _rules(root, probe, settings), tuple(notes))
        finally:
            shutil.rmtree(probe, ignore_errors=True)
        return
    raise Unavailable(" and ".join(notes), "there is no other destination", "Set OUTPUT_DIR to a folder that exists")


def require_space(root: Path, needed: int, files: int) -> None:
    """Refuse to begin a copy that cannot end.

    Args:
        needed: bytes still to be written.
        files: in how many files.

    Raises:
        Unavailable: says how much is missing.
    """
    wanted = needed + files * _OVERHEAD
    free = shutil.disk_usage(root).free
    if free < wanted:
        raise Unavailable(
            root, f"has {free / 1e6:.1f} MB free and the delivery needs {wanted / 1e6:.1f} MB", "Make room, run again"
        )


def file_system(path: Path) -> str:
    """Type of the file system that holds ``path``, as ``/proc/mounts`` calls it; empty when unknown."""
    mounts: dict[str, str] = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    for folder in (path, *path.parents):
        if str(folder) in mounts:
            return mounts[str(folder)].casefold()
    return ""


def _start_probe(root: Path, project: str) -> Path:
    """A hidden folder in ``root`` with a file in it that was written and read back."""
    root.mkdir(parents=True, exist_ok=True)
    probe = root / f".{project}.probe"
    shutil.rmtree(probe, ignore_errors=True)  # of a process that was killed
    probe.mkdir()
    (probe / "written").write_bytes(b"written")
    if (probe / "written").read_bytes() != b"written":
        raise OSError(errno.EIO, "a test file has another content after it was written")
    return probe


def _rules(root: Path, probe: Path, settings: DeliverySettings) -> NameRules:
    accepts = _acceptance(probe)
    if settings.names == "auto":
        windows = file_system(root) in _WINDOWS_SYSTEMS or not accepts('a?b"c')
    else:
        windows = settings.names == "windows"
    (probe / "case").write_bytes(b"")
    return NameRules(windows=windows, case_sensitive=not (probe / "CASE").exists(), accepts=accepts)


def _acceptance(probe: Path) -> Callable[[str], bool]:
    """Asks the file system whether it takes a name and lists it unchanged; remembers the answers."""
    known: dict[str, bool] = {}

    def accepts(name: str) -> bool:
        if name not in known:
            known[name] = _try_name(probe / "names", name)
        return known[name]

    return accepts


def _try_name(folder: Path, name: str) -> bool:
    folder.mkdir(exist_ok=True)
    try:
        (folder / name).write_bytes(b"")
        return name in os.listdir(folder)  # noqa: PTH208 - the very names, not paths made of them
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            raise
        return False
    except ValueError:
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
