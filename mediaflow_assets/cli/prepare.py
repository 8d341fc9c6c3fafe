"""``mediaflow prepare``: what has to be there before Dagster's own commands are started."""

from __future__ import annotations

import typer

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.orchestration import pools
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.settings import Settings


def prepare() -> None:
    """Make the folders, Dagster's settings and tables, and set the sizes of the pools."""
    settings = Settings.load()
    layout = Layout(settings.folders)
    layout.inbox.mkdir(parents=True, exist_ok=True)
    open_instance(settings).dispose()
    typer.echo(f"Dagster: {layout.dagster}")
    for name, limit in pools.limits(settings.compute, settings.cluster).items():
        typer.echo(f"pool {name}: {limit}")
