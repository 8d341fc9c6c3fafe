"""Runs on one machine: each in a process of the code server, and missed when that process is gone.

Dagster's default launcher leaves it to the code server to notice the end of a run's process. When both end at once, by
a power cut, a reboot or ``kill -9``, nobody does: the run would be at work for ever, and its project could not be
started again. With this launcher Dagster's run monitoring looks after the processes, and a run that lost its own has
failed and is started again like any other.
"""

from __future__ import annotations

import contextlib
import time

import dagster as dg
import psutil

from mediaflow_assets.orchestration.dagster_internals import (
    LAUNCHED_BY,
    CheckRunHealthResult,
    LaunchRunContext,
    WorkerStatus,
    process_of_run,
)
from mediaflow_assets.orchestration.run_process import GONE, PROCESS_TAG, identity, is_alive

_STARTED_WITHIN = 10.0
"""Seconds in which a process says its pid, some milliseconds after it has begun."""


class RunLauncher(dg.DefaultRunLauncher):
    """Named in ``dagster.yaml``; the daemon launches runs with it and asks it, every ``poll_interval_seconds``."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes, so Dagster asks; its own answer is no."""
        return True

    def launch_run(self, context: LaunchRunContext) -> None:
        """Start a run, and write down which process it is."""
        run_id = context.dagster_run.run_id
        # A run that is started again has the tags of the one before.
        self._instance.add_run_tags(run_id, {PROCESS_TAG: ""})
        super().launch_run(context)
        deadline = time.monotonic() + _STARTED_WITHIN
        while (pid := process_of_run(self._instance, run_id)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if pid is not None:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended by now
                self._instance.add_run_tags(run_id, {PROCESS_TAG: identity(psutil.Process(pid))})

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run that is at work is there."""
        if LAUNCHED_BY not in run.tags:  # one of `mediaflow run`: the next start looks after it
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if told := run.tags.get(PROCESS_TAG):
            alive = is_alive(told, anywhere=True)
        else:  # launched before there was this launcher; after a reboot another process may have that pid
            pid = process_of_run(self._instance, run.run_id)
            alive = pid is None or psutil.pid_exists(pid)
        return CheckRunHealthResult(WorkerStatus.RUNNING) if alive else CheckRunHealthResult(WorkerStatus.FAILED, GONE)
