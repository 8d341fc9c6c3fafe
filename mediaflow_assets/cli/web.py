"""``mediaflow web``: the web application alone, where Dagster is started by other means."""

from __future__ import annotations

import signal
from threading import Event
from typing import Annotated

import typer

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.reporting.addresses import HOST
from mediaflow_assets.settings import Settings


def web(
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than loopback only in a container published on it.")
    ] = HOST,
    ui: Annotated[str, typer.Option(help="Address of Dagster's UI, for links to runs.")] = "",
) -> None:
    """Serve reports, review and projects (REPORTS_PORT) until it is ended; mediaflow dev does it too."""
    from mediaflow_assets.cli.local_run import apply_now
    from mediaflow_assets.server.app import web_server
    from mediaflow_assets.server.site import Site

    settings = Settings.load()
    Layout(settings.folders).reports.mkdir(parents=True, exist_ok=True)
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with web_server(Site.of(settings, ui.rstrip("/"), apply_now), settings.reports.port, host) as url:
        typer.echo(f"Projects:   {url}")
        ended.wait()
