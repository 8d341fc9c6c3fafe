"""``mediaflow run``: projects without the UI, in one process with warm models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.errors import BadInput
from mediaflow_assets.settings import Settings


def run(
    paths: Annotated[list[Path], typer.Argument(help="Archives to process.", show_default=False)],
) -> None:
    """Process archives from reception to delivery and report, and record it in Dagster."""
    from mediaflow_assets.local_run import LocalRunner

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise typer.BadParameter(f"no such file: {', '.join(missing)}")
    runner = LocalRunner(Settings.load())
    try:
        outcomes = [runner.run(path) for path in paths]
    except BadInput as error:
        typer.echo(error.sentence, err=True)
        raise typer.Exit(1) from None
    for outcome in outcomes:
        typer.echo(outcome.summary())
    if not all(outcome.success for outcome in outcomes):
        raise typer.Exit(1)
