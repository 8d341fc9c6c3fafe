"""``mediaflow dev``: webserver, daemon and report server on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.dagster_home import open_instance
from mediaflow_assets.layout import Layout
from mediaflow_assets.settings import Settings


def dev(port: Annotated[int, typer.Option(help="Port of the Dagster UI, on loopback.")] = 3000) -> None:
    """Start the Dagster UI with sensors on; only this machine can reach it."""
    settings = Settings.load()
    open_instance(settings).dispose()
    layout = Layout(settings.folders)
    layout.inbox.mkdir(parents=True, exist_ok=True)
    typer.echo(f"Dagster UI: http://127.0.0.1:{port}   drop archives into {layout.inbox}")
    workspace = Path(__file__).resolve().parents[2] / "workspace.yaml"
    arguments = ["-w", str(workspace)] if workspace.exists() else ["-m", "mediaflow_assets.definitions"]
    command = [sys.executable, "-m", "dagster", "dev", *arguments, "-h", "127.0.0.1", "-p", str(port)]
    os.execv(command[0], command)  # noqa: S606 - no shell; signals then reach dagster directly
