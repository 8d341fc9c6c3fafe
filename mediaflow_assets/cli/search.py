"""``mediaflow search``: where something was said, over everything that was transcribed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import timecode
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.reporting.restored import stored_corrections
from mediaflow_assets.review.journal import journals
from mediaflow_assets.transcripts.passages import newest_transcript, stored_passages
from mediaflow_assets.transcripts.search_index import Hit, build_index
from mediaflow_assets.transcripts.search_index import search as find
from mediaflow_assets.transcripts.string_out import HANDLE, write_string_out


def search(
    text: Annotated[str, typer.Argument(help="Words; the last one may be unfinished.")],
    person: Annotated[str, typer.Option(help="Only of this person or speaker (a part of the name).")] = "",
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
    index = home.layout.state / "search.sqlite"
    newest = newest_transcript(home.store)
    if not newest:
        raise BadInput("mediaflow search", "nothing is transcribed yet", "Set SPEECH_TRANSCRIBE=whisper and run")
    said = max((path.stat().st_mtime for path in journals(home.layout.archives)), default=0.0)
    if not index.exists() or index.stat().st_mtime < max(newest, said):
        build_index(index, stored_passages(home.store, stored_corrections(home.layout)))
    hits = list(find(index, text, person=person, project=project, since=since, limit=limit))
    for hit in hits:
        typer.echo(msgspec.json.encode(hit).decode() if as_json else _line(hit))
    records = DeliveryRecords(home.layout.state)

    def medium(hit: Hit) -> str:
        record = records.get(hit.project)
        name = f"{Path(hit.video).stem}.mp4"
        return str(Path(record.folder) / name) if record else name

    for path in (edl, otio):
        if path is not None:
            write_string_out(path, hits, medium, handle=handle, name=text)
            typer.echo(f"Written: {path}")
    if not hits:
        raise typer.Exit(1)


def _line(hit: Hit) -> str:
    return f"{hit.project}  {hit.video}  {timecode(hit.first)}  {hit.speaker or '?'}: {hit.text}"
