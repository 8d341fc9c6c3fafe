"""deploy/compose: two projects in containers of their own, one of them killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample import Sample
from support.deployment.engine import Engine, Images
from support.deployment.history import count, run_of, started
from support.deployment.stack import SAMPLE, Stack, running
from support.installation import Installation
from support.servers import wait_for
from tests.deploy.delivered import assert_two_delivered_once, documents
from tests.deploy.proxy import Proxy, proxy
from tests.pipeline.test_truth import (  # noqa: F401 - what is delivered is held against the truth
    test_a_face_is_found_where_there_is_one,
    test_a_video_without_sound_is_silent,
    test_diarization_error_is_below_ten_percent,
    test_every_cut_is_on_its_frame,
    test_every_document_has_every_frame,
    test_other_files_are_delivered_and_junk_is_not,
    test_video_is_constant_25_fps_with_the_true_number_of_frames,
    video,
)

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture(scope="module")
def stack(
    docker: Engine,
    images: Images,
    tmp_path_factory: pytest.TempPathFactory,
    model_store: ModelStore,
    sample: Sample,
    small_archive: Path,
) -> Iterator[Stack]:
    with running(docker, images, tmp_path_factory.mktemp("compose"), model_store.folder) as stack:
        stack.drop(sample.archive)
        stack.drop(small_archive)
        with stack.instance() as instance:
            wait_for("faces", lambda: started(instance, run_of(instance, SAMPLE), "tracking_json"), 2400)
            killed = run_of(instance, SAMPLE)
            assert killed is not None
            stack.kill(stack.run_container(killed.run_id))
            reports = stack.data / "reports"
            wait_for("both reports", lambda: len(list(reports.glob("*/report.html"))) == 2, 2400)
            wait_for("the end of all runs", lambda: all(run.is_finished for run in instance.get_runs()))
        yield stack


@pytest.fixture(scope="module")
def processed(stack: Stack) -> Installation:
    return stack.project(SAMPLE)


def test_the_killed_run_is_finished_by_another_one(stack: Stack) -> None:
    with stack.instance() as instance:
        retry = run_of(instance, SAMPLE)
        assert retry is not None
        assert retry.status is dg.DagsterRunStatus.SUCCESS
        killed = instance.get_run_by_id(retry.parent_run_id or "")
        assert killed is not None
        assert killed.status is dg.DagsterRunStatus.FAILURE
        for step in ("source_archive", "extracted_archive", "video_25fps", "scenes_csv", "audio_json"):
            assert count(instance, killed.run_id, step, dg.DagsterEventType.STEP_SUCCESS) == 1
            assert count(instance, retry.run_id, step, dg.DagsterEventType.STEP_START) == 0
        assert count(instance, retry.run_id, "tracking_json", dg.DagsterEventType.STEP_SUCCESS) == 1


def test_each_project_is_delivered_once(stack: Stack) -> None:
    assert_two_delivered_once(stack)


def test_every_run_had_its_own_container(stack: Stack) -> None:
    with stack.instance() as instance:
        runs = {run.run_id for run in instance.get_runs()}
    containers = stack.containers("label=dagster/run_id", everything=True)
    label = '{{index .Config.Labels "dagster/run_id"}}'
    assert {stack.engine.docker("inspect", "--format", label, name) for name in containers} == runs


def test_what_is_delivered_is_what_one_machine_delivers(stack: Stack, one_machine: dict[str, str]) -> None:
    assert documents(stack.project(SAMPLE).delivered()) == one_machine


def test_no_password_is_in_what_dagster_stores(stack: Stack) -> None:
    assert stack.leaks() == []


@pytest.fixture(scope="module")
def site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxy(stack, tmp_path_factory.mktemp("proxy")) as site:
        yield site


def test_the_proxy_shows_the_ui_and_the_reports_after_a_login(stack: Stack, site: Proxy) -> None:
    for path in ("/", f"/reports/{stack.project(SAMPLE).key}/report.html"):
        assert site.get(path).status_code == 401
        assert site.get(path, ("camille", "wrong")).status_code == 401
        assert site.get(path, site.login).status_code == 200
    assert site.graphql("{ version }") == {"version": dg.__version__}


def test_whoever_comes_through_the_proxy_can_change_nothing(site: Proxy) -> None:
    selector = '{repositoryName: "__repository__", repositoryLocationName: "mediaflow"}'
    where = f'repositorySelector: {selector}, partitionsDefName: "projects", partitionKey: "new"'
    answer = site.graphql(f"mutation {{ addDynamicPartition({where}) {{ __typename }} }}")
    assert answer == {"addDynamicPartition": {"__typename": "UnauthorizedError"}}
