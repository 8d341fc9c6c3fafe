"""Copying one file so that it is proven, over disks and networks that fail.

The copy is flushed to the device, dropped from memory, read back and compared: a checksum of what
is still in memory does not prove that anything reached the disk.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from mediaflow_assets.core.errors import BadInput, Interrupted

CHUNK = 8 << 20
"""Bytes read at a time."""
_MAX_WAIT = 60.0
_LASTING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EINVAL, errno.EFBIG}
    | {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP}
)
"""Faults that another try does not cure."""


def copy_verified(
    source: Path,
    target: Path,
    sha256: str,
    *,
    attempts: int = 1,
    wait: float = 0.0,
    note: Callable[[str], None] = lambda said: None,
) -> None:
    """Make ``target`` a proven copy of ``source``.

    A ``target`` that is already there, whole or broken, is gone through and only what differs is
    written, so a broken copy goes on where it stopped.

    Args:
        sha256: what ``source`` is recorded to contain.
        attempts: tries while the fault may pass.
        wait: seconds before the second try, doubled with each further one.
        note: told about each further try.

    Raises:
        BadInput: ``source`` does not contain what was recorded.
        Interrupted: the copy is not right after all attempts.
        OSError: a lasting fault: full, read-only, forbidden.
    """
    for attempt in tries(attempts, wait):
        with attempt:
            number = attempt.retry_state.attempt_number
            if number > 1:
                note(f"{target.name}: try {number} of {attempts}")
            _write(source, target, sha256)
            if read_back(target) != sha256:
                raise Interrupted(target, "does not contain what was written to it", "Check the disk and run it again")


def tries(attempts: int, wait: float, *lasting: int) -> Retrying:
    """Further tries while a fault of a disk or a network may pass; see :func:`copy_verified`.

    Args:
        lasting: numbers of other faults that do not pass.
    """
    return Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait_exponential(multiplier=wait, max=_MAX_WAIT),
        retry=retry_if_exception(lambda error: _may_pass(error) and getattr(error, "errno", None) not in lasting),
        reraise=True,
    )


def read_back(path: Path) -> str:
    """SHA-256 of what the device holds, not of what is left in memory of it."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := os.read(descriptor, CHUNK):
            digest.update(chunk)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _write(source: Path, target: Path, sha256: str) -> None:
    """Write what differs, flush it to the device, and prove the source on the way."""
    if not source.is_file():
        raise BadInput(source, "has disappeared", "Materialize its asset again")
    digest = hashlib.sha256()
    with source.open("rb") as reading, os.fdopen(os.open(target, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as writing:
        compare = os.fstat(writing.fileno()).st_size > 0
        position = 0
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            if not (compare and writing.read(len(chunk)) == chunk):
                writing.seek(position)
                writing.write(chunk)
            position += len(chunk)
        writing.truncate(position)
        writing.flush()
        os.fsync(writing.fileno())
    if digest.hexdigest() != sha256:
        raise BadInput(source, "is not what was recorded when it was made", "Materialize its asset again")


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno not in _LASTING
    return isinstance(error, Interrupted)
