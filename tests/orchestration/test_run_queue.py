"""The switch of the run queue, and for what a run waits."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import dagster as dg
import pytest
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.orchestration.dagster_internals import SubmitRunContext
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.orchestration.pools import INFERENCE
from mediaflow_assets.orchestration.project_states import unfinished_runs
from mediaflow_assets.orchestration.run_queue import SENSOR, RunQueue, is_paused
from mediaflow_assets.sensors.run_queue import run_queue_sensor
from mediaflow_assets.settings import Settings


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with open_instance(Settings.load()) as opened:
        opened.add_dynamic_partitions("projects", ["a", "b", "c", "d", "e"])
        yield opened


def most(instance: dg.DagsterInstance) -> int:
    """Runs that may be at work, as the daemon asks before each look at the queue."""
    config = instance.get_concurrency_config().run_queue_config
    assert config is not None
    return int(config.max_concurrent_runs)


def run(instance: dg.DagsterInstance, key: str, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
    origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__")
    all_tags = {"dagster/partition": key, **tags}
    return create_run_for_test(
        instance, status=status, tags=all_tags, remote_job_origin=origin.get_job_origin("process_project")
    )


def waits_for(instance: dg.DagsterInstance, key: str) -> str:
    return unfinished_runs(instance)[key].waits_for


def test_a_paused_queue_starts_nothing_until_it_goes_on(instance: dg.DagsterInstance) -> None:
    allowed = most(instance)
    assert allowed > 0
    limits = instance.get_concurrency_config().run_queue_config
    assert limits is not None
    assert {rule["key"] for rule in limits.tag_concurrency_limits or ()} >= {"mediaflow/project", "dagster/backfill"}
    run(instance, "a", dg.DagsterRunStatus.QUEUED)
    for command, text, paused in (
        ("pause", "is paused", True),
        ("pause", "was paused already", True),
        ("resume", "goes on", False),
        ("resume", "was not paused", False),
    ):
        assert text in CliRunner().invoke(app, [command]).stdout
        assert is_paused(instance) is paused
        assert most(instance) == (0 if paused else allowed)
        assert ("mediaflow resume" in waits_for(instance, "a")) is paused


def test_the_switch_is_a_sensor_of_the_ui() -> None:
    assert run_queue_sensor.name == SENSOR
    assert run_queue_sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_a_run_in_the_queue_says_for_what(instance: dg.DagsterInstance) -> None:
    run(instance, "a", dg.DagsterRunStatus.QUEUED)
    assert waits_for(instance, "a") == ""
    run(instance, "b", dg.DagsterRunStatus.STARTED, **{"dagster/backfill": "one"})
    run(instance, "c", dg.DagsterRunStatus.STARTED, **{"dagster/backfill": "one"})
    run(instance, "d", dg.DagsterRunStatus.QUEUED, **{"dagster/backfill": "one"})
    assert waits_for(instance, "d") in ("It waits for the run of b, c.", "It waits for the run of c, b.")
    allowed = most(instance)
    for _ in range(allowed - 2):
        run(instance, "e", dg.DagsterRunStatus.STARTED)
    assert waits_for(instance, "a") == f"{allowed} runs are at work, and no more may be."
    with dg.build_sensor_context(instance=instance) as context:
        tick = run_queue_sensor(context)
    assert isinstance(tick, dg.SkipReason)
    assert f"a: {allowed} runs are at work" in str(tick.skip_message)


def test_a_run_in_a_pool_says_who_has_the_place(instance: dg.DagsterInstance) -> None:
    instance.event_log_storage.set_concurrency_slots(INFERENCE, 1)
    has, waits = (run(instance, key, dg.DagsterRunStatus.STARTED) for key in ("a", "b"))
    with InstanceConcurrencyContext(instance, has) as one, InstanceConcurrencyContext(instance, waits) as two:
        assert one.claim(INFERENCE, "audio_json")
        assert not two.claim(INFERENCE, "tracking_json")
        assert waits_for(instance, "b") == "tracking_json waits for its turn (models), which a has."
        assert waits_for(instance, "a") == ""


def submit(instance: dg.DagsterInstance, key: str, config: dict[str, object], **tags: str) -> dg.DagsterRun:
    """As the UI, a sensor and the daemon do."""
    waiting = run(instance, key, dg.DagsterRunStatus.NOT_STARTED, **tags)
    told = waiting._replace(
        run_config={"ops": {"tracking_json": {"config": config}}},
        asset_selection=frozenset({dg.AssetKey("tracking_json")}),
    )
    with mock.MagicMock() as workspace:
        coordinator = instance.run_coordinator
        assert isinstance(coordinator, RunQueue)
        return coordinator.submit_run(SubmitRunContext(told, workspace))


def test_a_run_that_a_person_starts_is_queued_with_its_project_or_refused(instance: dg.DagsterInstance) -> None:
    queued = submit(instance, "a", {"FACES_MAX": 3})
    assert queued.status is dg.DagsterRunStatus.QUEUED
    assert queued.tags["mediaflow/project"] == "a"
    with pytest.raises(BadInput, match="settings of faces"):
        submit(instance, "b", {"FACES_MAX": -3})
    with pytest.raises(Unavailable, match=r"models fetch|is not installed"):
        submit(instance, "b", {"TRACKING_ENGINE": "insightface"})


def test_a_run_that_a_sensor_starts_fails_where_people_look(instance: dg.DagsterInstance) -> None:
    tags = {"mediaflow/origin": "inbox"}
    queued = submit(instance, "a", {"TRACKING_ENGINE": "insightface"}, **tags)
    assert queued.status is dg.DagsterRunStatus.QUEUED
