"""Ctrl-C and SIGTERM during ``mediaflow run``: said in one line, with the usual exit code."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType
from typing import Self


class Stopping:
    """Knows whether the process was asked to stop, and by which signal.

    Dagster has handlers of its own while a run is at work, which end the run and forget the signal;
    the number that Python writes to a wake-up pipe is there whoever handled it.
    """

    def __enter__(self) -> Self:
        self._read, write = os.pipe2(os.O_NONBLOCK)
        self._write = write
        self._former_pipe = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._former = signal.signal(signal.SIGTERM, _interrupt)
        self._numbers = b""
        return self

    def __exit__(self, *_: object) -> None:
        self.signal  # noqa: B018 - what came last is kept
        signal.signal(signal.SIGTERM, self._former)
        signal.set_wakeup_fd(self._former_pipe)
        os.close(self._read)
        os.close(self._write)
        self._read = -1

    @property
    def signal(self) -> signal.Signals | None:
        """SIGINT or SIGTERM if one came."""
        if self._read >= 0:
            with contextlib.suppress(BlockingIOError):
                self._numbers += os.read(self._read, 4096)
        for number in self._numbers:
            if number in (signal.SIGINT, signal.SIGTERM):
                return signal.Signals(number)
        return None

    @property
    def code(self) -> int:
        """Exit code of a process that was stopped by the signal: 130, 143; 0 when none came."""
        return 128 + self.signal if self.signal else 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
