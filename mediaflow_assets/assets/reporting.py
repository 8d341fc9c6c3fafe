"""What ``project_report`` records; ``finalized_project`` records it too while its delivery waits."""

import re

import dagster as dg

from mediaflow_assets.execution.fanout import Progress
from mediaflow_assets.reporting.addresses import address
from mediaflow_assets.reporting.report import ProjectReport, write_project_report
from mediaflow_assets.reporting.reviewed import with_reviews
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
"""What a backslash makes plain text in Markdown."""


def reported(
    project: str, workspace: Workspace, settings: ReportSettings, progress: Progress
) -> dg.MaterializeResult[None]:
    """Write the reports of a project and describe them.

    Args:
        project: partition key.

    Raises:
        MediaflowError: nothing can be reported at all.
        dagster.Failure: the report of a video failed; the others, and the project's page, are written.
    """
    folder = workspace.project(project).reports
    source = with_reviews(workspace.layout, project_source(workspace.layout, workspace.analyses, project))
    done = write_project_report(folder, source, settings, workspace.analyses, progress)
    metadata: dict[str, dg.MetadataValue | int] = {
        "report": dg.MetadataValue.path(str(done.page)),
        "link": dg.MetadataValue.url(address(settings.port, f"{project}/report.html")),
        "pages": dg.MetadataValue.md(_links(done, settings.port, project)),
        "videos": _table(done, settings.port, project),
        "exports": dg.MetadataValue.path(str(folder / "exports")),
        "failed": len(done.report.failed),
        "dagster/row_count": len(done.rows),
    }
    if done.report.failed:
        sentences = " | ".join(outcome.problem for outcome in done.report.failed)
        raise dg.Failure(
            f"{len(done.report.failed)} of {len(done.rows)} videos could not be reported: {sentences}",
            metadata=metadata,
            allow_retries=False,
        )
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(done.report.data_version))


def _links(done: ProjectReport, port: int, project: str) -> str:
    """The pages of the videos as links: a table of Dagster's shows addresses as text."""
    names = ((row.video, _PUNCTUATION.sub(r"\\\g<0>", row.video.path)) for row in done.rows if not row.problem)
    return "\n".join(f"- [{name}]({address(port, f'{project}/{video.id}.html')})" for video, name in names)


def _table(done: ProjectReport, port: int, project: str) -> dg.TableMetadataValue:
    statuses = {outcome.video.id: outcome.status for outcome in done.report.outcomes}
    rows = [
        dg.TableRecord(
            {
                "video": row.video.path,
                "report": "" if row.problem else address(port, f"{project}/{row.video.id}.html"),
                "status": statuses.get(row.video.id, "left out"),
                "problem": row.problem or row.video.missing,
            }
        )
        for row in done.rows
    ]
    columns = [dg.TableColumn(name, "string") for name in ("video", "report", "status", "problem")]
    return dg.MetadataValue.table(records=rows, schema=dg.TableSchema(columns=columns))
