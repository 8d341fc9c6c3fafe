"""``project_report``: what is in the project, for people and for editing programs."""

import dagster as dg

from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.finalized_project import finalized_project
from mediaflow_assets.assets.stage import OWNERS, StageConfig, failed, settings_for
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.execution.progress import progress_for
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.report import CODE_VERSION, ProjectReport, write_project_report
from mediaflow_assets.reporting.server import address
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(
    partitions_def=projects,
    deps=[finalized_project],
    group_name="reporting",
    kinds={"html", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
)
@each_project
def project_report(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace
) -> dg.MaterializeResult[None]:
    """HTML report of the project and of each video, timeline documents, exports for editing programs.

    Made from the full documents, wherever they are: in the work folder or in the analysis store.
    A video that cannot be read is a row that says why.
    """
    folders = workspace.project(context.partition_key)
    try:
        settings = settings_for(workspace.settings, "reports", config).reports
        source = project_source(workspace.layout, workspace.analyses, context.partition_key)
        done = write_project_report(folders.reports, source, settings, workspace.analyses, progress_for(context.log))
    except MediaflowError as error:
        raise failed(error) from error
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.path(str(done.page)),
            "link": dg.MetadataValue.url(address(settings.port, f"{context.partition_key}/report.html")),
            "videos": _table(done, settings.port, context.partition_key),
            "exports": dg.MetadataValue.path(str(folders.reports / "exports")),
            "dagster/row_count": len(done.rows),
        },
        data_version=dg.DataVersion(done.report.data_version),
    )


@project_check(project_report)
def every_video_is_reported(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """No row of the report is an error."""
    source = project_source(workspace.layout, workspace.analyses, context.partition_key)
    folder = workspace.project(context.partition_key).reports
    missing = [video.path for video in source.videos if load_record(folder, video.id) is None]
    return dg.AssetCheckResult(
        passed=not missing, severity=dg.AssetCheckSeverity.WARN, metadata={"missing": dg.MetadataValue.json(missing)}
    )


def _table(done: ProjectReport, port: int, project: str) -> dg.TableMetadataValue:
    rows = [
        dg.TableRecord(
            {
                "video": row.video.path,
                "report": "" if row.problem else address(port, f"{project}/{row.video.id}.html"),
                "status": outcome.status,
                "problem": row.problem,
            }
        )
        for row, outcome in zip(done.rows, done.report.outcomes, strict=True)
    ]
    columns = [dg.TableColumn(name, "string") for name in ("video", "report", "status", "problem")]
    return dg.MetadataValue.table(records=rows, schema=dg.TableSchema(columns=columns))
