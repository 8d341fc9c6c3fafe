"""The inbox sensor: each archive dropped into the inbox, and each retry, becomes one run."""

import json

import dagster as dg

from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.eligibility import keyword_missing
from mediaflow_assets.intake.inbox import scan, settled
from mediaflow_assets.intake.register import Arrival, register
from mediaflow_assets.jobs import process_project
from mediaflow_assets.partitions import projects
from mediaflow_assets.resources.workspace import Workspace
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
    notes: list[str] = []
    for file in settled(now, before):
        problem = keyword_missing(file.path.name, workspace.settings.intake.keyword)
        if not file.is_archive:
            problem = f"{file.path.name} is not an archive"
        if problem:
            notes.append(problem)
            continue
        arrival = Arrival(kind="inbox", filename=file.path.name, identity=file.identity, path=file.path)
        origin, new = register(workspace.layout, workspace.history, arrival, workspace.settings.intake.keyword)
        requests.append(project_run(origin))
        if not new:
            notes.append(f"{file.path.name} is project {origin.project} already")
    for upload in workspace.history.in_state("retry"):
        origin = read_document(workspace.project(upload.project).origin, Origin)
        requests.append(project_run(origin, again=upload.updated_at))
        notes.append(f"{upload.project} is tried again")
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[projects.build_add_request([str(request.partition_key) for request in requests])]
        if requests
        else [],
        cursor=json.dumps({file.path.name: [file.bytes, file.mtime_ns] for file in now}),
        skip_reason=None if requests else _why(len(now), notes),
    )


def _why(files: int, notes: list[str]) -> str:
    if not files:
        return "the inbox is empty"
    return "; ".join([f"{files} files in the inbox, none newly complete", *notes[:10]])
