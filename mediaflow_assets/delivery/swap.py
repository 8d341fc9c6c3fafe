"""Putting a verified copy in the place of an older delivery, so that one of them is always there.

Folders of one delivery beside each other, in the destination:

=========================  =====================================================================
``<project>``              the delivery
``.<project>.incoming``    a copy that is being made; nothing in it is proven
``.<project>.ready``       a proven copy that waits to be put in place; after the exchange, the
                           delivery that was there before
``.<project>.replaced``    the delivery that was there before, where exchanging is impossible
``.<project>.trash``       a former delivery with nothing in it but what we delivered
=========================  =====================================================================

Where the file system can exchange two names in one step (``renameat2`` with ``RENAME_EXCHANGE``,
Linux 3.15: ext4, XFS, Btrfs, tmpfs, overlay) the delivery's name never is without one of the two.
Elsewhere (NTFS and exFAT over FUSE, SMB, NFS) two renames follow each other; a process killed
exactly between them leaves both folders, proven, under their hidden names, and :func:`recover`
finishes with the new one.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from mediaflow_assets.delivery.bag import MANIFEST, foreign_files

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_SUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV})


def incoming(root: Path, project: str) -> Path:
    """The folder in which a copy is made."""
    return root / f".{project}.incoming"


def ready(root: Path, project: str) -> Path:
    """The folder of a proven copy."""
    return root / f".{project}.ready"


def recover(root: Path, project: str) -> list[str]:
    """Finish what a killed delivery left; returns what to say about it.

    Afterwards the delivery is in place if there ever was one, and no ``ready`` or ``replaced``
    folder is left. An unfinished copy stays: the next one goes on with it.
    """
    final, proven, replaced = root / project, ready(root, project), _replaced(root, project)
    notes = []
    if not final.exists():
        if (proven / MANIFEST).exists():
            proven.rename(final)
            notes.append("the delivery that was interrupted before is finished")
        elif replaced.exists():
            replaced.rename(final)
    for trash in _trashed(root, project):
        shutil.rmtree(trash, ignore_errors=True)
    return notes + _retire_former(root, project)


def promote(root: Path, project: str) -> tuple[Path, list[str]]:
    """Give the proven copy the project's name; returns its folder and what to say.

    An older delivery is removed afterwards if it holds nothing but what we delivered, and kept
    aside otherwise, or when it cannot be removed. If it cannot even be moved, the new one gets a
    name of its own.
    """
    final, proven, replaced = root / project, ready(root, project), _replaced(root, project)
    try:
        if not final.exists():
            proven.rename(final)
        elif not atomic_exchange(proven, final):
            _rename_twice(proven, final, replaced)
    except OSError as error:
        other = _aside(root, project, "finalized")
        proven.rename(other)
        return other, [f"{final} cannot be replaced ({error.strerror}); the new delivery is {other.name} beside it"]
    flush(root)
    return final, _retire_former(root, project)


def named_aside(root: Path, project: str) -> list[Path]:
    """Deliveries that got a name of their own because the older one could not be moved, newest first."""
    return sorted(root.glob(f"{glob.escape(project)}__finalized_*"), reverse=True)


def _rename_twice(proven: Path, final: Path, replaced: Path) -> None:
    final.rename(replaced)
    try:
        proven.rename(final)
    except OSError:
        replaced.rename(final)
        raise


def _retire_former(root: Path, project: str) -> list[str]:
    """Remove former deliveries, or keep them aside; returns what to say about it."""
    notes = []
    for folder in (ready(root, project), _replaced(root, project)):
        try:
            if folder.exists():
                notes += _retire(root, project, folder)
        except OSError as error:  # no reason to fail: the delivery itself is in place
            notes.append(f"the former delivery is still hidden here ({folder.name}: {error.strerror})")
    return notes


def _retire(root: Path, project: str, folder: Path) -> list[str]:
    foreign = foreign_files(folder)
    if foreign:
        aside = _aside(root, project, "replaced")
        folder.rename(aside)
        some = ", ".join(foreign[:3]) + (", …" if len(foreign) > 3 else "")
        return [f"the former delivery has files that were not delivered ({some}) and is kept as {aside.name}"]
    # From here on it may go without a question: a removal that is interrupted leaves parts which
    # nothing could tell from somebody's work.
    trash = _trash(root, project)
    folder.rename(trash)
    try:
        shutil.rmtree(trash)
    except OSError as error:
        aside = _aside(root, project, "replaced")
        trash.rename(aside)
        return [f"the former delivery cannot be removed ({error.strerror}); what is left is {aside.name}"]
    return []


def atomic_exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the file system cannot.

    Raises:
        OSError: it can, but not these two.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    done = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_SUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one))


def _replaced(root: Path, project: str) -> Path:
    return root / f".{project}.replaced"


def _trash(root: Path, project: str) -> Path:
    """A free name; what an earlier one holds may be impossible to remove."""
    path, number = root / f".{project}.trash", 2
    while path.exists():
        path, number = root / f".{project}.trash-{number}", number + 1
    return path


def _trashed(root: Path, project: str) -> list[Path]:
    name = re.compile(rf"\.{re.escape(project)}\.trash(-\d+)?")
    return [path for path in root.iterdir() if name.fullmatch(path.name)]


def _aside(root: Path, project: str, why: str) -> Path:
    """A free visible name: ``<project>__replaced_20261121_100000``."""
    stamp = datetime.now(UTC)
    name = f"{project}__{why}_{stamp:%Y%m%d_%H%M%S}"
    path, number = root / name, 2
    while path.exists():
        path, number = root / f"{name}_{number}", number + 1
    return path


def flush(folder: Path) -> None:
    """Bring the new names to the device; file systems over a network cannot do that for folders."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES):
            raise
    finally:
        os.close(descriptor)
