"""``mediaflow backfill``: past projects again."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.misspelt import warn_of_misspelt
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput


def backfill(
    projects: Annotated[
        list[str] | None, typer.Argument(help="Keys, names, numbers or parts of names.", show_default=False)
    ] = None,
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
    settings = installation().settings
    warn_of_misspelt()
    instance = open_instance(settings)
    known = instance.get_dynamic_partitions("projects")
    named = [choose_project(installation(), name, known) for name in projects or []]
    keys = named or (keys_of_month(known, month) if month else list(known))
    if not keys:
        raise BadInput(
            "backfill",
            f"no project was registered in {month}" if month else "there is no project yet",
            "See: mediaflow projects",
        )
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
