"""Runs of a project that kill themselves at a moment when they change the disk.

    python -m tests.faults.killed_run HOME KEY NUMBER...

One run for each number: the run is killed with SIGKILL just before that change (a file opened for
writing, a rename, a new or a removed file or folder), counted from its start. Each run is a fork,
so that everything is imported only once. Prints, for each, whether it was killed or ended.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.faults.project import Small

_CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate"}


def kill_at(number: int, home: str) -> None:
    """SIGKILL this process just before its change ``number`` (from 1) below ``home``."""
    left = number

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if (writes or event in _CHANGES) and str(arguments[0]).startswith(home):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main(home: str, key: str, *numbers: str) -> None:
    project = Small(Path(home), pytest.MonkeyPatch())
    assert project.key == key
    project.run("project_report")  # imports everything
    for number in map(int, numbers):
        child = os.fork()
        if child == 0:
            kill_at(number, home)
            os._exit(0 if project.run().success else 1)
        _, status = os.waitpid(child, 0)
        end = "killed" if os.WIFSIGNALED(status) else f"ended {os.waitstatus_to_exitcode(status)}"
        sys.stdout.write(f"{end}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
