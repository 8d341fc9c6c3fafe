"""Where each project is, from what is written down about it and from Dagster's unfinished runs.

One answer for everybody: :class:`ProjectStates` for those who list projects, :func:`write_state` for
``status.json``, which is written again whenever something happens to a project.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.execution.progress import StageProgress, read_progress
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.formats.project_status import (
    LeftOut,
    ProjectStatus,
    State,
    read_project_status,
    write_project_status,
)
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.uploads import Upload
from mediaflow_assets.operations.alerts import last_run

if TYPE_CHECKING:
    import dagster as dg


class UnfinishedRun(NamedTuple):
    """A run that has not ended."""

    state: Literal["queued", "running"]
    run_id: str
    waits_for: str = ""
    """Sentence of a run that waits for its turn, in the queue or in a pool."""


class ProjectStates:
    """The states of all projects, from one look at the history and at the runs.

    Args:
        uploads: rows of the upload history.
        runs: see :func:`unfinished_runs`.
    """

    def __init__(
        self, layout: Layout, uploads: Iterable[Upload] = (), runs: Mapping[str, UnfinishedRun] | None = None
    ) -> None:
        self._layout, self._runs = layout, runs or {}
        self._uploads: defaultdict[str, list[Upload]] = defaultdict(list)
        for upload in uploads:
            self._uploads[upload.project].append(upload)

    def of(self, key: str) -> ProjectStatus:
        """The state of one project."""
        return project_state(self._layout, key, self._uploads[key], self._runs.get(key))

    def require_retry_is_of_use(self, key: str) -> None:
        """Nothing is under way for a project, and not all of it is delivered.

        Raises:
            BadInput: it has a run already, or needs none.
        """
        if run := self._runs.get(key):
            raise BadInput(key, f"has a run that is {run.state}", "Wait for it, or terminate it in the UI")
        if self.of(key).state == "delivered":
            raise BadInput(key, "is delivered", f"To make it again: mediaflow backfill {key}")


def project_state(
    layout: Layout, key: str, uploads: Sequence[Upload], run: UnfinishedRun | None = None
) -> ProjectStatus:
    """The state of one registered project; the newest word about it counts.

    Args:
        uploads: its rows of the upload history.
        run: of this project, if one has not ended.
    """
    folders = layout.project(key)
    record = DeliveryRecords(layout.state).get(key)
    upload = uploads[0] if uploads else None
    last = last_run(folders.downloads)
    bad = bad_videos(folders)
    known = {video.sha256 for video in record.left_out} if record else set()
    waits_for = [video for video in bad if video.sha256 not in known]
    progress = read_progress(folders.downloads, run.run_id) if run else None
    report = folders.reports / "report.html"
    times = [
        last.at if last else "",
        upload.updated_at if upload else "",
        record.delivered_at if record else "",
        progress.updated_at if progress else "",
    ]
    facts = ProjectStatus(
        project=key,
        name=_name(folders),
        state="received",
        left_out=(
            *(LeftOut(video=video.path, why=video.sentence) for video in (record.left_out if record else ())),
            *(LeftOut(video=video.path, why=video.sentence) for video in waits_for),
        ),
        delivery=record.folder if record and Path(record.folder).is_dir() else None,
        report=str(report) if report.exists() else None,
        updated_at=max(times),
    )

    def become(state: State, sentence: str = "", stage: str | None = None) -> ProjectStatus:
        return msgspec.structs.replace(facts, state=state, sentence=sentence, stage=stage)

    if run is not None:
        now = become(run.state, run.waits_for)
        return _at_work(now, progress) if progress is not None and run.state == "running" else now
    if upload is not None and upload.state == "to approve":
        return become("waiting", f"It waits for approval: mediaflow approve {key}, or Materialize it in the UI.")
    if upload is not None and upload.state in ("registered", "approved", "retry"):
        return become("queued", upload.reason)
    failed_at = str(last.details["stage"]) if last is not None and "stage" in last.details else None
    if upload is not None and upload.state == "failed":
        return become("failed", upload.reason, failed_at)
    if last is not None and last.event == "project_failed" and last.at > _delivered_at(upload, record):
        return become("failed", last.text, failed_at)
    if waits_for:
        return become("waiting", " | ".join(video.reason for video in waits_for), "finalized_project")
    if record is None:
        return become("received", last.text if last and last.event == "project_canceled" else "")
    if record.left_out:
        return become("partly delivered", record.without)
    return become("delivered", "" if facts.delivery else f"{record.folder} is not there any more")


def unfinished_runs(instance: dg.DagsterInstance) -> dict[str, UnfinishedRun]:
    """The projects of runs that have not ended; of several runs of a project, the one at work."""
    import dagster as dg

    from mediaflow_assets.orchestration.partitions import projects, projects_of
    from mediaflow_assets.orchestration.waiting import what_runs_wait_for

    queued = {dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED}
    running = {dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING}
    known = instance.get_dynamic_partitions(str(projects.name))
    found: dict[str, UnfinishedRun] = {}
    runs = instance.get_runs(dg.RunsFilter(statuses=[*queued, *running]))
    waits_for = what_runs_wait_for(instance, runs, known) if runs else {}
    for run in runs:
        for key in projects_of(run, known):
            if key not in found or found[key].state != "running":
                state: Literal["queued", "running"] = "running" if run.status in running else "queued"
                found[key] = UnfinishedRun(state, run.run_id, waits_for.get(run.run_id, ""))
    return found


def write_state(layout: Layout, history: History, key: str, run: UnfinishedRun | None = None) -> None:
    """Write ``status.json`` of a project that something has happened to; what goes wrong with it fails nothing."""
    with contextlib.suppress(MediaflowError, OSError):
        folders = layout.project(key)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        status = project_state(layout, key, history.of_project(key), run)
        write_project_status(folders.downloads, msgspec.structs.replace(status, updated_at=now))


def show_running(folders: ProjectFolders, progress: StageProgress) -> None:
    """Bring ``status.json`` up to what the stage at work says, without a question to any database.

    Raises:
        MediaflowError, OSError: it cannot be written.
    """
    known = read_project_status(folders.downloads)
    if known is None:
        known = ProjectStatus(project=folders.key, name=_name(folders), state="running", updated_at="")
    known = msgspec.structs.replace(known, state="running", sentence="", updated_at=progress.updated_at)
    write_project_status(folders.downloads, _at_work(known, progress), passing=True)


def _at_work(status: ProjectStatus, progress: StageProgress) -> ProjectStatus:
    return msgspec.structs.replace(
        status, stage=progress.stage, percent=progress.percent, eta_seconds=progress.eta_seconds
    )


def _name(folders: ProjectFolders) -> str:
    try:
        return read_document(folders.origin, Origin).name
    except BadInput:  # lost or damaged: whoever needs it says so
        return folders.key


def _delivered_at(upload: Upload | None, record: DeliveryRecord | None) -> str:
    """When a run last ended with a delivery, ISO 8601 UTC; the record alone says when its content changed."""
    times = [record.delivered_at] if record else []
    if upload is not None and upload.state == "delivered":
        times.append(upload.updated_at)
    return max(times, default="")
