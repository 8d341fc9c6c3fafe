"""The run queue with a switch: paused, it starts nothing. What runs goes on to its end, what waits stays in its place.

The switch is the sensor ``run_queue``: on, the queue goes on; off, it is paused. So people pause it in Dagster's UI
(Automation) as well as with ``mediaflow pause``, and see there that it is.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from mediaflow_assets.orchestration.dagster_internals import (
    QueuedRunCoordinator,
    SensorStatus,
    sensor_states,
    set_sensor,
)

SENSOR = "run_queue"


class RunQueue(QueuedRunCoordinator):
    """Named in ``dagster.yaml``; the daemon asks it before each look at the queue how many runs there may be."""

    def get_run_queue_config(self) -> Any:
        """As configured, or no run at all while it is paused."""
        config = super().get_run_queue_config()
        return config._replace(max_concurrent_runs=0) if is_paused(self._instance) else config


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
