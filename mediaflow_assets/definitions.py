"""The code location: everything that Dagster is told about."""

from __future__ import annotations

import dagster as dg

from mediaflow_assets.assets import (
    audio_json,
    corrections,
    extracted_archive,
    finalized_project,
    project_report,
    reduced_json,
    reframe_json,
    review_json,
    scenes_csv,
    source_archive,
    tracking_json,
    transcript_json,
    video_25fps,
)
from mediaflow_assets.assets.checks import one_step_per_asset
from mediaflow_assets.assets.each_project import backfill_policy
from mediaflow_assets.assets.monthly_report import monthly_report
from mediaflow_assets.core.garbage import collect_rarely
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.execution.devices import wait_passively
from mediaflow_assets.jobs import apply_corrections, process_project, report_month
from mediaflow_assets.orchestration.code_references import with_code_references
from mediaflow_assets.orchestration.dagster_internals import sleep_while_waiting
from mediaflow_assets.orchestration.executor import executor_for
from mediaflow_assets.orchestration.patient_sqlite import wait_for_locked_databases
from mediaflow_assets.resources.compute import Compute
from mediaflow_assets.resources.downloads import Downloads
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import email_sensors, project_canceled, project_failed, project_finished
from mediaflow_assets.sensors.corrections import corrections_sensor
from mediaflow_assets.sensors.health import health_sensor, system_status
from mediaflow_assets.sensors.inbox import inbox_sensor
from mediaflow_assets.sensors.remote_trigger import remote_trigger_sensor
from mediaflow_assets.sensors.run_queue import run_queue_sensor
from mediaflow_assets.sensors.schedules import monthly_report_schedule
from mediaflow_assets.sensors.webhook import webhook_links, webhook_sensor
from mediaflow_assets.settings import Settings

STAGES = [
    source_archive,
    extracted_archive,
    video_25fps,
    scenes_csv,
    audio_json,
    tracking_json,
    transcript_json,
    corrections,
    review_json,
    reduced_json,
    reframe_json,
    finalized_project,
    project_report,
]


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, jobs, sensors and resources."""
    telemetry_off()
    wait_passively()
    collect_rarely()
    sleep_while_waiting()
    wait_for_locked_databases()
    settings = Settings.load()
    workspace = Workspace()
    loaded = dg.load_assets_from_modules(STAGES, backfill_policy=backfill_policy(settings))
    stages = finalized_project.after_words(
        [asset for asset in loaded if isinstance(asset, dg.AssetsDefinition)], settings
    )
    return dg.Definitions(
        assets=[
            *with_code_references([*stages, monthly_report], settings.operations.code_url),
            system_status,
            webhook_links,
        ],
        asset_checks=one_step_per_asset(dg.load_asset_checks_from_modules(STAGES)),
        jobs=[process_project, apply_corrections, report_month],
        sensors=[
            webhook_sensor(settings.intake.webhook_interval),
            inbox_sensor,
            corrections_sensor,
            remote_trigger_sensor,
            project_failed,
            project_finished,
            project_canceled,
            health_sensor,
            run_queue_sensor,
            *email_sensors(settings),
        ],
        schedules=[monthly_report_schedule],
        resources={
            "workspace": workspace,
            "compute": Compute(workspace=workspace),
            "downloads": Downloads(workspace=workspace),
            "engines": Engines(),
        },
        executor=executor_for(settings.cluster),
    )
