"""What the system holds while it runs: memory, threads, file handles, processes, temporary files."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

ROLES = {"dagster._daemon": "daemon", "dagster-daemon": "daemon", "api grpc": "code server", "webserver": "webserver"}
"""A part of the command line to what the process is. Order matters: the first match counts."""


class Holding(NamedTuple):
    """One long-lived process at one moment."""

    rss: int
    threads: int
    handles: int


@dataclass(frozen=True)
class Sample:
    """Everything at one moment."""

    at: float
    """Seconds since the start."""
    delivered: int
    processes: int
    """Of the system, runs included."""
    holding: dict[str, Holding]
    temporary: int
    """Entries of the private TMPDIR."""
    leftovers: int
    """Hidden unfinished files and folders in MEDIAFLOW_HOME."""


def tree(root: psutil.Process) -> Iterator[psutil.Process]:
    """A process and everything it started."""
    yield root
    yield from root.children(recursive=True)


def look(root: psutil.Process, home: Path, temporary: Path, at: float, delivered: int) -> Sample:
    """Measure now."""
    count = 0
    holding: dict[str, Holding] = {}
    for process in tree(root):
        try:
            command = " ".join(process.cmdline())
            count += 1
            role = next((role for part, role in ROLES.items() if part in command), None)
            if role is not None:
                memory = process.memory_info().rss
                # The launcher of the same name is small and does nothing.
                if role not in holding or memory > holding[role].rss:
                    holding[role] = Holding(memory, process.num_threads(), process.num_fds())
        except psutil.Error:
            continue  # ended while we looked
    return Sample(at, delivered, count, holding, len(list(temporary.iterdir())), len(list(leftovers(home))))


def leftovers(home: Path) -> Iterator[Path]:
    """Unfinished files and folders that something left, or is still writing."""
    for path in home.rglob(".*"):
        if any(mark in path.name for mark in (".part", "incoming", "unpack", "replaced")):
            yield path


def middle(samples: list[Sample], role: str, what: str) -> float:
    """Median of one number of one process."""
    return statistics.median(getattr(sample.holding[role], what) for sample in samples if role in sample.holding)
