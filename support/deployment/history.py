"""What Dagster recorded about runs."""

from __future__ import annotations

import dagster as dg


def project_of(run: dg.DagsterRun) -> str:
    """Key of the project of a run; a backfill asks for a range from one to itself."""
    return run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_start", "")


def run_of(instance: dg.DagsterInstance, start: str) -> dg.DagsterRun | None:
    """The latest run of the project whose key starts with a text; None before there is one."""
    for run in instance.get_runs():
        if project_of(run).startswith(start):
            return run
    return None


def started(instance: dg.DagsterInstance, run: dg.DagsterRun | None, step: str) -> bool:
    """The step is being carried out, and not yet at its end."""
    if run is None:
        return False
    kinds = [
        event.event_type
        for event in (entry.dagster_event for entry in instance.all_logs(run.run_id))
        if event is not None and event.step_key == step
    ]
    return dg.DagsterEventType.STEP_START in kinds and dg.DagsterEventType.STEP_SUCCESS not in kinds


def count(instance: dg.DagsterInstance, run_id: str, step: str, kind: dg.DagsterEventType) -> int:
    """How often something happened to a step of a run."""
    return len(
        [
            entry
            for entry in instance.all_logs(run_id, of_type=kind)
            if entry.dagster_event is not None and entry.dagster_event.step_key == step
        ]
    )


def workers(instance: dg.DagsterInstance, run_id: str, step: str) -> list[str]:
    """Celery workers that were given a step, in order."""
    found = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        if event is not None and event.step_key == step:
            worker = event.event_specific_data.metadata.get("Celery worker")
            if worker is not None:
                found.append(str(worker.value))
    return found


def materializations(instance: dg.DagsterInstance, run: dg.DagsterRun, asset: str) -> list[dict[str, int]]:
    """How many videos were made and reused in each materialization of an asset of the run's project."""
    filters = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[project_of(run)])
    found = []
    for record in instance.fetch_materializations(filters, limit=10).records:
        event = record.asset_materialization
        assert event is not None
        found.append({name: int(str(event.metadata[name].value)) for name in ("made", "reused")})
    return found
