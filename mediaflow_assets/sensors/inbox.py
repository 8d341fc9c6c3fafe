"""The inbox sensor: each archive dropped into the inbox, and each retry, becomes one run."""

import json
from datetime import UTC, datetime

import dagster as dg

from mediaflow_assets.archives.detect_format import describe, is_part
from mediaflow_assets.archives.extract import verify
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.eligibility import keyword_missing
from mediaflow_assets.intake.fingerprint import fingerprint
from mediaflow_assets.intake.inbox import REJECTED, InboxFile, folders, reject, scan, settled
from mediaflow_assets.intake.register import UploadRequest, register
from mediaflow_assets.intake.uploads import same_archive
from mediaflow_assets.jobs import process_project
from mediaflow_assets.operations.alerts import Alert
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.project_states import unfinished_runs, write_state
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import ask_for_approval, send
from mediaflow_assets.sensors.request import project_run


@dg.sensor(
    job=process_project,
    name="inbox",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Starts one run per archive that is completely in the inbox folder, and per mediaflow history retry.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Register what is complete; the cursor remembers sizes, to see what is still being written."""
    now = scan(workspace.layout.inbox)
    before: dict[str, list[int]] = json.loads(context.cursor) if context.cursor else {}
    requests: list[dg.RunRequest] = []
    notes = [
        f"{folder.name!r} is a folder: pack it, or use mediaflow run" for folder in folders(workspace.layout.inbox)
    ]
    for file in settled(now, before):
        try:
            origin, note = _take(context, workspace, file)
        except (OSError, UnicodeError) as error:  # one file that nobody can read must not block the others
            origin, note = None, f"{file.path.name!r} cannot be taken ({type(error).__name__})"
        if origin:
            requests.append(project_run(origin))
        if note:
            notes.append(note)
    for upload in [*workspace.history.in_state("retry"), *workspace.history.in_state("approved")]:
        try:
            origin = read_document(workspace.project(upload.project).origin, Origin)
        except BadInput as error:
            workspace.history.mark(upload.project, "failed", reason=error.sentence)
            notes.append(f"{upload.project} cannot be tried again: {error.sentence}")
            continue
        requests.append(project_run(origin, again=upload.updated_at))
        notes.append(f"{upload.project} is tried again")
    started = [str(request.partition_key) for request in requests]
    runs = unfinished_runs(context.instance) if started else {}
    for key in started:
        write_state(workspace.layout, workspace.history, key, runs.get(key))
    # What waits for approval has its partition, so that it can be started in the UI.
    keys = [*started, *(upload.project for upload in workspace.history.in_state("to approve"))]
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[projects.build_add_request(keys)] if keys else [],
        cursor=json.dumps({file.path.name: [file.bytes, file.mtime_ns] for file in now}),
        skip_reason=None if requests else _why(len(now), notes),
    )


def _take(context: dg.SensorEvaluationContext, workspace: Workspace, file: InboxFile) -> tuple[Origin | None, str]:
    """The project of a file, if it becomes one, and what there is to say about it.

    Raises:
        OSError: it cannot be read, or is gone.
        UnicodeError: its name is not UTF-8.
    """
    name, keyword = file.path.name, workspace.settings.intake.keyword
    name.encode()
    if not file.is_archive:
        return None, _reject(context, workspace, file, BadInput(name, *describe(file.path)).sentence)
    if is_part(file.path):
        try:
            verify(file.path, workspace.settings.intake.limits)
        except BadInput as error:
            return None, _reject(context, workspace, file, error.sentence)
    if problem := keyword_missing(name, keyword):
        return None, _reject(context, workspace, file, f"{problem}. Give it a name with that word.")
    arrival = UploadRequest(
        kind="inbox",
        filename=name,
        identity=file.identity,
        path=file.path,
        fingerprint=fingerprint(file.path),
        ask=workspace.settings.intake.approve == "ask",
    )
    try:
        origin, new = register(workspace.layout, workspace.history, arrival, keyword)
    except BadInput as error:
        return None, _reject(context, workspace, file, error.sentence)
    (upload, *_) = workspace.history.of_project(origin.project)
    if not new and origin.identity != file.identity:
        return None, _reject(context, workspace, file, same_archive(name, upload).sentence)
    if upload.state == "to approve":
        if new:
            ask_for_approval(context, workspace, [origin.project])
        return None, f"{origin.project} waits for approval"
    return (origin if upload.state == "registered" else None), "" if new else f"{name} is {origin.project} already"


def _reject(context: dg.SensorEvaluationContext, workspace: Workspace, file: InboxFile, sentence: str) -> str:
    """Put a file aside, with its reason beside it, in the history, and in one alert."""
    new = workspace.history.add([(file.identity, None)], "rejected", sentence, "inbox")
    try:
        place = str(reject(file, sentence))
        text = f"{sentence} It is in inbox/{REJECTED}/ now."
    except OSError:  # whoever owns the inbox does not let us
        place, text = "", f"{sentence} It could not be moved out of the inbox."
    if place or new:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        details = {"file": file.path.name, "moved_to": place, "reason": sentence}
        send(Alert(event="file_rejected", at=at, text=text, details=details), workspace, context)
    return sentence


def _why(files: int, notes: list[str]) -> str:
    if not files and not notes:
        return "the inbox is empty"
    return "; ".join([f"{files} files in the inbox, none newly complete", *notes[:10]])
