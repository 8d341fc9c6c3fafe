"""``mediaflow sample``: the sample project, with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def sample(folder: Annotated[Path, typer.Argument(help="Where to write the archive and its truth.")]) -> None:
    """Build the sample project archive and its truth file."""
    from mediaflow_assets.sample import build_sample

    built = build_sample(folder)
    typer.echo(f"archive: {built.archive}")
    typer.echo(f"truth:   {built.truth_file}")
