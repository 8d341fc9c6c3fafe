"""Alert sensors: what became of each run, in the project's status file and at ALERT_URL."""

from datetime import UTC, datetime

import dagster as dg

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.operations.alerts import Alert, Event, mask, post, write_status
from mediaflow_assets.orchestration.dagster_internals import is_waiting, reason
from mediaflow_assets.orchestration.partitions import projects, projects_of
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.settings import Settings, secrets


@dg.run_failure_sensor(name="project_failed", default_status=dg.DefaultSensorStatus.RUNNING)
def project_failed(context: dg.RunFailureSensorContext, workspace: Workspace) -> None:
    """A run failed: says at which stage and why. A delivery that waits for a person says for which video."""
    failures = [(event.step_key, event.step_failure_data) for event in context.get_step_failure_events()]
    text = (
        " | ".join(f"{step}: {reason(data)}" for step, data in failures) or context.failure_event.message or "it failed"
    )
    if failures and all(is_waiting(data) for _, data in failures):
        _tell(context, workspace, "project_waits", " | ".join(reason(data) for _, data in failures))
        return
    if context.dagster_run.tags.get("dagster/will_retry") == "true":
        text += " (it is started again by itself)"
    _tell(context, workspace, "project_failed", text)


@dg.run_status_sensor(
    name="project_finished", run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING
)
def project_finished(context: dg.RunStatusSensorContext, workspace: Workspace) -> None:
    """A run ended well; says what is left out of the delivery."""
    _tell(context, workspace, "project_finished", "The run ended well.")


@dg.run_status_sensor(
    name="project_canceled", run_status=dg.DagsterRunStatus.CANCELED, default_status=dg.DefaultSensorStatus.RUNNING
)
def project_canceled(context: dg.RunStatusSensorContext, workspace: Workspace) -> None:
    """A run was canceled by a person."""
    _tell(context, workspace, "project_canceled", "The run was canceled.")


def email_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """Dagster's own e-mail sensor, when a sender and receivers are set."""
    mail = settings.operations
    if not mail.email_from or not mail.email_to:
        return []
    return [
        dg.make_email_on_run_failure_sensor(
            email_from=mail.email_from,
            email_password=mail.smtp_password.get_secret_value() if mail.smtp_password else "",
            email_to=list(mail.email_to),
            smtp_host=mail.smtp_host,
            smtp_port=mail.smtp_port,
            smtp_user=mail.smtp_user,
            name="email_on_failure",
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]


def _tell(context: dg.RunStatusSensorContext, workspace: Workspace, event: Event, text: str) -> None:
    run = context.dagster_run
    keys = projects_of(run, context.instance.get_dynamic_partitions(str(projects.name)))
    if not keys:
        context.log.info(f"run {run.run_id} is of no project: {event}")
    for key in keys:
        record = DeliveryRecords(workspace.layout.state).get(key) if event == "project_finished" else None
        without = record.without if record else ""
        alert = Alert(
            event=event,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            project=key,
            run_id=run.run_id,
            text=mask(f"{text} Delivered without: {without}" if without else text, secrets(workspace.settings)),
            details={"job": run.job_name, **({"left_out": without} if without else {})},
        )
        write_status(workspace.project(key).downloads, alert)
        send(alert, workspace, context)


def send(alert: Alert, workspace: Workspace, context: dg.RunStatusSensorContext | dg.SensorEvaluationContext) -> None:
    """Post an alert if a URL is set; one that cannot be posted is in the tick's log, and no more is lost."""
    settings = workspace.settings.operations
    if settings.alert_url is None:
        context.log.info(f"{alert.event}: {alert.text} (ALERT_URL is not set)")
        return
    try:
        post(alert, settings.alert_url.get_secret_value(), settings.alert_timeout)
        context.log.info(f"posted {alert.event}")
    except MediaflowError as error:
        context.log.error(error.sentence)
