"""The switch of the run queue, and what the queue waits for."""

import dagster as dg

from mediaflow_assets.orchestration.partitions import projects, projects_of
from mediaflow_assets.orchestration.run_queue import SENSOR
from mediaflow_assets.orchestration.waiting import what_runs_wait_for


@dg.sensor(
    name=SENSOR,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Turn it off to pause the run queue: nothing is started then, and what runs goes on to its end. "
    "While it is on, its ticks say what waits for what.",
)
def run_queue_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Starts nothing itself; the queue looks at whether it is on."""
    unfinished = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    known = context.instance.get_dynamic_partitions(str(projects.name))
    runs = context.instance.get_runs(dg.RunsFilter(statuses=unfinished))
    waiting = what_runs_wait_for(context.instance, runs, known)
    lines = [f"{', '.join(projects_of(run, known))}: {waiting[run.run_id]}" for run in runs if run.run_id in waiting]
    return dg.SkipReason(" ".join(lines[:20]) or "nothing waits")
