"""Alert sensors: what became of each run, in the project's files and at ALERT_URL."""

from collections.abc import Sequence

import dagster as dg

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.operations.alerts import Alert, mask, post
from mediaflow_assets.orchestration.ended_runs import Ended, RunFacts, how_it_ended, remember
from mediaflow_assets.orchestration.missed_retries import is_retried, look_again_if_missed
from mediaflow_assets.orchestration.partitions import projects, projects_of
from mediaflow_assets.orchestration.project_states import project_state, unfinished_runs, write_state
from mediaflow_assets.orchestration.run_process import GONE
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.settings import Settings, secrets


@dg.run_failure_sensor(name="project_failed", default_status=dg.DefaultSensorStatus.RUNNING)
def project_failed(context: dg.RunFailureSensorContext, workspace: Workspace) -> None:
    """A run failed: says at which stage and why. A delivery that waits for a person says for which video."""
    failures = [(event.step_key or "", event.step_failure_data) for event in context.get_step_failure_events()]
    message = context.failure_event.message or "it failed"
    gone = GONE in message  # among Dagster's own words
    ended = how_it_ended(failures, GONE if gone else message)
    if is_retried(context.dagster_run):
        look_again_if_missed(context.instance, context.dagster_run.run_id)
        ended = ended._replace(text=f"{ended.text} (it is started again by itself)")
    elif gone:
        ended = ended._replace(text=f"{ended.text} Start it again to finish.")
    _tell(context, workspace, ended)


@dg.run_status_sensor(
    name="project_finished", run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING
)
def project_finished(context: dg.RunStatusSensorContext, workspace: Workspace) -> None:
    """A run ended well: says where the delivery and the report are, how long it took, and what is left out."""
    _tell(context, workspace, Ended("project_finished", "The run ended well."))


@dg.run_status_sensor(
    name="project_canceled", run_status=dg.DagsterRunStatus.CANCELED, default_status=dg.DefaultSensorStatus.RUNNING
)
def project_canceled(context: dg.RunStatusSensorContext, workspace: Workspace) -> None:
    """A run was canceled by a person."""
    _tell(context, workspace, Ended("project_canceled", "The run was canceled."))


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


def _tell(context: dg.RunStatusSensorContext, workspace: Workspace, ended: Ended) -> None:
    run = context.dagster_run
    keys = projects_of(run, context.instance.get_dynamic_partitions(str(projects.name)))
    if not keys:
        context.log.info(f"run {run.run_id} is of no project: {ended.event}")
    still = unfinished_runs(context.instance)
    record = context.instance.get_run_record_by_id(run.run_id)
    seconds = round(record.end_time - record.start_time) if record and record.end_time and record.start_time else None
    masked = ended._replace(text=mask(ended.text, secrets(workspace.settings)))
    facts = RunFacts(run.run_id, run.job_name, seconds)
    for key in keys:
        alert = remember(workspace.layout, workspace.history, key, masked, facts, still.get(key))
        send(alert, workspace, context)


def ask_for_approval(context: dg.SensorEvaluationContext, workspace: Workspace, keys: Sequence[str]) -> None:
    """One alert for each new project that waits for a person, and its state."""
    for key in keys:
        write_state(workspace.layout, workspace.history, key)
        status = project_state(workspace.layout, key, workspace.history.of_project(key))
        alert = Alert(
            event="project_waits",
            at=status.updated_at,
            project=key,
            text=f"{status.name}: {status.sentence}",
            details={"name": status.name, "state": status.state},
        )
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
