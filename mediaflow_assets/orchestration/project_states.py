"""What became of each project, from what is written down about it and from Dagster's unfinished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.intake.history import Upload
from mediaflow_assets.operations.alerts import Alert

if TYPE_CHECKING:
    import dagster as dg

State = Literal["received", "queued", "running", "failed", "waiting", "delivered", "partly delivered"]
"""received: it is here and nothing is under way; queued: a run waits for its turn, or for the inbox sensor;
running; failed; waiting: the delivery waits for a video that could not be made; delivered; partly
delivered: without videos that could not be made."""


class ProjectState(NamedTuple):
    """Where a project is."""

    state: State
    reason: str = ""
    """Of a failure, of what is waited for, of what is left out: sentences for people."""


def project_state(
    layout: Layout, key: str, uploads: Sequence[Upload], runs: Mapping[str, Literal["queued", "running"]]
) -> ProjectState:
    """The state of one registered project; the newest word about it counts.

    Args:
        uploads: its rows of the upload history.
        runs: unfinished runs, see :func:`unfinished_runs`.
    """
    folders = layout.project(key)
    record = DeliveryRecords(layout.state).get(key)
    upload = uploads[0] if uploads else None
    if key in runs:
        return ProjectState(runs[key])
    if upload is not None and upload.state in ("registered", "retry"):
        return ProjectState("queued", upload.reason)
    if upload is not None and upload.state == "failed":
        return ProjectState("failed", upload.reason)
    last = _last_alert(folders)
    if last is not None and last.event == "project_failed" and last.at > _delivered_at(upload, record):
        return ProjectState("failed", last.text)
    left_out = {video.sha256 for video in record.left_out} if record else set()
    if waits_for := [video.reason for video in bad_videos(folders) if video.sha256 not in left_out]:
        return ProjectState("waiting", " | ".join(waits_for))
    if record is None:
        return ProjectState("received", last.text if last and last.event == "project_canceled" else "")
    if record.left_out:
        return ProjectState("partly delivered", record.without)
    there = Path(record.folder).is_dir()
    return ProjectState("delivered", "" if there else f"{record.folder} is not there any more")


def unfinished_runs(instance: dg.DagsterInstance) -> dict[str, Literal["queued", "running"]]:
    """The projects of runs that have not ended, ``running`` if one of its runs is at work."""
    import dagster as dg

    from mediaflow_assets.orchestration.partitions import projects, projects_of

    queued = {dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED}
    running = {dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING}
    known = instance.get_dynamic_partitions(str(projects.name))
    found: dict[str, Literal["queued", "running"]] = {}
    for run in instance.get_runs(dg.RunsFilter(statuses=[*queued, *running])):
        for key in projects_of(run, known):
            if found.get(key) != "running":
                found[key] = "running" if run.status in running else "queued"
    return found


def _last_alert(folders: ProjectFolders) -> Alert | None:
    path = folders.downloads / "status.json"
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Alert)
    except msgspec.DecodeError as error:
        raise BadInput(path, f"cannot be read ({error})", "Remove it; it only repeats an alert") from error


def _delivered_at(upload: Upload | None, record: DeliveryRecord | None) -> str:
    """When a run last ended with a delivery, ISO 8601 UTC; the record alone says when its content changed."""
    times = [record.delivered_at] if record else []
    if upload is not None and upload.state == "delivered":
        times.append(upload.updated_at)
    return max(times, default="")
