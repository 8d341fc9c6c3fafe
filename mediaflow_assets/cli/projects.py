"""``mediaflow projects``: what there is."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, get_args

import msgspec
import typer

from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.cli.project_states import project_states
from mediaflow_assets.formats.project_status import State
from mediaflow_assets.orchestration.project_states import ProjectStates
from mediaflow_assets.reporting.overview import Overview

ARCHIVED = "archived"
"""Of a project that only the analysis store knows."""
STATES = ", ".join([*get_args(State), ARCHIVED])


def projects(
    project: Annotated[
        str | None,
        typer.Argument(
            help="Show the videos of one project: key, name, number or part of the name.", show_default=False
        ),
    ] = None,
    state: Annotated[str | None, typer.Option(help=f"Only in this state: {STATES}.")] = None,
    since: Annotated[str | None, typer.Option(help="Only registered from this day on, YYYY-MM-DD.")] = None,
    today: Annotated[bool, typer.Option("--today", help="Only registered today.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the projects that are at work, delivered or archived, with the state of each and what it has."""
    if state is not None and state not in STATES.split(", "):
        raise typer.BadParameter(f"--state {state}: one of {STATES}")
    here = installation()
    if project:
        rows = _videos(here, project)
    else:
        rows = _projects(here, _first_moment(since, today=today))
        rows = [row for row in rows if state in (None, row["state"])]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows), indent=1))
        return
    for row in rows:
        typer.echo(_shown(row))
    if not rows:
        typer.echo("nothing yet")


_FOR_PROGRAMS = ("stage", "percent", "eta_seconds", "left_out", "report")
"""What people read in the state and the sentence."""


def _shown(row: dict[str, object]) -> str:
    """One line that names it and one for what it has: keys and paths stay in one piece."""
    title, name, *others = [(key, value) for key, value in row.items() if key not in _FOR_PROGRAMS]
    facts = [f"{key.replace('_', ' ')}: {value}" for key, value in others if value not in ("", "-")]
    return f"{title[1]}   {name[1]}\n    {'  '.join(facts)}"


def _first_moment(since: str | None, *, today: bool) -> datetime | None:
    """Days begin at midnight where this machine is; None for any."""
    if since is not None and today:
        raise typer.BadParameter("give --since or --today")
    if since is None and not today:
        return None
    try:
        day = date.fromisoformat(since) if since is not None else date.today()
    except ValueError:
        raise typer.BadParameter(f"--since {since}: write YYYY-MM-DD") from None
    return datetime.combine(day, time()).astimezone()


def _projects(here: Installation, first: datetime | None) -> list[dict[str, object]]:
    from mediaflow_assets.reporting.overview import overview

    known = overview(here.layout, here.store)
    found = [item for item in known if first is None or datetime.fromisoformat(item.since) >= first]
    states = project_states(here)
    return [_row(here, item, states) for item in found]


def _row(here: Installation, item: Overview, states: ProjectStates) -> dict[str, object]:
    """What ``status.json`` says of it, and what there is of it."""
    status = states.of(item.key) if here.layout.project(item.key).origin.exists() else None
    told = ("stage", "percent", "eta_seconds", "report")
    return {
        "key": item.key,
        "name": item.name,
        "since": item.since[:16].replace("T", " "),
        "state": status.state if status else ARCHIVED,
        "work": status.work if status else "",
        "sentence": status.sentence if status else "",
        **{name: getattr(status, name, None) for name in told},
        "left_out": msgspec.to_builtins(status.left_out) if status else [],
        "has": " ".join(item.states),
        "videos": item.videos,
        **item.documents,
        "delivered_to": item.delivered_to,
    }


def _videos(here: Installation, wanted: str) -> list[dict[str, object]]:
    from mediaflow_assets.delivery.readiness import KINDS
    from mediaflow_assets.reporting.sources import find_project

    rows: list[dict[str, object]] = []
    for video in find_project(here.layout, here.store, choose_project(here, wanted)).videos:
        row: dict[str, object] = {"video": video.path, "id": video.id}
        row["frames"] = video.master.total_frames if video.master else ""
        for kind in KINDS:
            document = video.documents.get(kind)
            made = f", {document.record.recipe.engine}" if document and document.record else ""
            row[kind] = f"{document.provenance}, {document.created_at[:16]}{made}" if document else "-"
        rows.append({**row, "delivered": str(video.delivered or ""), "problem": video.problem})
    return rows
