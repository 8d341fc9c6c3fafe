"""The inbox sensor: each archive dropped into the inbox becomes one project and one run."""

import json

import dagster as dg

from mediaflow_assets.intake.inbox import scan, settled
from mediaflow_assets.intake.register import register
from mediaflow_assets.jobs import process_project
from mediaflow_assets.partitions import projects
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.request import project_run


@dg.sensor(
    job=process_project,
    name="inbox",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Looks into the inbox folder and starts one run per archive that is completely there.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult | dg.SkipReason:
    """Register what is complete; the cursor remembers sizes, to see what is still being written."""
    now = scan(workspace.layout.inbox)
    before: dict[str, list[int]] = json.loads(context.cursor) if context.cursor else {}
    cursor = json.dumps({file.path.name: [file.bytes, file.mtime_ns] for file in now})
    keyword = workspace.settings.intake.keyword
    keys: list[str] = []
    requests: list[dg.RunRequest] = []
    for file in settled(now, before):
        if keyword and keyword.casefold() not in file.path.name.casefold():
            context.log.info(f"{file.path.name} does not contain {keyword!r}")
            continue
        origin, _ = register(
            workspace.layout,
            workspace.history,
            kind="inbox",
            filename=file.path.name,
            identity=file.identity,
            path=file.path,
            keyword=keyword,
        )
        keys.append(origin.project)
        requests.append(project_run(origin))
    if not requests:
        context.update_cursor(cursor)
        return dg.SkipReason(f"{len(now)} files in the inbox, none newly complete" if now else "the inbox is empty")
    return dg.SensorResult(
        run_requests=requests, dynamic_partitions_requests=[projects.build_add_request(keys)], cursor=cursor
    )
