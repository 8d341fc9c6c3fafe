"""``mediaflow multicam``: a cut list from several cameras of one take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.preview import one_master
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.multicam.cuts import Rules

_RULES = Rules()


def multicam(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)],
    videos: Annotated[
        list[str],
        typer.Argument(help="Two or more of its videos; the sound of the first is kept.", show_default=False),
    ],
    shortest: Annotated[float, typer.Option(min=0.2, help="Shortest shot, seconds.")] = _RULES.shortest,
    longest: Annotated[float, typer.Option(min=0.4, help="Longest shot, seconds.")] = _RULES.longest,
    lead: Annotated[float, typer.Option(min=0, max=1, help="Seconds by which a cut precedes words.")] = _RULES.lead,
    wide: Annotated[str, typer.Option(help="The video that shows everyone; default: the one with most faces.")] = "",
    output: Annotated[Path | None, typer.Option(help="Folder to write to; default: the project's reports.")] = None,
) -> None:
    """Cut cameras of one take by who speaks: synced by their sound, as EDL, OTIO and FCPXML."""
    from mediaflow_assets.core.files import contained
    from mediaflow_assets.delivery.readiness import full_documents
    from mediaflow_assets.multicam.multicam import Recording
    from mediaflow_assets.multicam.multicam import multicam as cut

    if longest < 2 * shortest:
        raise BadInput("--longest", "is below twice --shortest", "Shots in between could not be cut")
    here = installation()
    key = choose_project(here, project)
    folders = here.layout.project(key)
    masters = [one_master(folders, video) for video in videos]
    if len({master.id for master in masters}) < max(2, len(masters)):
        raise BadInput("mediaflow multicam", "needs two or more different videos", "Name each angle once")
    everyone = one_master(folders, wide).id if wide else None
    if everyone is not None and everyone not in {master.id for master in masters}:
        raise BadInput(wide, "is not one of the angles", "Name it among the videos too")
    urls = _urls(here, key, masters)
    recordings = [
        Recording(master, contained(folders.video, master.path), full_documents(folders, master), urls[master.id])
        for master in masters
    ]
    folder = (output or folders.reports / "multicam").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    written = cut(
        recordings,
        Rules(shortest, longest, lead),
        folder / f"{masters[0].id}_multicam",
        name=f"{masters[0].stem} multicam",
        wide=everyone,
        told=typer.echo,
    )
    for path in written.values():
        typer.echo(path)


def _urls(here: Installation, key: str, masters: list[Master]) -> dict[str, str]:
    """Where an editing program finds each video: where it was delivered, else the 25-fps video at work."""
    from mediaflow_assets.core.files import contained
    from mediaflow_assets.delivery.record import DeliveryRecords

    record = DeliveryRecords(here.layout.state).get(key)
    delivered = {}
    if record is not None:
        folder = Path(record.folder)
        delivered = {item.master.id: folder / item.paths["video"] for item in record.videos}
    work = here.layout.project(key).video
    return {
        master.id: (delivered.get(master.id) or contained(work, master.path)).resolve().as_uri() for master in masters
    }
