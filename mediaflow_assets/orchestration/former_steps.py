"""Runs that were interrupted by an upgrade, after which their steps have other names.

Dagster starts a crashed run again with the steps that were not done, by name, and gives up when it does not know one.
Until December 2026 each check was a step of its own (``video_25fps_constant_25_fps``), now those of an asset are one
(``video_25fps_checks``).
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

WHOLE = {"dagster/retry_strategy": "ALL_STEPS"}
"""Tag of a run that is started again as a whole; what it has made is found and used."""
_UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.NOT_STARTED]


def retry_former_runs_whole(instance: dg.DagsterInstance) -> None:
    """Let the unfinished runs that know steps by their former names be started again as a whole, if they crashed."""
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        if run.execution_plan_snapshot_id is None:
            continue
        plan = instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
        if has_former_steps(step.key for step in plan.steps):
            instance.add_run_tags(run.run_id, WHOLE)


def has_former_steps(steps: Iterable[str]) -> bool:
    """Whether one of the steps of a run is a single check of the asset of another one."""
    keys = set(steps)
    return any(key.startswith(f"{asset}_") and key != f"{asset}_checks" for asset in keys for key in keys)
