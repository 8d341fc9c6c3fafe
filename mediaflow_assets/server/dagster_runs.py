"""What Dagster knows of the projects' runs, for pages that are asked often."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.orchestration.project_states import UnfinishedRun, unfinished_runs
from mediaflow_assets.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

FRESH = 2.0
"""Seconds for which an answer is good: one question for all who look."""


class DagsterRuns:
    """The unfinished runs of an installation; there are none where Dagster was never started."""

    def __init__(self, settings: Settings, layout: Layout) -> None:
        self._settings, self._layout = settings, layout
        self._lock = Lock()
        self._instance: dg.DagsterInstance | None = None
        self._asked = 0.0
        self._runs: dict[str, UnfinishedRun] = {}
        self._paused = False

    def unfinished(self) -> dict[str, UnfinishedRun]:
        """Key of each project that has an unfinished run to that run.

        Raises:
            Unavailable: Dagster's database cannot be used.
        """
        self._ask()
        return self._runs

    @property
    def paused(self) -> bool:
        """Whether the run queue is paused."""
        self._ask()
        return self._paused

    def instance(self) -> dg.DagsterInstance:
        """Dagster's instance, opened once.

        Raises:
            Unavailable: Dagster was never started here, or its database cannot be used.
        """
        from mediaflow_assets.orchestration.instance import open_instance

        with self._lock:
            if self._instance is None:
                if not self._exists:
                    raise Unavailable("Dagster", "was never started here", "Start it: mediaflow dev")
                self._instance = open_instance(self._settings)
            return self._instance

    def forget(self) -> None:
        """Ask again the next time: something was changed just now."""
        self._asked = 0.0

    @property
    def _exists(self) -> bool:
        return (self._layout.dagster / "dagster.yaml").exists()

    def _ask(self) -> None:
        if not self._exists or time.monotonic() - self._asked < FRESH:
            return
        from mediaflow_assets.orchestration.run_queue import is_paused

        instance = self.instance()
        with self._lock:
            if time.monotonic() - self._asked >= FRESH:
                self._runs, self._paused = unfinished_runs(instance), is_paused(instance)
                self._asked = time.monotonic()
