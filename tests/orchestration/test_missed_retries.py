"""A failed run that Dagster's daemon looked at before it had failed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG
from dagster._daemon.auto_run_reexecution.event_log_consumer import (
    DAGSTER_EVENT_TYPES,
    _fetch_persisted_cursors,
    _persist_cursors,
)

from mediaflow_assets.orchestration.missed_retries import RETRIED_BY, WILL_RETRY, is_retried, look_again_if_missed

FAILURE = dg.DagsterEventType.RUN_FAILURE


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """One that starts failed runs again, three times."""
    retries = {"run_retries": {"enabled": True, "max_retries": 3}}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=retries) as instance:
        yield instance


ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__"), "any")
"""Of a run that the daemon launched."""


def failed_run(instance: dg.DagsterInstance, origin: RemoteJobOrigin | None = ORIGIN) -> dg.DagsterRun:
    run = instance.create_run_for_job(dg.job(name="any")(lambda: None), remote_job_origin=origin)
    instance.report_run_failed(run, "its process is gone")
    return run


def looked_at(instance: dg.DagsterInstance) -> int:
    """Up to which event the daemon has looked for failed runs."""
    cursor = _fetch_persisted_cursors(instance, DAGSTER_EVENT_TYPES, logging.getLogger())[FAILURE]
    assert cursor is not None
    return cursor


def look(instance: dg.DagsterInstance) -> list[str]:
    """What the daemon finds when it looks, as it does: runs with a failure behind its cursor."""
    events = instance.event_log_storage.get_logs_for_all_runs_by_log_id(looked_at(instance), {FAILURE})
    _persist_cursors(instance, {FAILURE: max(events, default=looked_at(instance))})
    return [entry.run_id for entry in events.values()]


def test_the_tags_are_dagsters() -> None:
    assert (WILL_RETRY, RETRIED_BY) == (WILL_RETRY_TAG, AUTO_RETRY_RUN_ID_TAG)


def test_a_run_that_was_passed_over_is_looked_at_again(instance: dg.DagsterInstance) -> None:
    _persist_cursors(instance, {FAILURE: 0})
    before, run, after = (failed_run(instance) for _ in range(3))
    assert look(instance) == [before.run_id, run.run_id, after.run_id]
    assert look_again_if_missed(instance, run.run_id)
    assert look(instance) == [run.run_id, after.run_id]


def test_a_run_that_is_being_started_again_is_left_alone(instance: dg.DagsterInstance) -> None:
    _persist_cursors(instance, {FAILURE: 0})
    run = failed_run(instance)
    look(instance)
    instance.add_run_tags(run.run_id, {RETRIED_BY: "another"})
    assert not look_again_if_missed(instance, run.run_id)
    assert look(instance) == []


def test_a_run_that_the_daemon_has_not_come_to_yet_is_left_to_it(instance: dg.DagsterInstance) -> None:
    _persist_cursors(instance, {FAILURE: 0})
    run = failed_run(instance)
    assert not look_again_if_missed(instance, run.run_id)
    assert looked_at(instance) == 0


def test_a_run_that_is_not_started_again_stays_failed(instance: dg.DagsterInstance) -> None:
    _persist_cursors(instance, {FAILURE: 0})
    run = failed_run(instance)
    instance.add_run_tags(run.run_id, {WILL_RETRY: "false"})
    look(instance)
    assert not look_again_if_missed(instance, run.run_id)
    assert not look_again_if_missed(instance, "no such run")


def test_a_run_of_mediaflow_run_is_not_started_again(instance: dg.DagsterInstance) -> None:
    """Dagster tags it as if it were, and then finds that it cannot."""
    _persist_cursors(instance, {FAILURE: 0})
    run = failed_run(instance, origin=None)
    look(instance)
    found = instance.get_run_by_id(run.run_id)
    assert found is not None and found.tags[WILL_RETRY] == "true"
    assert not is_retried(found)
    assert not look_again_if_missed(instance, run.run_id)
