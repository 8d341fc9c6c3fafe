"""``mediaflow approve``, ``pause``, ``resume`` and ``first``: what is started, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.intake.history import open_history


def approve(
    projects: Annotated[
        list[str] | None,
        typer.Argument(help="Keys, names, numbers or parts of names; none: show what waits.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
) -> None:
    """Start projects that wait for approval (APPROVE_PROJECTS=ask); the inbox sensor does it (make dev)."""
    from mediaflow_assets.orchestration.project_states import write_state

    here = installation()
    history = open_history(here.settings.intake, here.layout.state)
    uploads = history.in_state("to approve") if history.path.exists() else []
    waiting = list(dict.fromkeys(upload.project for upload in uploads))
    keys = waiting if everything else [choose_project(here, name, waiting) for name in projects or []]
    for key in keys:
        history.approve(key)
        write_state(here.layout, history, key)
        typer.echo(f"{key} is approved")
    if not keys:
        typer.echo("\n".join(waiting) or "nothing waits for approval")


def pause() -> None:
    """Pause the run queue: nothing is started until mediaflow resume; what runs goes on, what waits stays."""
    from mediaflow_assets.orchestration.instance import open_instance
    from mediaflow_assets.orchestration.run_queue import pause as turn_off

    with open_instance(installation().settings) as instance:
        done = turn_off(instance)
    typer.echo(f"the queue {'is paused' if done else 'was paused already'}; mediaflow resume lets it go on")


def resume() -> None:
    """Let the run queue go on after mediaflow pause."""
    from mediaflow_assets.orchestration.instance import open_instance
    from mediaflow_assets.orchestration.run_queue import resume as turn_on

    with open_instance(installation().settings) as instance:
        done = turn_on(instance)
    typer.echo("the queue goes on" if done else "the queue was not paused")


def first(project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.")]) -> None:
    """Let the queued run of a project start before all others."""
    from mediaflow_assets.orchestration.backfills import put_first
    from mediaflow_assets.orchestration.instance import open_instance

    here = installation()
    instance = open_instance(here.settings)
    key = choose_project(here, project, instance.get_dynamic_partitions("projects"))
    if not put_first(instance, key):
        typer.echo(f"{key} has no queued run", err=True)
        raise typer.Exit(1)
    typer.echo(f"{key} is next")
