"""How much memory this process may still take, also in a container, and how it gives memory back."""

from __future__ import annotations

import contextlib
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
"""Where a container sees its own limits (control groups, version 2)."""


def free_memory(cgroup: Path = _CGROUP) -> int:
    """Bytes that can be had without swapping: of the machine and of the control group the least."""
    import psutil

    free = int(psutil.virtual_memory().available)
    # Without a limit there is the word "max", and outside of a control group there are no such files.
    with contextlib.suppress(OSError, ValueError, KeyError):
        limit, used = (int((cgroup / name).read_text()) for name in ("memory.max", "memory.current"))
        counts = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
        cached = int(counts["inactive_file"])
        free = min(free, max(limit - used + cached, 0))
    return free


def give_back_free_memory() -> None:
    """Let the C library return what was freed, which it otherwise keeps for what comes next.

    Where that is not glibc, nothing happens.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
