"""``project_report``: what is in the project, for people and for editing programs."""

import dagster as dg

from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.finalized_project import finalized_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.reporting import reported
from mediaflow_assets.assets.run_config import StageConfig, settings_for, typed_config
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.assets.transcript_json import transcript_json
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.report import CODE_VERSION, not_reported
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(
    partitions_def=projects,
    deps=[finalized_project, transcript_json],
    group_name="reporting",
    kinds={"html", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
)
@each_project
@typed_config("reports")
def project_report(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace
) -> dg.MaterializeResult[None]:
    """HTML report of the project and of each video, timeline documents, exports for editing programs.

    Made from the full documents, wherever they are: in the work folder or in the analysis store.
    A video that could not be made is a row that says why; one whose report fails, fails this.
    """
    try:
        settings = settings_for(workspace.settings, "reports", config).reports
        return reported(context.partition_key, workspace, settings, project_progress(context, workspace))
    except MediaflowError as error:
        raise failed(error) from error


@project_check(project_report)
def every_video_is_reported(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video that has an analysis has a report of it, made or confirmed by the last run."""
    source = project_source(workspace.layout, workspace.analyses, context.partition_key)
    missing = not_reported(workspace.project(context.partition_key).reports, source)
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.ERROR,
        description=" | ".join(missing.values()) or None,
        metadata={"missing": dg.MetadataValue.json(missing)},
    )
