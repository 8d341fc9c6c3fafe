"""The health sensor: measures ``system_status`` without starting a run for it."""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg

from mediaflow_assets.operations.alerts import Alert
from mediaflow_assets.operations.health import concerns, look
from mediaflow_assets.operations.written_folders import written_folders
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import send

_FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(minutes=30), warn_window=timedelta(minutes=15))
"""Half an hour without a measurement means that the daemon or its sensors stand still."""

system_status = dg.AssetSpec(
    "system_status",
    group_name="operations",
    description="CPU, memory, disks and GPU of this machine, measured every five minutes; see its plots.",
    freshness_policy=_FRESH,
    owners=["team:media"],
    kinds={"linux"},
)


@dg.sensor(
    name="health",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=300,
    description="Measures system_status and alerts when a threshold is passed, once until it is over.",
)
def health_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Measure, record, and compare with the last time: only what is new is an alert."""
    settings = workspace.settings
    health = look(written_folders(workspace.layout, settings.delivery, settings.intake))
    worries = concerns(health, settings.operations)
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
    measured = dg.AssetMaterialization(system_status.key, metadata=metadata)
    return dg.SensorResult(asset_events=[measured], cursor=json.dumps(sorted(subjects)))
