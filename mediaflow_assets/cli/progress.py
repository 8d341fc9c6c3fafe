"""Progress bars for ``mediaflow run``."""

from __future__ import annotations

import os
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from mediaflow_assets.execution.fanout import Status
from mediaflow_assets.execution.progress import WATCHER


class TerminalProgress:
    """One bar for the video at work; finished videos scroll past as lines.

    Dagster redirects standard output and error into its own logs while a step runs, so this
    writes to a copy of standard error that was made before.
    """

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(2), "w")
        self.console = Console(file=self._stream)
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> TerminalProgress:
        self._token = WATCHER.set(self)
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
        WATCHER.reset(self._token)
        self._stream.close()

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        self._task = self._bars.add_task(f"{stage}  {video}  {index}/{total}", total=1.0)

    def advance(self, fraction: float, note: str = "") -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=min(fraction, 1.0))

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        colour = "red" if status == "failed" else "green"
        self.console.print(f"  {stage:<18} {video:<28} [{colour}]{status}[/] {seconds:7.1f} s", highlight=False)
