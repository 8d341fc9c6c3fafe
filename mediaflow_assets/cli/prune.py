"""``mediaflow prune``: what may be removed to make room, and removing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, get_args

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.operations.prune import RULES, Plan, Pruner, Rule


def prune(
    projects: Annotated[
        list[str] | None,
        typer.Argument(help="Keys, names, numbers or parts of names; none: all projects.", show_default=False),
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", help=f"Only this rule; may be repeated: {', '.join(get_args(Rule))}."),
    ] = None,
    older_than: Annotated[int, typer.Option(min=0, help="Days since the delivery, or since a download stopped.")] = 30,
    remove: Annotated[bool, typer.Option("--remove", help="Do it; without this, only say what may go.")] = False,
) -> None:
    """Free space: work of delivered projects, archives whose content lies elsewhere, downloads left unfinished.

    Never the only copy of anything: before something goes, what it can be made from is read again.
    """
    chosen = [rule for rule in RULES if not rules or rule in rules]
    if unknown := set(rules or ()) - set(RULES):
        raise typer.BadParameter(f"--rule {', '.join(sorted(unknown))}: one of {', '.join(RULES)}")
    here = installation()
    keys = [choose_project(here, name) for name in projects] if projects else None
    pruner = Pruner(here.layout, here.store, timedelta(days=older_than), chosen, _busy())
    if remove:
        plan = pruner.remove(keys, lambda said: typer.echo(said))
        _explain(plan)
        typer.echo(f"{_shown(plan.bytes)} freed")
    else:
        plan = pruner.plan(keys)
        for item in plan.doomed:
            typer.echo(f"{item.rule:<10}{_shown(item.bytes):>10}  {item.path}\n    {item.why}")
        _explain(plan)
        typer.echo(f"{_shown(plan.bytes)} can be freed" + ("; do it with --remove" if plan.doomed else ""))


def _explain(plan: Plan) -> None:
    for kept in plan.kept:
        typer.echo(f"stays     {kept.project} ({kept.rule}): {kept.why}")


def _busy() -> set[str]:
    """Projects that have a run; without Dagster's database nothing can be under way.

    Raises:
        Unavailable: that database is there and cannot be read, so nobody knows.
    """
    from mediaflow_assets.orchestration.instance import open_instance
    from mediaflow_assets.orchestration.project_states import unfinished_runs

    here = installation()
    if not (here.layout.dagster / "dagster.yaml").exists():
        return set()
    with open_instance(here.settings) as instance:
        return set(unfinished_runs(instance))


def _shown(size: int) -> str:
    from rich.filesize import decimal

    return decimal(size)
