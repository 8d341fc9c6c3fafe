"""``mediaflow run``: projects without the UI, in one process with warm models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.settings import Settings


def run(
    projects: Annotated[list[str], typer.Argument(help="Archives, project folders or links.", show_default=False)],
) -> None:
    """Process projects from reception to delivery and report, and record it in Dagster."""
    from mediaflow_assets.cli.local_run import LocalRunner

    missing = [name for name in projects if "://" not in name and not Path(name).exists()]
    if missing:
        raise typer.BadParameter(f"no such file: {', '.join(missing)}")
    runner = LocalRunner(Settings.load())
    try:
        outcomes = [runner.run(name) for name in projects]
    except BadInput as error:
        typer.echo(error.sentence, err=True)
        raise typer.Exit(1) from None
    for outcome in outcomes:
        typer.echo(outcome.summary())
    if not all(outcome.success for outcome in outcomes):
        raise typer.Exit(1)
