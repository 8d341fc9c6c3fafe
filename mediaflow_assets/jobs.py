"""Jobs: what one run does. Who runs the steps is the installation's choice (``cluster.executor``)."""

from __future__ import annotations

import dagster as dg

from mediaflow_assets.assets.monthly_report import write_monthly_report
from mediaflow_assets.assets.project_report import project_report
from mediaflow_assets.orchestration.partitions import months

ANALYSIS = {"mediaflow/analysis": "yes"}
"""Tag of runs that take long; ``dagster.yaml`` leaves two places free of them."""

process_project = dg.define_asset_job(
    "process_project",
    selection=dg.AssetSelection.assets(project_report).upstream(),
    description="One project from its archive to its delivery and report.",
    tags=ANALYSIS,
)

apply_corrections = dg.define_asset_job(
    "apply_corrections",
    selection=dg.AssetSelection.assets(
        "corrections", "review_json", "reduced_json", "reframe_json", "finalized_project", "project_report"
    ),
    description="What people said about a project, into its delivery and report; nothing is analysed.",
)


@dg.job(partitions_def=months, description="The report of one month.")
def report_month() -> None:
    """One op: ``monthly_report`` has other partitions than the projects."""
    write_monthly_report()
