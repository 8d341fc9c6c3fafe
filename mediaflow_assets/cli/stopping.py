"""Ctrl-C and SIGTERM during ``mediaflow run``: said in one line, with the usual exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
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
        self._former_hook = sys.unraisablehook
        sys.unraisablehook = self._on_ignored
        self._numbers = b""
        return self

    def __exit__(self, *_: object) -> None:
        self.signal  # noqa: B018 - what came last is kept
        signal.signal(signal.SIGTERM, self._former)
        sys.unraisablehook = self._former_hook
        signal.set_wakeup_fd(self._former_pipe)
        os.close(self._read)
        os.close(self._write)
        self._read = -1

    def _on_ignored(self, ignored: sys.UnraisableHookArgs) -> None:
        """A stop that came where Python can only ignore exceptions is not lost, and no traceback is printed.

        Such a place is a fork, which every call of ffmpeg begins with.
        """
        # Dagster's own interruption is no KeyboardInterrupt; neither is an ordinary Exception.
        if ignored.exc_value is not None and not isinstance(ignored.exc_value, Exception):
            # Not from here: it would be ignored again. And not SIGINT where a shell told us to ignore it.
            again = signal.SIGTERM if signal.getsignal(signal.SIGINT) == signal.SIG_IGN else signal.SIGINT
            threading.Timer(0.05, os.kill, (os.getpid(), again)).start()
        else:
            self._former_hook(ignored)

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
