"""``monthly_report``: the projects of one month, from the analysis store.

Its partitions are months and not projects, so it is made by a job of its own: selecting all assets
(``dagster asset materialize --select '*'``) is then one project, as one expects.
"""

from datetime import timedelta

import dagster as dg

from mediaflow_assets.assets.run_config import StageConfig, settings_for
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.orchestration.partitions import months
from mediaflow_assets.reporting.addresses import address
from mediaflow_assets.reporting.month import BUCKETS, write_month_report
from mediaflow_assets.resources.workspace import Workspace

_DUE = dg.FreshnessPolicy.cron(deadline_cron="0 12 1 * *", lower_bound_delta=timedelta(days=1))
"""Six hours after the schedule of the first of each month."""

monthly_report = dg.AssetSpec(
    "monthly_report",
    description="HTML report of the projects archived in a month, with their videos by duration. The job "
    "report_month makes it: the schedule starts it on the first, and a person may.",
    partitions_def=months,
    group_name="reporting",
    kinds={"html"},
    owners=OWNERS,
    code_version="2",
    freshness_policy=_DUE,
)


@dg.op(out=dg.Out(dg.Nothing))
def write_monthly_report(context: dg.OpExecutionContext, config: StageConfig, workspace: Workspace) -> None:
    """Write the report of the run's month and record it as a materialization of ``monthly_report``."""
    month = context.partition_key[:7]
    target = workspace.layout.reports / "months" / f"{month}.html"
    try:
        settings = settings_for(workspace.settings, "reports", config).reports
        report, projects = write_month_report(target, month, workspace.analyses, settings)
    except MediaflowError as error:
        raise failed(error) from error
    problems = [f"{video.name}: {video.problem}" for row in projects for video in row.videos if video.problem]
    metadata: dict[str, dg.MetadataValue | int | str] = {
        "report": dg.MetadataValue.path(str(report)),
        "dagster/uri": report.resolve().as_uri(),
        "link": dg.MetadataValue.url(address(settings.port, f"months/{month}.html")),
        "projects": len(projects),
        "videos": sum(len(row.videos) for row in projects),
        **{f"videos {name} minutes": sum(len(row.buckets[name]) for row in projects) for name in BUCKETS},
        "problems": "; ".join(problems) or "none",
    }
    context.log_event(dg.AssetMaterialization(monthly_report.key, partition=context.partition_key, metadata=metadata))
