"""deploy/celery: steps on four workers; a run is killed while a worker is at its step, then a worker at faces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample import Sample
from support.deployment.engine import Engine, Images
from support.deployment.history import count, materializations, run_of, started, workers
from support.deployment.stack import CELERY, SAMPLE, SMALL, Stack, running
from support.servers import wait_for
from tests.deploy.delivered import assert_two_delivered_once, documents

pytestmark = pytest.mark.timeout(7200)

HEAVY = {
    "video_25fps": "encoding@encoding",
    "scenes_csv": "inference@",
    "audio_json": "inference@",
    "tracking_json": "inference@",
}
"""Steps that have a queue of their own, and how their workers are called."""
VIDEOS = 3
"""In the sample project."""
RECORDS = ".records/*.json"
"""In the folder of a stage: one for each video that is ready."""


@pytest.fixture(scope="module")
def stack(
    docker: Engine,
    images: Images,
    tmp_path_factory: pytest.TempPathFactory,
    model_store: ModelStore,
    sample: Sample,
    small_archive: Path,
) -> Iterator[Stack]:
    with running(docker, images, tmp_path_factory.mktemp("celery"), model_store.folder, *CELERY) as stack:
        stack.drop(sample.archive)
        stack.drop(small_archive)
        with stack.instance() as instance:
            wait_for("scenes", lambda: started(instance, run_of(instance, SAMPLE), "scenes_csv"), 2400)
            first = run_of(instance, SAMPLE)
            assert first is not None
            stack.kill(stack.run_container(first.run_id))
            wait_for("faces of one video", lambda: list(stack.project(SAMPLE).project().tracking.glob(RECORDS)), 2400)
            run = run_of(instance, SAMPLE)
            assert run is not None
            (worker,) = workers(instance, run.run_id, "tracking_json")
            stack.kill(stack.container_of(worker.partition("@")[2]))
            reports = stack.data / "reports"
            wait_for("both reports", lambda: len(list(reports.glob("*/report.html"))) == 2, 2400)
            wait_for("the end of all runs", lambda: all(run.is_finished for run in instance.get_runs()))
        yield stack


def test_the_step_of_the_killed_worker_is_done_by_the_other_one(stack: Stack) -> None:
    with stack.instance() as instance:
        run = run_of(instance, SAMPLE)
        assert run is not None
        killed, other = workers(instance, run.run_id, "tracking_json")
        assert {killed, other} == {"inference@inference", "inference@inference-2"}
        assert count(instance, run.run_id, "tracking_json", dg.DagsterEventType.STEP_SUCCESS) == 1
        (ready,) = materializations(instance, run, "tracking_json")
    assert ready["reused"] >= 1
    assert ready["made"] + ready["reused"] == VIDEOS


def test_the_killed_run_is_finished_by_another_one(stack: Stack) -> None:
    with stack.instance() as instance:
        retry = run_of(instance, SAMPLE)
        assert retry is not None
        killed = instance.get_run_by_id(retry.parent_run_id or "")
        assert killed is not None
        assert killed.status is dg.DagsterRunStatus.FAILURE
        for step in ("source_archive", "extracted_archive", "video_25fps"):
            assert count(instance, retry.run_id, step, dg.DagsterEventType.STEP_START) == 0


def test_what_workers_did_for_the_killed_run_is_not_done_again(stack: Stack) -> None:
    with stack.instance() as instance:
        run = run_of(instance, SAMPLE)
        assert run is not None
        for step in ("video_25fps", "scenes_csv", "audio_json"):
            assert sum(ready["made"] for ready in materializations(instance, run, step)) == VIDEOS, step


def test_each_project_is_delivered_once(stack: Stack) -> None:
    assert_two_delivered_once(stack)


def test_steps_go_to_the_workers_of_their_queue(stack: Stack) -> None:
    with stack.instance() as instance:
        run = run_of(instance, SMALL)
        assert run is not None
        for step in ("source_archive", "extracted_archive", *HEAVY, "reduced_json", "finalized_project"):
            (worker,) = workers(instance, run.run_id, step)
            assert worker.startswith(HEAVY.get(step, "general@general")), step


def test_what_is_delivered_is_what_one_machine_delivers(stack: Stack, one_machine: dict[str, str]) -> None:
    assert documents(stack.project(SAMPLE).delivered()) == one_machine


def test_no_password_is_in_what_dagster_stores(stack: Stack) -> None:
    assert stack.leaks() == []
