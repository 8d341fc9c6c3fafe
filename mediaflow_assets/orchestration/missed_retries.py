"""Failed runs that Dagster said it would start again, and passed over.

A failure is written in two steps: first its event, then the state of the run. Dagster's daemon looks for new events
every five seconds. When it looks between the two it finds a run that has not failed, and never looks at it again
(Dagster 1.13.27; one of sixteen killed runs of a soak with power cuts).
"""

from __future__ import annotations

import dagster as dg

from mediaflow_assets.orchestration.dagster_internals import RETRY_CURSOR

_RECENT = 10_000
"""Events of all runs before the daemon's place in them among which the failure is; a run has some 150."""
WILL_RETRY, RETRIED_BY = "dagster/will_retry", "dagster/auto_retry_run_id"
"""Dagster's tags of a failed run: that it is started again, and the run that does it."""


def is_retried(run: dg.DagsterRun) -> bool:
    """Whether Dagster starts a failed run again by itself, or did; it cannot where it did not launch it."""
    return run.tags.get(WILL_RETRY) == "true" and run.remote_job_origin is not None


def look_again_if_missed(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Let the daemon look again at a failed run that it passed over; returns whether it did.

    What else failed since then is looked at twice, which does nothing: Dagster starts no run again twice.
    """
    run = instance.get_run_by_id(run_id)
    if run is None or not is_retried(run) or RETRIED_BY in run.tags:
        return False
    told = instance.daemon_cursor_storage.get_cursor_values({RETRY_CURSOR}).get(RETRY_CURSOR)
    if told is None:
        return False  # it has never looked
    failures = instance.event_log_storage.get_logs_for_all_runs_by_log_id(
        max(int(told) - _RECENT, -1), dg.DagsterEventType.RUN_FAILURE
    )
    event = next((number for number, entry in failures.items() if entry.run_id == run_id), None)
    if event is None or int(told) < event:
        return False  # it has not come to it yet
    instance.daemon_cursor_storage.set_cursor_values({RETRY_CURSOR: str(event - 1)})
    return True
