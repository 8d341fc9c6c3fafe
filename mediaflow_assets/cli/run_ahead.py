"""``mediaflow run`` of several projects: the next one is converted while this one is analysed.

Analysis leaves a part of the cores idle: at starts and ends, and where one thread waits for another. A
process of its own, of lower priority, receives, extracts and converts the next project meanwhile. It
records nothing: when the turn of that project comes, its stages find the result, check it and say so. What
went wrong is met again then, and said.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from mediaflow_assets.cli.stopping import Stopping
from mediaflow_assets.core.child_processes import die_with_parent
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.execution.memory import free_memory

_NICER = 5
"""Steps of priority below the project that is analysed."""


class RunAhead:
    """Converts one project at a time, in a process that lives for all of them.

    Args:
        settings: whether to, and how much memory must be free for it.
    """

    def __init__(self, settings: ComputeSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._at_work = self._ended = False
        self._begun: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        if self._at_work:
            self._process.terminate()
        with contextlib.suppress(BrokenPipeError):  # it was killed
            self._process.communicate()

    def begin(self, what: str) -> bool:
        """Convert a project from now on, unless that was begun before or cannot be; returns whether it is.

        Args:
            what: as :meth:`mediaflow_assets.cli.local_run.LocalRunner.run` takes it.
        """
        if self._at_work or self._ended or what in self._begun or not self._settings.run_ahead:
            return False
        if free_memory() < self._settings.run_ahead_memory:
            return False
        if self._process is None:
            command = [sys.executable, "-m", __name__]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                preexec_fn=die_with_parent,
            )
        self._begun.add(what)
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            self._process.stdin.write(f"{what}\n")
            self._process.stdin.flush()
        except BrokenPipeError:  # it was killed
            self._ended = True
        self._at_work = not self._ended
        return self._at_work

    def wait(self) -> None:
        """Let what was begun come to its end, however it ends."""
        if self._at_work and self._process is not None and self._process.stdout is not None:
            # Nothing: it was killed, and what it was to convert is converted in its turn.
            self._ended = not self._process.stdout.readline()
            self._at_work = False


def main() -> None:
    """Convert each project that standard input names; a line on standard output when it is done."""
    from mediaflow_assets.cli.local_run import LocalRunner
    from mediaflow_assets.core.errors import MediaflowError
    from mediaflow_assets.settings import Settings

    os.nice(_NICER)
    # What anything prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with Stopping() as stopping:
        try:
            runner = LocalRunner(Settings.load(), recorded=False)
            for line in sys.stdin:
                with contextlib.suppress(MediaflowError):  # said in its turn
                    runner.convert(line.rstrip("\n"))
                if stopping.signal:
                    break
                print("done", file=answers, flush=True)
        except KeyboardInterrupt:
            if not stopping.signal:
                raise
    sys.exit(stopping.code)


if __name__ == "__main__":
    main()
