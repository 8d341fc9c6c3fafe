"""A clock that is set: the time of day decides names, never whether something runs."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import psutil
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    SensorInstigatorData,
    SensorType,
)
from dagster._daemon.sensor import get_elapsed

from mediaflow_assets.intake import naming
from mediaflow_assets.orchestration import instance as installation
from mediaflow_assets.orchestration.run_process import PROCESS_TAG, this_process
from mediaflow_assets.settings import Settings
from tests.faults.project import Small


def test_a_run_is_not_taken_for_dead_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        tags = {PROCESS_TAG: this_process()}
        run = instance.create_run_for_job(dg.job(name="alive")(lambda: None), tags=tags)
        booted = psutil.boot_time()
        for jump in (-36_000, 1, 36_000):
            # What the kernel reports as the time of its start moves with the clock.
            monkeypatch.setattr("psutil._pslinux.boot_time", lambda jump=jump: booted + jump)
            monkeypatch.setattr("psutil.boot_time", lambda jump=jump: booted + jump)
            assert installation.end_dead_runs(instance) == []
        instance.add_run_tags(run.run_id, {PROCESS_TAG: _of_a_dead_process()})
        assert installation.end_dead_runs(instance) == [run.run_id]


def _of_a_dead_process() -> str:
    """This process's identity with another start."""
    head, _, start = this_process().rpartition(":")
    return f"{head}:{float(start) - 5:.2f}"


def test_sensors_wake_up_after_the_clock_went_back() -> None:
    settings = Settings.load(env_file=None)
    with installation.open_instance(settings) as instance:
        origin = RemoteInstigatorOrigin(
            repository_origin=RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__"),
            instigator_name="webhook",
        )
        data = SensorInstigatorData(
            last_tick_timestamp=time.time() + 36_000, cursor="kept", sensor_type=SensorType.STANDARD
        )
        state = InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, data)
        instance.add_instigator_state(state)
        assert get_elapsed(state) < 0, "Dagster would wait for ten hours"
    with installation.open_instance(settings) as instance:
        (state,) = instance.all_instigator_state()
        assert get_elapsed(state) >= 0
        assert state.sensor_instigator_data.cursor == "kept"


def test_two_uploads_at_the_same_second_after_the_clock_went_back() -> None:
    now = datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    first = naming.partition_key("34 Camille", now, 1)
    again = naming.partition_key("34 Camille", now + timedelta(hours=1) - timedelta(hours=1), 2)
    assert first != again


def test_files_from_the_future_and_the_past_are_reused_by_their_content(project: Small, undisturbed: Small) -> None:
    future = time.time() + 10 * 365 * 86_400
    for path in project.folders.work.rglob("*"):
        if path.is_file() and ".records" not in path.parts:
            os.utime(path, (future, future))
    before = {path: path.stat().st_mtime for path in project.folders.video.glob("*.mp4")}
    assert project.run().problems == {}
    assert {path: path.stat().st_mtime for path in before} == before, "nothing was made again"
    assert project.delivered() == undisturbed.delivered()
