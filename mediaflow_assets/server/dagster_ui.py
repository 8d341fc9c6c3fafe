"""Dagster's web server with :class:`DagsterGuard` before it; takes the options of ``dagster-webserver``.

``python -m mediaflow_assets.server.dagster_ui -h 127.0.0.1 -p 3000 -w workspace.yaml``
"""

from __future__ import annotations

from mediaflow_assets.orchestration.dagster_internals import serve_dagster_ui
from mediaflow_assets.server.dagster_guard import DagsterGuard
from mediaflow_assets.settings import Settings


def main() -> None:
    """Serve until it is ended."""
    hosts = Settings.load().web.ui_hosts
    serve_dagster_ui(lambda app: DagsterGuard(app, hosts))


if __name__ == "__main__":
    main()
