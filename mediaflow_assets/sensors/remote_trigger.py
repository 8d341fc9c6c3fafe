"""The remote trigger sensor: carries out each authenticated command once; off by default."""

import dagster as dg

from mediaflow_assets.jobs import process_project
from mediaflow_assets.operations.remote_trigger import fetch_command
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.resources.workspace import Workspace


@dg.sensor(
    job=process_project,
    name="remote_trigger",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Polls REMOTE_TRIGGER_URL for an authenticated command; off while its settings are not set.",
)
def remote_trigger_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult | dg.SkipReason:
    """Start the projects that a command names, or every project that is not delivered."""
    settings = workspace.settings.operations
    if not settings.remote_trigger_url or settings.remote_trigger_token is None:
        return dg.SkipReason("off: REMOTE_TRIGGER_URL and REMOTE_TRIGGER_TOKEN are not set")
    token = settings.remote_trigger_token.get_secret_value()
    intake = workspace.settings.intake
    command = fetch_command(
        settings.remote_trigger_url, token, intake.webhook_timeout, use_environment=intake.use_environment
    )
    if command is None:
        return dg.SkipReason("no command is pending")
    if command.id == context.cursor:
        return dg.SkipReason(f"command {command.id} has been carried out")
    known = set(context.instance.get_dynamic_partitions(str(projects.name)))
    undelivered = [
        upload.project for upload in workspace.history.all() if upload.state not in ("delivered", "to approve")
    ]
    wanted = list(dict.fromkeys(command.projects or undelivered))
    for key in wanted:
        if key not in known:
            context.log.warning(f"command {command.id} names {key!r}, which is no project")
    requests = [
        dg.RunRequest(
            run_key=f"remote:{command.id}:{key}",
            partition_key=key,
            tags={"mediaflow/project": key, "mediaflow/origin": "remote"},
        )
        for key in wanted
        if key in known
    ]
    context.log.info(f"command {command.id}: {len(requests)} projects")
    return dg.SensorResult(run_requests=requests, cursor=command.id)
