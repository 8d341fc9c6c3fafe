"""What became of a run: in words, beside the project, and as an alert; whoever started it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.formats.project_status import LeftOut, State
from mediaflow_assets.intake.history import History
from mediaflow_assets.operations.alerts import Alert, Event, keep_last_run
from mediaflow_assets.orchestration.dagster_internals import StepFailureData, is_stopped, is_waiting, reason
from mediaflow_assets.orchestration.project_states import UnfinishedRun, project_state, write_state

STOPPED = "The run was stopped; start it again to continue."


class Ended(NamedTuple):
    """How a run ended."""

    event: Event
    text: str
    """Sentences for people."""
    stage: str = ""
    """Asset that failed first."""


class RunFacts(NamedTuple):
    """Which run it was."""

    run_id: str
    job: str
    seconds: int | None = None
    """From its start to its end."""


def how_it_ended(failures: Sequence[tuple[str, StepFailureData]], otherwise: str) -> Ended:
    """Of a run that did not succeed.

    Args:
        failures: step and what it failed with.
        otherwise: what to say when no step failed.
    """
    stage = failures[0][0] if failures else ""
    if any(is_stopped(data) for _, data in failures):
        return Ended("project_canceled", STOPPED, stage)
    if failures and all(is_waiting(data) for _, data in failures):
        return Ended("project_waits", " | ".join(reason(data) for _, data in failures), stage)
    text = " | ".join(f"{step}: {reason(data)}" for step, data in failures)
    return Ended("project_failed", text or otherwise, stage)


def remember(
    layout: Layout, history: History, key: str, ended: Ended, run: RunFacts, still: UnfinishedRun | None = None
) -> Alert:
    """Write down what became of a project's run; returns the alert that says it.

    Args:
        still: another run of the project that has not ended.
    """
    folders = layout.project(key)
    details: dict[str, object] = {"job": run.job}
    if ended.stage:
        details["stage"] = ended.stage
    alert = Alert(
        event=ended.event,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        project=key,
        run_id=run.run_id,
        text=ended.text,
        details=details,
    )
    with contextlib.suppress(MediaflowError):  # the alert says it too
        keep_last_run(folders.downloads, alert)
    write_state(layout, history, key, still)
    with contextlib.suppress(MediaflowError):
        result = _result(layout, history, key, run)
        details |= msgspec.to_builtins(result)
        return msgspec.structs.replace(alert, text=_said(alert, result), details=details)
    return alert


class _Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For programs: what there is of the project now."""

    name: str
    state: State
    delivery: str | None = None
    report: str | None = None
    seconds: int | None = None
    """From the start of the run to its end."""
    left_out: tuple[LeftOut, ...] = ()


def _result(layout: Layout, history: History, key: str, run: RunFacts) -> _Result:
    status = project_state(layout, key, history.of_project(key))
    return _Result(
        name=status.name,
        state=status.state,
        delivery=status.delivery,
        report=status.report,
        seconds=run.seconds,
        left_out=status.left_out,
    )


def _said(alert: Alert, result: _Result) -> str:
    """The same for people, of a run that ended well."""
    if alert.event != "project_finished":
        return alert.text
    parts = [alert.text]
    if result.seconds is not None:
        parts.append(f"It took {result.seconds} s.")
    if result.delivery is not None:
        parts.append(f"Delivered to {result.delivery}.")
    if result.report is not None:
        parts.append(f"Report: {result.report}.")
    if result.left_out:
        parts.append(f"Delivered without: {' | '.join(video.why for video in result.left_out)}")
    return " ".join(parts)
