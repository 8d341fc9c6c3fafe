"""How far ``mediaflow run`` is: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mediaflow_assets.execution.fanout import Status
from mediaflow_assets.execution.progress import WATCHER, WHEN_WAITING

_COLOURS: dict[Status, str] = {"failed": "red", "waits": "yellow"}


class TerminalProgress:
    """One bar for the video at work; finished videos scroll past as lines.

    Dagster redirects standard output and error into its own logs while a step runs, so this
    writes to a copy of standard error that was made before.

    Args:
        seconds_between_lines: where there is no terminal, and so no bar.
        on_stage: is told the stage when it begins to work on a video.
    """

    def __init__(self, seconds_between_lines: float = 60.0, on_stage: Callable[[str], None] = lambda _: None) -> None:
        self._on_stage = on_stage
        self._stream = os.fdopen(os.dup(2), "w")
        self.console = Console(file=self._stream, soft_wrap=True)
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._between = seconds_between_lines
        self._task: TaskID | None = None
        self._label = ""
        self._started = self._said = 0.0

    def __enter__(self) -> TerminalProgress:
        self._token = WATCHER.set(self)
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
        WATCHER.reset(self._token)
        WHEN_WAITING.set(None)
        self._stream.close()

    def say(self, text: str) -> None:
        """A line as it is: brackets in names are no markup."""
        self.console.print(text, markup=False, highlight=False)

    def when_waiting(self, why: Callable[[], str]) -> None:
        """Say for what is waited whenever that is something new.

        Args:
            why: a sentence, or nothing while nobody waits.
        """
        said: list[str] = []

        def tell() -> None:
            sentence = why()
            if sentence and sentence not in said:
                said.append(sentence)
                self.say(f"  {sentence}")

        WHEN_WAITING.set(tell)

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        self._on_stage(stage)
        self._label = f"{stage}  {video}  {index}/{total}"
        self._started = self._said = time.monotonic()
        self._task = self._bars.add_task(escape(self._label), total=1.0)

    def advance(self, fraction: float, note: str = "") -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=min(fraction, 1.0))
        now = time.monotonic()
        if not self.console.is_terminal and fraction > 0 and now - self._said >= self._between:
            self._said = now
            left = (now - self._started) * (1 - fraction) / fraction
            self.say(f"  {self._label}  {fraction:.0%}, about {left:.0f} s left")

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        colour = _COLOURS.get(status, "green")
        self.console.print(
            f"  {stage:<18} {escape(f'{video:<28}')} [{colour}]{status}[/] {seconds:7.1f} s", highlight=False
        )
