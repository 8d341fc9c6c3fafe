"""What is said of a run whose process is gone."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.operations.alerts import last_run
from mediaflow_assets.orchestration.dagster_internals import LAUNCHED_BY
from mediaflow_assets.orchestration.instance import KILLED, end_dead_runs, open_instance
from mediaflow_assets.orchestration.run_process import GONE, PROCESS_TAG, this_process
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import project_failed
from mediaflow_assets.settings import Settings

LAUNCHED = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__"), "any")
KEY = "13_Camille_2026-11-21_10-00-00"


@pytest.mark.parametrize(
    ("retries", "goes_on"), [("3", "(it is started again by itself)"), ("0", "Start it again to finish.")]
)
def test_it_is_one_sentence_and_what_comes_next(retries: str, goes_on: str) -> None:
    settings = Settings.load(env_file=None)
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions("projects", [KEY])
        job = dg.job(name="any")(lambda: None)
        tags = {"dagster/partition": KEY, "dagster/max_retries": retries}
        run = instance.create_run_for_job(job, tags=tags, remote_job_origin=LAUNCHED)
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


@pytest.mark.parametrize(("tags", "said"), [({LAUNCHED_BY: "{}"}, GONE), ({}, KILLED)])
def test_the_next_start_says_it_before_the_daemon_does(tags: dict[str, str], said: str) -> None:
    """A run of the daemon goes on by itself, one of ``mediaflow run`` does not."""
    settings, status = Settings.load(env_file=None), dg.DagsterRunStatus.STARTED
    with open_instance(settings) as instance:
        place, start = this_process().rsplit(":", 1)
        dead = {PROCESS_TAG: f"{place}:{float(start) - 5:.2f}", "dagster/partition": KEY}
        run = instance.create_run_for_job(dg.job(name="any")(lambda: None), tags=tags | dead, status=status)
    with open_instance(settings) as instance:
        found = instance.get_run_by_id(run.run_id)
        assert found is not None and found.status is dg.DagsterRunStatus.FAILURE
    told = last_run(Layout(settings.folders).project(KEY).downloads)
    assert told is not None and told.text == said


def test_a_run_that_is_started_again_has_the_process_of_the_one_before_until_it_is_launched() -> None:
    settings = Settings.load(env_file=None)
    with open_instance(settings) as instance:
        place, start = this_process().rsplit(":", 1)
        tags = {PROCESS_TAG: f"{place}:{float(start) - 5:.2f}", LAUNCHED_BY: "{}"}
        job, starting = dg.job(name="any")(lambda: None), dg.DagsterRunStatus.STARTING
        run = instance.create_run_for_job(job, tags=tags, status=starting)
        assert end_dead_runs(instance) == []
        found = instance.get_run_by_id(run.run_id)
        assert found is not None and found.status is starting
