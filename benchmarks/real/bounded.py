"""A process that is asked about one file after the other, and can neither last nor grow beyond its bounds.

A file that goes beyond them ends the process and everything that it started; the next file has a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

import psutil

from support.installation import REPOSITORY

_LOOK = 0.1
"""Seconds between two looks at the memory."""
_MOST_ASKED = 200
"""Files after which the process is replaced: what one leaves behind is not charged to the last."""


@dataclass(frozen=True)
class Bounds:
    """What one file may take."""

    seconds: float = 60.0
    megabytes: int = 1000
    """Of resident memory: the process and everything that it started."""


@dataclass(frozen=True)
class Ended:
    """How one file ended."""

    answer: dict[str, Any] | None
    """None where it did not come so far."""
    why: str
    """``ended``, ``too slow``, ``too large`` or ``died``."""
    seconds: float
    megabytes: int
    """Most memory seen."""
    words: str
    """End of what the process wrote to standard error."""


class Bounded:
    """Runs ``python -m module``, which calls :func:`serve`. Use it as a context manager."""

    def __init__(self, module: str, bounds: Bounds) -> None:
        self._module, self._bounds = module, bounds
        self._process: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with the process
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._words.close()

    def ask(self, *arguments: str | Path) -> Ended:
        """Pass one question on and wait for its answer within the bounds."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        begun, most, why = time.monotonic(), 0, "ended"
        answer: dict[str, Any] | None = None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps([str(argument) for argument in arguments]).encode() + b"\n")
            process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while answer is None and why == "ended":
                if selector.select(_LOOK):
                    line = process.stdout.readline()
                    answer = _object(line)
                    why = "ended" if line else "died"
                most = max(most, _megabytes(process.pid))
                if most > self._bounds.megabytes:
                    why = "too large"
                elif time.monotonic() - begun > self._bounds.seconds:
                    why = "too slow"
        self._asked += 1
        if why != "ended" or self._asked >= _MOST_ASKED:
            self._end()
        return Ended(answer if why == "ended" else None, why, time.monotonic() - begun, most, self._last_words())

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._words.truncate(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                # The package is installed; benchmarks and support are only found from here.
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                bufsize=0,
                start_new_session=True,
            )
            self._asked = 0
        return self._process

    def _last_words(self) -> str:
        self._words.seek(0)
        return self._words.read().decode(errors="replace").strip()[-500:]

    def _end(self) -> None:
        """End the process and what it started, which may have groups of their own."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def serve(function: Callable[..., dict[str, Any]]) -> None:
    """Answer every line of standard input, a JSON list of arguments, by one JSON object."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(function(*json.loads(line))), file=answers, flush=True)


def _object(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return None


def _megabytes(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
    return total // 1_000_000
