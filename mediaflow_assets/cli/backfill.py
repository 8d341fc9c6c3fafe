"""``mediaflow backfill``: past projects again."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.misspelt import warn_of_misspelt
from mediaflow_assets.settings import Settings


def backfill(
    projects: Annotated[list[str] | None, typer.Argument(help="Project keys.", show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help="Every project registered in this month, 2026-11.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every project.")] = False,
    first_stage: Annotated[str, typer.Option("--from", help="Stage to start from.")] = "source_archive",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Setting for these runs only, NAME=VALUE; may be repeated.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Shown in the UI.")] = None,
) -> None:
    """Make past projects again; the daemon (make dev) carries it out, and unchanged results are reused."""
    from mediaflow_assets.definitions import defs
    from mediaflow_assets.orchestration.backfills import keys_of_month, launch
    from mediaflow_assets.orchestration.instance import open_instance

    if sum([bool(projects), month is not None, everything]) != 1:
        raise typer.BadParameter("name projects, or give --month, or --all")
    wrong = [change for change in changes or [] if "=" not in change]
    if wrong:
        raise typer.BadParameter(f"--set {wrong[0]}: write NAME=VALUE")
    settings = Settings.load()
    warn_of_misspelt()
    instance = open_instance(settings)
    known = instance.get_dynamic_partitions("projects")
    keys = projects or (keys_of_month(known, month) if month else list(known))
    name = launch(
        instance,
        defs(),
        settings,
        keys=keys,
        first_stage=first_stage,
        changes={key: value for key, _, value in (change.partition("=") for change in changes or [])},
        title=title,
    )
    typer.echo(f"backfill {name}: {len(keys)} projects from {first_stage} on; see it in the UI under Runs > Backfills")
