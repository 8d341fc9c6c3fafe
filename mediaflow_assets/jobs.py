"""Jobs: what one run does."""

from __future__ import annotations

import dagster as dg

from mediaflow_assets.assets.monthly_report import monthly_report
from mediaflow_assets.assets.project_report import project_report

process_project = dg.define_asset_job(
    "process_project",
    selection=dg.AssetSelection.assets(project_report).upstream(),
    description="One project from its archive to its delivery and report, in one process with warm models.",
    executor_def=dg.in_process_executor,
)

report_month = dg.define_asset_job(
    "report_month",
    selection=dg.AssetSelection.assets(monthly_report),
    description="The report of one month.",
    executor_def=dg.in_process_executor,
)
