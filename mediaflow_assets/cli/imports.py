"""``mediaflow import``: past projects become partitions that can be backfilled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.settings import Settings


def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Archives, project folders, or folders of these.", show_default=False)
    ],
) -> None:
    """Register past projects; nothing is copied and nothing runs until they are backfilled."""
    from mediaflow_assets.core.layout import Layout
    from mediaflow_assets.intake.history import open_history
    from mediaflow_assets.intake.legacy_projects import find
    from mediaflow_assets.intake.register import register_all, restore_all
    from mediaflow_assets.orchestration.instance import open_instance
    from mediaflow_assets.orchestration.partitions import projects

    settings = Settings.load()
    layout = Layout(settings.folders)
    history = open_history(settings.intake, layout.state)
    found = find(paths)
    registrations = restore_all(layout, history, found.origins)
    registrations += register_all(layout, history, found.arrivals, settings.intake.keyword)
    keys = list(dict.fromkeys(origin.project for origin, _ in registrations))
    if keys:
        open_instance(settings).add_dynamic_partitions(str(projects.name), keys)
    for origin, new in registrations:
        typer.echo(f"{'new  ' if new else 'known'}  {origin.project}  {origin.path or origin.filename}")
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)
    added = sum(new for _, new in registrations)
    typer.echo(f"{added} new, {len(registrations) - added} known, {len(found.problems)} left out")
    if added:
        typer.echo("make them with: mediaflow backfill --all, or in the UI")
    if not registrations:
        raise typer.Exit(1)
