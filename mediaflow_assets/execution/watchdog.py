"""Ending a stage that hangs: no progress on a video for longer than its length allows.

A watched video may go without progress for a fixed time plus a time in proportion to its length.
After that the work is interrupted by an exception where it hangs, and the video fails with a
sentence; the next videos are made. Code that hangs inside a library and never returns to Python
cannot be interrupted: a minute later its stacks are written to standard error and the process
ends, which Dagster notices like any other death of a run.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Mapping
from types import FrameType
from typing import Self

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.core.options import OptionGroup, env
from mediaflow_assets.execution.fanout import Progress, Status

_SIGNAL = signal.SIGUSR1
_GRACE = 60.0
"""Seconds between the interruption and the end of the process."""
_REARM = 10.0
"""Progress may be reported for every frame; the timer in C is set again at most this often (s)."""


class StallSettings(OptionGroup):
    """When a stage counts as hanging."""

    seconds: float = env(
        "STALL_SECONDS",
        default=900,
        gt=0,
        operational=True,
        doc="A stage that makes no progress on a video for this long, and STALL_FACTOR times its length, is stopped.",
    )
    factor: float = env(
        "STALL_FACTOR", default=1.0, ge=0, operational=True, doc="Share of the video's length that is added."
    )

    def allowed(self, length: float) -> float:
        """Seconds without progress that a video of ``length`` seconds may take."""
        return self.seconds + self.factor * length


class Watched:
    """Progress that is also a sign of life: a video that gives none in time is interrupted.

    Only the main thread can be interrupted, so that is where the stage has to run (the in-process
    executor does); elsewhere only the end of the process is left. Use it as a context manager.

    Args:
        progress: told everything.
        lengths: video stem to its length in seconds.
        settings: how long is too long.
    """

    def __init__(self, progress: Progress, lengths: Mapping[str, float], settings: StallSettings) -> None:
        self._progress = progress
        self._lengths = lengths
        self._settings = settings
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._video = self._stage = ""
        self._allowed = self._armed = 0.0
        self._last: tuple[float, str] = (0.0, "")
        self._since: float | None = None
        self._stalled = False
        """Whether a video is to be interrupted that still is at work."""

    def __enter__(self) -> Self:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(_SIGNAL, self._interrupt)
            self._thread = threading.Thread(target=self._watch, daemon=True, name="stall watchdog")
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._disarm()
        self._over.set()
        if self._main:
            self._thread.join()
            signal.signal(_SIGNAL, self._before)

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        self._progress.start(stage, video, index, total)
        self._stage, self._video, self._last = stage, video, (0.0, "")
        self._allowed = self._settings.allowed(self._lengths.get(video, 0.0))
        self._arm(force=True)

    def advance(self, fraction: float, note: str = "") -> None:
        self._progress.advance(fraction, note)
        if (fraction, note) != self._last:
            self._last = (fraction, note)
            self._arm()

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        self._disarm()
        self._progress.finish(stage, video, status, seconds)

    def _arm(self, *, force: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            self._since = now
        if force or now - self._armed > _REARM:
            self._armed = now
            faulthandler.dump_traceback_later(self._allowed + _GRACE + _REARM, exit=True, file=sys.__stderr__ or 2)

    def _disarm(self) -> None:
        with self._lock:
            self._since = None
            self._stalled = False
        faulthandler.cancel_dump_traceback_later()

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._settings.seconds / 4)):
            with self._lock:
                stalled = self._since is not None and time.monotonic() - self._since > self._allowed
                if stalled:
                    self._since, self._stalled = None, True
            if stalled:
                signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        # The video may have been finished between the decision and the signal: then nobody hangs. This runs in the
        # main thread, which may hold the lock just now; reading a flag needs none.
        if not self._stalled:
            return
        self._stalled = False
        # Raised in the middle of whatever hangs; its traceback says where that is.
        raise Interrupted(
            f"{self._stage}: {self._video}",
            f"made no progress for {self._allowed:.0f} s and was stopped (at {_place(frame)})",
            "Run it again; if the video only needs longer, raise STALL_SECONDS or STALL_FACTOR",
        )


def _place(frame: FrameType | None) -> str:
    """Function and line of a frame."""
    if frame is None:
        return "an unknown place"
    return f"{frame.f_code.co_qualname}, line {frame.f_lineno} of {frame.f_globals.get('__name__', '?')}"
