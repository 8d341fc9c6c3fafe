"""Dagster's database when another program has it locked: waited for, then said in a sentence, with the run closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

import dagster as dg
import pytest
import sqlalchemy

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.orchestration.instance import close_runs_of_this_process, database_errors, open_instance
from mediaflow_assets.orchestration.patient_sqlite import wait_for_locked_databases
from mediaflow_assets.orchestration.run_process import PROCESS_TAG, this_process
from mediaflow_assets.settings import Settings

RUNS = Path("dagster") / "history" / "runs.db"


@contextmanager
def locked(database: Path, seconds: float) -> Iterator[None]:
    """Nobody else can write to it for some seconds."""
    with closing(sqlite3.connect(database, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        timer = Timer(seconds, other.execute, ["ROLLBACK"])
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            if other.in_transaction:
                other.execute("ROLLBACK")


@pytest.mark.slow
def test_a_lock_of_seconds_is_waited_for(tmp_path: Path) -> None:
    with open_instance(Settings.load()) as instance, locked(tmp_path / "home" / RUNS, 8):  # SQLite's own 5 s are over
        instance.add_run(dg.DagsterRun(job_name="process_project"))
        assert len(instance.get_runs()) == 1


def test_it_is_said_in_a_sentence_and_the_run_is_closed(tmp_path: Path) -> None:
    def no_patience(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA busy_timeout=100")

    with open_instance(Settings.load()) as instance:
        tags = {PROCESS_TAG: this_process()}
        run = dg.DagsterRun(job_name="process_project", status=dg.DagsterRunStatus.STARTED, tags=tags)
        instance.add_run(run)
        sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", no_patience)
        try:
            with (
                locked(tmp_path / "home" / RUNS, 600),
                pytest.raises(Unavailable, match=r"database is locked.*See docs/faults.md"),
                database_errors(tmp_path / "home" / "dagster"),
            ):
                instance.add_run(dg.DagsterRun(job_name="process_project"))
            close_runs_of_this_process(instance, "It was locked.")
        finally:
            sqlalchemy.event.remove(sqlalchemy.engine.Engine, "connect", no_patience)
        closed = instance.get_run_by_id(run.run_id)
        assert closed is not None
        assert closed.status is dg.DagsterRunStatus.FAILURE


def test_every_process_of_ours_waits() -> None:
    wait_for_locked_databases()
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("PRAGMA busy_timeout")).scalar() == 30_000
