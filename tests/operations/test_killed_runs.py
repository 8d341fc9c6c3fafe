"""What is said of a run whose process is gone."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.operations.alerts import last_run
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.orchestration.run_launcher import GONE
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import project_failed
from mediaflow_assets.settings import Settings

LAUNCHED = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__"), "any")
KEY = "13_Camille_2026-11-21_10-00-00"


@pytest.mark.parametrize(
    ("origin", "goes_on"), [(LAUNCHED, "(it is started again by itself)"), (None, "Start it again to finish.")]
)
def test_it_is_one_sentence_and_what_comes_next(origin: RemoteJobOrigin | None, goes_on: str) -> None:
    settings = Settings.load(env_file=None)
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions("projects", [KEY])
        job = dg.job(name="any")(lambda: None)
        run = instance.create_run_for_job(job, tags={"dagster/partition": KEY}, remote_job_origin=origin)
        # As Dagster's monitoring reports what the launcher says.
        message = f"Detected run worker status FAILED: '{GONE}'. Marking run {run.run_id} as failed."
        instance.report_run_failed(run, message)
        failed = instance.get_run_by_id(run.run_id)
        assert failed is not None
        event = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)[-1].get_dagster_event()
        context = dg.build_run_status_sensor_context(
            "project_failed", event, instance, failed, resources={"workspace": Workspace()}
        )
        project_failed(context.for_run_failure())
    told = last_run(Layout(settings.folders).project(KEY).downloads)
    assert told is not None
    assert told.text == f"{GONE} {goes_on}"
