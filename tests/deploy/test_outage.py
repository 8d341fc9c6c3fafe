"""deploy/celery while its servers crash, and while a person ends a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import requests

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.storyboard import B_ROLL, SILENT, Film
from support.deployment.engine import Engine, Images
from support.deployment.history import materializations, run_of, started
from support.deployment.stack import CELERY, Stack, running
from support.servers import wait_for
from tests.deploy.films import BACKWARDS, packed

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture(scope="module")
def stack(
    docker: Engine, images: Images, tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore
) -> Iterator[Stack]:
    with running(docker, images, tmp_path_factory.mktemp("outage"), model_store.folder, *CELERY) as stack:
        yield stack


def at_scenes(stack: Stack, instance: dg.DagsterInstance, archive: Path, film: Film) -> str:
    """A new project of one film, whose scenes a worker is looking for; the start of its key."""
    stack.drop(packed(film, archive))
    key = archive.name[:10]
    wait_for("scenes", lambda: started(instance, run_of(instance, key), "scenes_csv"), 2400)
    return key


def delivered(stack: Stack, instance: dg.DagsterInstance, key: str) -> dg.DagsterRun:
    """The run that ended with a delivery and a report; nothing is at work any more."""
    reports = stack.data / "reports"
    wait_for("the report", lambda: list(reports.glob(f"{key}*/report.html")), 2400)
    wait_for("the end of all runs", lambda: all(run.is_finished for run in instance.get_runs()))
    run = run_of(instance, key)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert stack.project(key).delivered().is_dir()
    return run


@pytest.mark.parametrize(
    ("server", "name", "film"), [("redis", "31_Camille_r.zip", SILENT), ("postgres", "32_Camille_p.zip", BACKWARDS)]
)
def test_a_project_is_delivered_though_a_server_crashes(
    stack: Stack, tmp_path: Path, server: str, name: str, film: Film
) -> None:
    with stack.instance() as instance:
        key = at_scenes(stack, instance, tmp_path / name, film)
        stack.crash(server)
        delivered(stack, instance, key)


def test_a_run_that_a_person_ends_leaves_its_step_to_the_next_run(stack: Stack, tmp_path: Path) -> None:
    with stack.instance() as instance:
        key = at_scenes(stack, instance, tmp_path / "33_Camille_ended.zip", B_ROLL)
        ended = run_of(instance, key)
        assert ended is not None
        mutation = f'mutation {{ terminateRun(runId: "{ended.run_id}") {{ __typename }} }}'
        answer = requests.post(f"http://{stack.address('webserver')}/graphql", json={"query": mutation}, timeout=60)
        assert answer.json()["data"]["terminateRun"]["__typename"] == "TerminateRunSuccess"
        wait_for("the end of the run", lambda: instance.get_runs(dg.RunsFilter([ended.run_id]))[0].is_finished, 600)
        stack.compose("exec", "-T", "code", "mediaflow", "backfill", stack.project(key).key)
        run = delivered(stack, instance, key)
        assert run.run_id != ended.run_id
        assert sum(ready["made"] for ready in materializations(instance, run, "scenes_csv")) == 1
