"""The run queue with a switch: paused, it starts nothing. What runs goes on to its end, what waits stays in its place.

The switch is the sensor ``run_queue``: on, the queue goes on; off, it is paused. So people pause it in Dagster's UI
(Automation) as well as with ``mediaflow pause``, and see there that it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from mediaflow_assets.orchestration.dagster_internals import (
    QueuedRunCoordinator,
    RunQueueConfig,
    SensorStatus,
    SubmitRunContext,
    sensor_states,
    set_sensor,
)
from mediaflow_assets.orchestration.launch_check import check_launch
from mediaflow_assets.orchestration.partitions import projects, projects_of
from mediaflow_assets.orchestration.patient_sqlite import wait_for_locked_databases
from mediaflow_assets.settings import Settings

SENSOR = "run_queue"
PROJECT_TAG, PROJECTS_TAG = "mediaflow/project", "mediaflow/projects"
MAX_TAG = 200
"""Characters of a tag that lists projects."""


class RunQueue(QueuedRunCoordinator):
    """Named in ``dagster.yaml``; the daemon asks it before each look at the queue how many runs there may be."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        wait_for_locked_databases()  # of the daemon and the web server, which load nothing else of this package

    def get_run_queue_config(self) -> RunQueueConfig:
        """As configured, or no run at all while it is paused."""
        config = super().get_run_queue_config()
        return config._replace(max_concurrent_runs=0) if is_paused(self._instance) else config

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Queue a run, with its project as a tag; one that a person started and that cannot work is refused.

        Raises:
            MediaflowError: see :func:`check_launch`. Dagster shows it to who launches, and as the reason of the run.
        """
        run = context.dagster_run
        tags = project_tags(run, self._instance.get_dynamic_partitions(str(projects.name)))
        if tags:
            self._instance.add_run_tags(run.run_id, tags)
        if "mediaflow/origin" not in run.tags and run.status is dg.DagsterRunStatus.NOT_STARTED:
            told = run.run_config.get("ops")
            ops = list(told) if isinstance(told, Mapping) else []
            stages = [key.to_user_string() for key in run.asset_selection or ()] or ops
            check_launch(Settings.load(), stages, run.run_config)
        return super().submit_run(context)


def project_tags(run: dg.DagsterRun, known: Sequence[str]) -> dict[str, str]:
    """Tags that say in every list of runs which projects a run is about, as far as it has none."""
    keys = projects_of(run, known)
    name = PROJECT_TAG if len(keys) == 1 else PROJECTS_TAG
    return {name: ", ".join(keys)[:MAX_TAG]} if keys and PROJECT_TAG not in run.tags else {}


def is_paused(instance: dg.DagsterInstance) -> bool:
    """Whether somebody paused the queue."""
    return any(state.status is SensorStatus.STOPPED for state in sensor_states(instance, SENSOR))


def pause(instance: dg.DagsterInstance) -> bool:
    """Start no run from now on; returns whether it was going on before."""
    before = is_paused(instance)
    set_sensor(instance, SENSOR, SensorStatus.STOPPED)
    return not before


def resume(instance: dg.DagsterInstance) -> bool:
    """Start what waits; returns whether it was paused before."""
    before = is_paused(instance)
    set_sensor(instance, SENSOR, SensorStatus.RUNNING)
    return before
