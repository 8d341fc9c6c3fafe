"""Whether the process of a launched run is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import psutil
import pytest
from dagster._core.events import EngineEventData

from mediaflow_assets.orchestration.dagster_internals import LAUNCHED_BY, WorkerStatus, process_of_run
from mediaflow_assets.orchestration.run_launcher import RunLauncher
from mediaflow_assets.orchestration.run_process import PROCESS_TAG, identity, is_alive, this_process


@pytest.fixture
def process() -> Iterator[psutil.Process]:
    """A process of another program."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.kill()
        child.wait()


@pytest.fixture
def launcher() -> Iterator[RunLauncher]:
    with dg.DagsterInstance.ephemeral() as instance:
        launcher = RunLauncher()
        launcher.register_instance(instance)
        yield launcher


def state_of(
    launcher: RunLauncher, tags: dict[str, str], pid: int | None = None, *, launched: bool = True
) -> WorkerStatus:
    """What is said of a run with ``tags`` whose process wrote ``pid`` into its first event."""
    tags = tags | ({LAUNCHED_BY: "{}"} if launched else {})
    run = launcher._instance.create_run_for_job(dg.job(name="any")(lambda: None), tags=tags)
    if pid is not None:
        told = EngineEventData.in_process(pid)
        launcher._instance.report_engine_event(f"Started process for run (pid: {pid}).", run, told)
    return launcher.check_run_worker_health(run).status


def test_a_run_whose_process_is_there_is_at_work(launcher: RunLauncher, process: psutil.Process) -> None:
    assert launcher.supports_check_run_worker_health
    assert state_of(launcher, {PROCESS_TAG: identity(process)}) is WorkerStatus.RUNNING


def test_a_run_whose_process_was_killed_has_failed(launcher: RunLauncher, process: psutil.Process) -> None:
    told = identity(process)
    process.kill()
    # Its parent has not asked for its exit status yet: it is a zombie.
    assert state_of(launcher, {PROCESS_TAG: told}) is WorkerStatus.FAILED
    process.wait()
    assert state_of(launcher, {PROCESS_TAG: told}) is WorkerStatus.FAILED


def earlier(identity: str, seconds: float) -> str:
    """Of a process with the same pid that was started before."""
    place, start = identity.rsplit(":", 1)
    return f"{place}:{float(start) - seconds:.2f}"


def test_another_process_with_the_same_pid_is_not_the_run(launcher: RunLauncher) -> None:
    assert state_of(launcher, {PROCESS_TAG: earlier(this_process(), 5)}) is WorkerStatus.FAILED


def test_the_kernel_tells_when_it_booted_in_whole_seconds(launcher: RunLauncher) -> None:
    """So between two looks the same process may seem to have started a second earlier or later."""
    for seconds in (-1, 1):
        assert state_of(launcher, {PROCESS_TAG: earlier(this_process(), seconds)}) is WorkerStatus.RUNNING


def test_a_container_that_is_made_anew_has_another_name(launcher: RunLauncher, process: psutil.Process) -> None:
    there = f"another:{identity(process).partition(':')[2]}"
    assert state_of(launcher, {PROCESS_TAG: there}) is WorkerStatus.RUNNING
    assert is_alive(there)
    process.kill()
    process.wait()
    assert state_of(launcher, {PROCESS_TAG: there}) is WorkerStatus.FAILED
    assert is_alive(there), "nothing is known of another machine's processes"


def test_a_run_of_mediaflow_run_is_left_to_the_next_start(launcher: RunLauncher) -> None:
    """Which says what became of it; it may as well be at work on another machine."""
    assert state_of(launcher, {PROCESS_TAG: earlier(this_process(), 5)}, launched=False) is WorkerStatus.RUNNING


@pytest.mark.parametrize("tags", [{}, {PROCESS_TAG: ""}])
def test_a_run_of_an_earlier_version_is_known_by_the_pid_in_its_first_event(
    launcher: RunLauncher, process: psutil.Process, tags: dict[str, str]
) -> None:
    assert state_of(launcher, tags) is WorkerStatus.RUNNING, "nothing is known of it"
    assert state_of(launcher, tags, process.pid) is WorkerStatus.RUNNING
    process.kill()
    process.wait()
    assert state_of(launcher, tags, process.pid) is WorkerStatus.FAILED


def test_the_pid_of_a_run_is_read_from_its_first_event(launcher: RunLauncher) -> None:
    instance = launcher._instance
    run = instance.create_run_for_job(dg.job(name="any")(lambda: None))
    assert process_of_run(instance, run.run_id) is None
    instance.report_engine_event("Something else.", run, EngineEventData.in_process(7))
    instance.report_engine_event("Started process for run (pid: 42).", run, EngineEventData.in_process(42))
    assert process_of_run(instance, run.run_id) == 42
