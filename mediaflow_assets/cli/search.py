"""``mediaflow search``: where something was said, over everything that was transcribed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.core.timebase import timecode
from mediaflow_assets.reporting.moments import Moments, search_index
from mediaflow_assets.transcripts.search_index import Hit
from mediaflow_assets.transcripts.search_index import search as find
from mediaflow_assets.transcripts.string_out import HANDLE, write_string_out


def search(
    text: Annotated[str, typer.Argument(help="Words; the last one may be unfinished.")],
    person: Annotated[str, typer.Option(help="Only of this person, voice or face (a part of the name).")] = "",
    project: Annotated[str, typer.Option(help="Only in projects with this in their name.")] = "",
    since: Annotated[str, typer.Option(help="Only deliveries from this date on, YYYY-MM-DD.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Hits to show.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    edl: Annotated[Path | None, typer.Option(help="Also write the hits as an edit decision list.")] = None,
    otio: Annotated[Path | None, typer.Option(help="Also write the hits as an OpenTimelineIO timeline.")] = None,
    handle: Annotated[float, typer.Option(min=0, help="Seconds around each hit in these.")] = HANDLE,
) -> None:
    """Find what was said, newest project first; transcripts are made with SPEECH_TRANSCRIBE=whisper."""
    home = installation()
    index = search_index(home.layout, home.store)
    hits = list(find(index, text, person=person, project=project, since=since, limit=limit))
    moments = Moments(home.layout)
    port = home.settings.reports.port
    for hit in hits:
        typer.echo(_json(hit, moments, port) if as_json else _line(hit, moments.page(hit, port)))
    for path in (edl, otio):
        if path is not None:
            write_string_out(path, hits, moments.medium, handle=handle, name=text)
            typer.echo(f"Written: {path}")
    if not hits:
        raise typer.Exit(1)


def _json(hit: Hit, moments: Moments, port: int) -> str:
    film = moments.film(hit)
    more = {
        "timecode": timecode(hit.first),
        "film": str(film) if film else None,
        "link": moments.page(hit, port) or None,
    }
    return msgspec.json.encode(msgspec.to_builtins(hit) | more).decode()


def _line(hit: Hit, link: str) -> str:
    who = hit.person or hit.speaker or "?"
    return f"{hit.project}  {hit.video}  {timecode(hit.first)}  {who}: {hit.text}" + (f"\n    {link}" if link else "")
