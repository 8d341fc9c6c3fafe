"""``dagster dev`` with the guarded web server in place of Dagster's own; takes the options of ``dagster dev``."""

from __future__ import annotations

from mediaflow_assets.orchestration.dagster_internals import run_dagster_dev
from mediaflow_assets.server import dagster_ui

if __name__ == "__main__":
    run_dagster_dev(web_server=dagster_ui.__name__)
