"""``mediaflow projects``: what there is."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from mediaflow_assets.cli.installation import Installation, installation


def projects(
    project: Annotated[
        str | None, typer.Argument(help="Show the videos of one project, by key or name.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the projects that are at work, delivered or archived, with what each has."""
    here = installation()
    rows = _videos(here, project) if project else _projects(here)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows), indent=1))
        return
    for row in rows:
        typer.echo(_shown(row))
    if not rows:
        typer.echo("nothing yet")


def _shown(row: dict[str, object]) -> str:
    """One line that names it and one for what it has: keys and paths stay in one piece."""
    title, name, *others = row.items()
    facts = [f"{key.replace('_', ' ')}: {value}" for key, value in others if value not in ("", "-")]
    return f"{title[1]}   {name[1]}\n    {'  '.join(facts)}"


def _projects(here: Installation) -> list[dict[str, object]]:
    from mediaflow_assets.reporting.overview import overview

    return [
        {
            "key": item.key,
            "name": item.name,
            "since": item.since[:16].replace("T", " "),
            "state": " ".join(item.states),
            "videos": item.videos,
            **item.documents,
            "delivered_to": item.delivered_to,
        }
        for item in overview(here.layout, here.store)
    ]


def _videos(here: Installation, wanted: str) -> list[dict[str, object]]:
    from mediaflow_assets.delivery.readiness import KINDS
    from mediaflow_assets.reporting.sources import find_project

    rows: list[dict[str, object]] = []
    for video in find_project(here.layout, here.store, wanted).videos:
        row: dict[str, object] = {"video": video.path, "id": video.id}
        row["frames"] = video.master.total_frames if video.master else ""
        for kind in KINDS:
            document = video.documents.get(kind)
            made = f", {document.record.recipe.engine}" if document and document.record else ""
            row[kind] = f"{document.provenance}, {document.created_at[:16]}{made}" if document else "-"
        rows.append({**row, "delivered": str(video.delivered or ""), "problem": video.problem})
    return rows
