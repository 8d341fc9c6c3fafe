"""``mediaflow export-tables``: the analyses of a project for a spreadsheet or a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project

if TYPE_CHECKING:
    from mediaflow_assets.tables import Dataset
    from mediaflow_assets.tables.export import Format


def export_tables(
    project: Annotated[
        str, typer.Argument(help="Key, name, number or part of the name of a project, or a folder with its documents.")
    ],
    format_: Annotated[str, typer.Option("--format", help="csv, parquet or xlsx.", metavar="FORMAT")] = "csv",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the files (default: tables of PROJECT here).", show_default=False)
    ] = None,
) -> None:
    """Write scenes, frames, objects, speech, words, people and speaking of a project as tables."""
    from mediaflow_assets.tables.export import export_tables as write

    dataset, name = _dataset(project)
    folder = output or Path(f"{name} tables")
    for path in write(dataset, folder, _format(format_)):
        typer.echo(path)


def _format(name: str) -> Format:
    from mediaflow_assets.tables.export import FORMATS

    if found := next((known for known in FORMATS if known == name), None):
        return found
    raise typer.BadParameter("choose csv, parquet or xlsx", param_hint="--format")


def _dataset(project: str) -> tuple[Dataset, str]:
    """A project wherever its documents are now, or those of a folder."""
    from mediaflow_assets.reporting.sources import find_project
    from mediaflow_assets.tables import AnalysedVideo, Dataset, open_delivery

    if Path(project).is_dir():
        return open_delivery(project), Path(project).resolve().name
    here = installation()
    source = find_project(here.layout, here.store, choose_project(here, project))
    videos = [
        AnalysedVideo(
            source.key,
            Path(video.path).with_suffix("").as_posix(),
            {
                kind: video.documents[kind].path
                for kind in ("scenes", "audio", "tracking", "transcript", "people")
                if kind in video.documents
            },
        )
        for video in source.videos
    ]
    return Dataset(videos), source.key
