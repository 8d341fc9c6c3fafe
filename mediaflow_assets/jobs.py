"""Jobs: what one run does. Who runs the steps is the installation's choice (``cluster.executor``)."""

from __future__ import annotations

import dagster as dg

from mediaflow_assets.assets.monthly_report import write_monthly_report
from mediaflow_assets.assets.project_report import project_report
from mediaflow_assets.orchestration.partitions import months

process_project = dg.define_asset_job(
    "process_project",
    selection=dg.AssetSelection.assets(project_report).upstream(),
    description="One project from its archive to its delivery and report.",
)


@dg.job(partitions_def=months, description="The report of one month.")
def report_month() -> None:
    """One op: ``monthly_report`` has other partitions than the projects."""
    write_monthly_report()
