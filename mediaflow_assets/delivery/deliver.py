"""Delivering a project: copied to a hidden sibling, read back, compared, then put in place."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError, Unavailable
from mediaflow_assets.core.files import contained
from mediaflow_assets.delivery import bag, swap
from mediaflow_assets.delivery.copying import copy_verified, read_back
from mediaflow_assets.delivery.destination import Destination, require_space
from mediaflow_assets.delivery.mhl import write_mhl
from mediaflow_assets.delivery.plan import DeliveredFile
from mediaflow_assets.delivery.settings import DeliverySettings

CODE_VERSION = "2"
_NO_LINKS = frozenset({errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EINVAL})
"""A file system without hard links (exFAT, some SMB) answers with one of these: everything is copied there."""


@dataclass(frozen=True)
class Delivery:
    """A verified delivery."""

    folder: Path
    files: tuple[DeliveredFile, ...]
    notes: tuple[str, ...]
    """What a person should know: another destination, a name in use, a folder kept aside."""
    unchanged: bool
    """The very same content was already there and is left alone."""

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def renamed(self) -> list[DeliveredFile]:
        """Files that could not have the name that they should have."""
        return [file for file in self.files if file.path != file.wanted]

    @property
    def version(self) -> str:
        """SHA-256 of the manifest: equal content, equal version."""
        return bag.version({file.path: file.sha256 for file in self.files})


def deliver(
    project: str,
    files: Sequence[DeliveredFile],
    destination: Destination,
    settings: DeliverySettings,
    progress: Callable[[float, str], None] = lambda fraction, note: None,
    notes_for_receiver: Sequence[str] = (),
) -> Delivery:
    """Copy, verify and put in place; an identical delivery that is there already is left alone.

    The caller sees to it that no other process delivers the same project.

    Args:
        project: name of the delivered folder.
        files: from :func:`mediaflow_assets.delivery.plan.plan`, for this destination.
        progress: told the finished part (0 to 1) and the file at work.
        notes_for_receiver: go into ``bag-info.txt``, for instance what is left out.

    Raises:
        BadInput: a source is not what was recorded.
        Unavailable: the destination is too small, full, read-only or forbidden.
        Interrupted: the destination fails; what was copied is kept for the next try.
    """
    root = destination.root
    final = contained(root, project)
    incoming = swap.incoming(root, project)
    try:
        notes = [*destination.notes, *swap.recover(root, project)]
        for folder in (final, *swap.named_aside(root, project)):
            if _holds(folder, files, settings):
                shutil.rmtree(incoming, ignore_errors=True)
                return Delivery(folder, tuple(files), tuple(notes), unchanged=True)
        _fill(incoming, files, settings, progress, notes.append, final)
        bag.write_bag(incoming, files, project, notes_for_receiver)
        if settings.asc_mhl:
            write_mhl(incoming, project)
        for parent, _, _ in os.walk(incoming, topdown=False):
            swap.flush(Path(parent))
        incoming.rename(swap.ready(root, project))
        folder, said = swap.promote(root, project)
    except OSError as error:
        raise _explained(error, root, incoming) from error
    return Delivery(folder, tuple(files), (*notes, *said), unchanged=False)


def _holds(folder: Path, files: Sequence[DeliveredFile], settings: DeliverySettings) -> bool:
    """Whether a delivered folder holds these files, by its manifest and by reading every byte."""
    try:
        if settings.asc_mhl and not (folder / bag.MHL).is_dir():
            return False
        if bag.read_manifest(folder) != {file.path: file.sha256 for file in files}:
            return False
        return all(
            (folder / file.path).is_file() and read_back(contained(folder, file.path)) == file.sha256 for file in files
        )
    except (BadInput, OSError):  # what cannot be read proves nothing, and a new delivery takes its place
        return False


def _fill(
    incoming: Path,
    files: Sequence[DeliveredFile],
    settings: DeliverySettings,
    progress: Callable[[float, str], None],
    note: Callable[[str], None],
    in_place: Path,
) -> None:
    """Bring every file into ``incoming``, which may hold a part of them from a try before.

    What the delivery ``in_place`` has already is linked, where the file system has links, and not copied.
    """
    incoming.mkdir(exist_ok=True)
    present = _sweep(incoming, {file.path: file.bytes for file in files})
    linked = _link(incoming, files, in_place)
    total = sum(file.bytes for file in files)
    missing = total - present - sum(file.bytes for file in files if file.path in linked)
    require_space(incoming.parent, max(0, missing), len(files))
    done = 0
    for file in files:
        progress(done / total if total else 1.0, file.path)
        if file.path in linked:
            done += file.bytes
            continue
        target = contained(incoming, file.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy_verified(
                file.source, target, file.sha256, attempts=settings.attempts, wait=settings.retry_seconds, note=note
            )
        except OSError as error:
            error.filename = error.filename or str(target)  # a fault of an open file does not say which
            raise
        done += file.bytes


def _link(incoming: Path, files: Sequence[DeliveredFile], in_place: Path) -> set[str]:
    """Link what a delivery of ours has with this very content; returns the paths of what is linked.

    Its manifest says the content, and a file that was touched since the manifest was written is not believed.
    ``mediaflow verify`` reads everything again.
    """
    try:
        listed = bag.read_manifest(in_place)
        written = (in_place / bag.MANIFEST).stat().st_mtime_ns
    except (BadInput, OSError):
        return set()
    linked: set[str] = set()
    for file in files:
        if listed.get(file.path) != file.sha256:
            continue
        try:
            source, target = contained(in_place, file.path), contained(incoming, file.path)
            facts = source.lstat()
            if not stat.S_ISREG(facts.st_mode) or facts.st_size != file.bytes or facts.st_mtime_ns > written:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.hardlink_to(source)
        except BadInput:  # somebody put a link there: it is none of our files
            continue
        except OSError as error:
            if error.errno in _NO_LINKS:
                break
            continue
        linked.add(file.path)
    return linked


def _sweep(incoming: Path, expected: dict[str, int]) -> int:
    """Remove what does not belong into an unfinished copy; returns the bytes of what does."""
    present = 0
    for parent, folders, names in os.walk(incoming, topdown=False):
        for name in names:
            path = Path(parent, name)
            wanted = expected.get(path.relative_to(incoming).as_posix())
            if wanted is None or path.is_symlink():
                path.unlink()
            else:
                present += min(path.stat().st_size, wanted)
        for name in folders:
            path = Path(parent, name)
            if path.is_symlink():
                path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()
    return present


def _explained(error: OSError, root: Path, incoming: Path) -> MediaflowError:
    """One sentence for a fault of the destination; a full disk gets back what the copy took."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        shutil.rmtree(incoming, ignore_errors=True)
        return Unavailable(root, "became full during the delivery", "Make room and run it again; nothing is lost")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Unavailable(root, f"cannot be written ({error.strerror})", "Set OUTPUT_DIR or its permissions")
    where = error.filename or root
    if error.errno == errno.EFBIG:
        return Unavailable(where, "is on a disk that cannot hold a file of this size", "Format it as exFAT or NTFS")
    return Interrupted(where, f"the delivery failed ({error.strerror})", "Run it again; what was copied is kept")
