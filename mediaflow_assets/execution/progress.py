"""How far a stage is: to the run's log, or to a terminal when one is watching."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Protocol

from mediaflow_assets.execution.fanout import Progress, Status

WATCHER: ContextVar[Progress | None] = ContextVar("mediaflow_progress", default=None)
"""Set by the command line while it shows bars; stages then report to it instead of the log."""

_SECONDS_BETWEEN_LINES = 15.0


class _Log(Protocol):
    def info(self, msg: object, /) -> None: ...


class LogProgress:
    """A line when a video starts, every 15 s, and when it ends.

    Args:
        log: ``context.log`` of a run, or any logger.
    """

    def __init__(self, log: _Log) -> None:
        self._log = log
        self._label = ""
        self._started = self._last = 0.0

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        self._label = f"{stage}: {video} ({index}/{total})"
        self._started = self._last = time.monotonic()

    def advance(self, fraction: float, note: str = "") -> None:
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES or fraction <= 0:
            return
        self._last = now
        left = (now - self._started) * (1 - fraction) / fraction
        self._log.info(f"{self._label}: {fraction:.0%}, about {left:.0f} s left{f' ({note})' if note else ''}")

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        self._log.info(f"{self._label}: {status} in {seconds:.1f} s")


def progress_for(log: _Log) -> Progress:
    """The terminal's progress if one is watching, else lines in ``log``."""
    return WATCHER.get() or LogProgress(log)
