"""Dagster's own folder, prepared so that nobody has to think of it.

Dagster reads ``dagster.yaml`` only from ``$DAGSTER_HOME``. This module puts the project's file
there, sets the variable, sets the sizes of the pools (they live in Dagster's database, not in the
file), and ends runs whose process no longer exists.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.intake.foreign import refuse_foreign_projects
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.orchestration import pools
from mediaflow_assets.orchestration.ended_runs import Ended, RunFacts, remember
from mediaflow_assets.orchestration.patient_sqlite import wait_for_locked_databases
from mediaflow_assets.orchestration.run_process import GONE, PROCESS_TAG, is_alive, this_process
from mediaflow_assets.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

KILLED = "The process of this run was killed; start it again to finish."
_SAME_TIME = 60.0
"""Seconds that a running daemon may be ahead of us, which is never much on one machine."""


def prepare(settings: Settings) -> Path:
    """Make the folder ready and point this process and its children to it.

    Raises:
        BadInput: the work folder is another application's.
    """
    layout = Layout(settings.folders)
    refuse_foreign_projects(layout)
    os.umask(int(settings.folders.umask, 8))
    home = layout.dagster
    home.mkdir(parents=True, exist_ok=True)
    ours = (settings.folders.dagster_yaml or installed("dagster.yaml")).read_text(encoding="utf-8")
    target = home / "dagster.yaml"
    if not target.exists() or target.read_text(encoding="utf-8") != ours:
        write_atomic(target, ours)
    os.environ["DAGSTER_HOME"] = str(home)
    # Children may have another working directory: relative folders must mean the same there.
    os.environ["MEDIAFLOW_HOME"] = str(layout.home)
    telemetry_off()
    return home


def installed(name: str) -> Path:
    """``dagster.yaml`` or ``workspace.yaml`` of this installation.

    They lie at the root of the repository, where Dagster people look for them; ``setup.py`` copies them into the
    package of a wheel.
    """
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / name, package.parent / name):
        if candidate.exists():
            return candidate
    raise Unavailable(name, "is missing from the installation", "Install mediaflow-assets again")


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance of this installation, with pools sized and dead runs ended.

    Raises:
        Unavailable: Dagster's database is damaged, locked, not there, or where it cannot be.
    """
    import dagster as dg

    from mediaflow_assets.orchestration.former_steps import retry_former_runs_whole

    _refuse_what_no_address_can_have(Layout(settings.folders).dagster)
    home = prepare(settings)
    wait_for_locked_databases()
    with database_errors(home):
        instance = dg.DagsterInstance.get()
        for name, limit in pools.limits(settings.compute, settings.cluster).items():
            instance.event_log_storage.set_concurrency_slots(name, limit)
        _tell_of_killed(instance, end_dead_runs(instance), settings)
        retry_former_runs_whole(instance)
        wake_sensors(instance)
    return instance


def _refuse_what_no_address_can_have(home: Path) -> None:
    """Dagster makes the address of its database of the path as it is, and ``%20`` or ``?`` mean something there.

    Raises:
        Unavailable: the path has one of them.
    """
    if found := [char for char in "%?" if char in str(home)]:
        problem = f"has {' and '.join(found)} in its path, with which Dagster's database cannot be opened"
        raise Unavailable(home, problem, "Set MEDIAFLOW_DAGSTER_HOME to a folder without; the rest may stay")


@contextlib.contextmanager
def database_errors(home: Path) -> Iterator[None]:
    """Turn what is wrong with Dagster's database into a sentence.

    Raises:
        Unavailable: it is damaged, locked for longer than is waited for, or not there.
    """
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except DatabaseError as error:
        # Not the whole text: it holds the statement, and the address of a PostgreSQL.
        reason = str(error.orig).strip().splitlines()[0]
        raise Unavailable(
            home, f"holds a database of Dagster that cannot be used ({reason})", "See docs/faults.md, or restore it"
        ) from error


def close_runs_of_this_process(instance: dg.DagsterInstance, why: str) -> None:
    """End the runs that this process began and cannot go on with; if even that fails, the next start does it."""
    import dagster as dg
    from sqlalchemy.exc import DatabaseError

    with contextlib.suppress(DatabaseError):
        for run in instance.get_runs(dg.RunsFilter(tags={PROCESS_TAG: this_process()})):
            if not run.is_finished:
                instance.report_run_failed(run, message=why)
                instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _tell_of_killed(instance: dg.DagsterInstance, run_ids: Sequence[str], settings: Settings) -> None:
    """In the states of their projects; the daemon, which would say it too, may not run."""
    layout = Layout(settings.folders)
    history = open_history(settings.intake, layout.state)
    for run_id in run_ids:
        run = instance.get_run_by_id(run_id)
        key = run.tags.get("dagster/partition") if run else None
        if run and key:
            remember(layout, history, key, Ended("project_failed", _why(run)), RunFacts(run_id, run.job_name))


def _why(run: dg.DagsterRun) -> str:
    """Why a run whose process is gone has failed; one that the daemon launched is started again by it."""
    from mediaflow_assets.orchestration.dagster_internals import LAUNCHED_BY

    return GONE if LAUNCHED_BY in run.tags else KILLED


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, and free their pool slots.

    Dagster's run monitoring does the same, but only of runs that its launcher started, and while the daemon is there.
    """
    import dagster as dg

    from mediaflow_assets.orchestration.dagster_internals import LAUNCHED_BY

    active = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.NOT_STARTED]
    ended = []
    for run in instance.get_runs(dg.RunsFilter(statuses=active)):
        process = run.tags.get(PROCESS_TAG)
        if not process or is_alive(process):
            continue
        if LAUNCHED_BY in run.tags and run.status is not dg.DagsterRunStatus.STARTED:
            continue  # one that is started again has the tags of the one before until it is launched
        instance.report_run_failed(run, message=_why(run))
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        ended.append(run.run_id)
    return ended


def wake_sensors(instance: dg.DagsterInstance) -> list[str]:
    """Let sensors tick again whose last tick lies in the future, and return their names.

    After a clock was set back, Dagster waits until the time of the last tick has come again.
    """
    now = time.time()
    woken = []
    for state in instance.all_instigator_state():
        data = state.sensor_instigator_data
        if data is None:
            continue
        last = max(data.last_tick_timestamp or 0.0, data.last_tick_start_timestamp or 0.0)
        if last > now + _SAME_TIME:
            calm = data._replace(last_tick_timestamp=now, last_tick_start_timestamp=now)
            instance.update_instigator_state(state.with_data(calm))
            woken.append(state.instigator_name)
    return woken
