"""``monthly_report``: the projects of one month, from the analysis store."""

import dagster as dg

from mediaflow_assets.assets.stage import OWNERS
from mediaflow_assets.partitions import months
from mediaflow_assets.reporting.month import write_month_report
from mediaflow_assets.resources.workspace import Workspace


@dg.asset(partitions_def=months, group_name="reporting", kinds={"html"}, owners=OWNERS, code_version="1")
def monthly_report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """HTML report of the projects archived in a month."""
    month = context.partition_key[:7]
    settings = workspace.settings.reports
    report, projects = write_month_report(
        workspace.layout.reports / "months" / f"{month}.html", month, workspace.layout.archives, settings
    )
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.path(str(report)),
            "link": dg.MetadataValue.url(f"http://127.0.0.1:{settings.port}/months/{month}.html"),
            "projects": projects,
        }
    )
