"""The health sensor: observes ``system_status`` without starting a run for it."""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg

from mediaflow_assets.operations.alerts import Alert
from mediaflow_assets.operations.health import concerns, look
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import send

system_status = dg.AssetSpec(
    "system_status",
    group_name="operations",
    description="CPU, memory, disks and GPU of this machine, observed every five minutes; see its plots.",
    owners=["team:media"],
    kinds={"linux"},
)

status_is_recent = dg.build_last_update_freshness_checks(
    assets=[system_status.key], lower_bound_delta=timedelta(minutes=30), severity=dg.AssetCheckSeverity.WARN
)
"""Observed every five minutes: half an hour without means that the daemon or its sensors stand still."""


@dg.sensor(
    name="health",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=300,
    description="Observes system_status and alerts when a threshold is passed, once until it is over.",
)
def health_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Measure, record, and compare with the last time: only what is new is an alert."""
    layout = workspace.layout
    folders = {name: getattr(layout, name) for name in ("home", "downloads", "work", "archives")}
    health = look(folders)
    worries = concerns(health, workspace.settings.operations)
    before = set(json.loads(context.cursor)) if context.cursor else set()
    subjects = [worry.split(" is at ")[0] for worry in worries]
    new = [worry for worry, subject in zip(worries, subjects, strict=True) if subject not in before]
    if new:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        send(Alert(event="health", at=now, text=" ".join(new)), workspace, context)
    metadata: dict[str, dg.MetadataValue | float | int] = {"cpu_percent": health.cpu, "memory_percent": health.memory}
    metadata |= {f"disk_percent_{name}": share for name, share in health.disks.items()}
    for index, gpu in enumerate(health.gpus):
        metadata |= {
            f"gpu{index}_percent": gpu.utilization,
            f"gpu{index}_memory_percent": gpu.memory_percent,
            f"gpu{index}_celsius": gpu.temperature,
        }
    metadata["concerns"] = dg.MetadataValue.text(" ".join(worries) or "none")
    return dg.SensorResult(
        asset_events=[dg.AssetObservation(system_status.key, metadata=metadata)], cursor=json.dumps(sorted(subjects))
    )
