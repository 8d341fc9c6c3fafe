"""How far a stage is: to the run's log, to a terminal when one is watching, and to a file beside the project."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from mediaflow_assets.core.files import write_passing
from mediaflow_assets.execution.fanout import Progress, Status

WATCHER: ContextVar[Progress | None] = ContextVar("mediaflow_progress", default=None)
"""Set by the command line while it shows bars; stages then report to it instead of the log."""

_SECONDS_BETWEEN_LINES = 15.0

WHEN_WAITING: ContextVar[Callable[[], None] | None] = ContextVar("mediaflow_waiting", default=None)
"""Set by the command line: called now and then while a run waits for its turn in a pool."""


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


class StageProgress(msgspec.Struct, frozen=True, kw_only=True):
    """``progress.json``: how far the stage is that is at work on a project."""

    run_id: str
    """Dagster's; the file is left behind by a run that ended."""
    stage: str
    video: str
    done: int
    """Videos that are finished."""
    total: int
    percent: int
    """Of the stage: videos count by their length where it is known."""
    eta_seconds: int | None
    """Until the stage is done; None until something was made."""
    updated_at: str
    """ISO 8601, UTC."""


class ProgressFile:
    """Writes ``progress.json`` every few seconds. Only looked at: what goes wrong with it fails nothing.

    Args:
        folder: the project's downloads folder.
        run_id: of the run that is at work.
        lengths: video stem to its length in seconds; videos count alike when it is not known of all.
        on_write: called after each write.
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        lengths: Mapping[str, float] | None = None,
        on_write: Callable[[StageProgress], None] = lambda _: None,
        seconds_between_writes: float = 2.0,
    ) -> None:
        self._between = seconds_between_writes
        self._folder, self._run_id, self._on_write = folder, run_id, on_write
        self._lengths = {video: length for video, length in (lengths or {}).items() if length > 0}
        self._stage = self._video = ""
        self._index = self._total = 0
        self._behind = self._share = self._fraction = 0.0
        self._since, self._before = 0.0, 0.0
        self._written = 0.0

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        if index == 1:
            self._behind, self._written = 0.0, 0.0
            self._begin_estimate()
        self._stage, self._video, self._index, self._total = stage, video, index, total
        whole = sum(self._lengths.values())
        self._share = self._lengths.get(video, 0.0) / whole if len(self._lengths) == total else 1 / max(total, 1)
        self._fraction = 0.0
        self._write(done=index - 1)

    def advance(self, fraction: float, note: str = "") -> None:
        self._fraction = min(max(fraction, 0.0), 1.0)
        self._write(done=self._index - 1)

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        self._behind, self._fraction = self._behind + self._share, 0.0
        if status in ("cached", "restored"):  # says nothing about how long the others take
            self._begin_estimate()
        if self._index == self._total:
            self._written = 0.0
        self._write(done=self._index)

    def _begin_estimate(self) -> None:
        self._since, self._before = time.monotonic(), self._behind

    def _write(self, done: int) -> None:
        now = time.monotonic()
        if self._written and now - self._written < self._between:
            return
        self._written = now
        reached = min(self._behind + self._fraction * self._share, 1.0)
        gained = reached - self._before
        left = (now - self._since) * (1 - reached) / gained if gained > 0 else None
        progress = StageProgress(
            run_id=self._run_id,
            stage=self._stage,
            video=self._video,
            done=done,
            total=self._total,
            percent=int(100 * reached),
            eta_seconds=round(left) if left is not None else None,
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with contextlib.suppress(OSError):
            write_passing(self._folder / "progress.json", msgspec.json.encode(progress))
            self._on_write(progress)


def read_progress(folder: Path, run_id: str) -> StageProgress | None:
    """What a run last wrote about a project; None when it has written nothing."""
    try:
        found = msgspec.json.decode((folder / "progress.json").read_bytes(), type=StageProgress)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.run_id == run_id else None


class _Together:
    """Tells several."""

    def __init__(self, told: tuple[Progress, ...]) -> None:
        self._told = told

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        for one in self._told:
            one.start(stage, video, index, total)

    def advance(self, fraction: float, note: str = "") -> None:
        for one in self._told:
            one.advance(fraction, note)

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        for one in self._told:
            one.finish(stage, video, status, seconds)


def progress_for(log: _Log, *others: Progress) -> Progress:
    """The terminal's progress if one is watching, else lines in ``log``; and ``others``."""
    shown = WATCHER.get() or LogProgress(log)
    return _Together((shown, *others)) if others else shown
