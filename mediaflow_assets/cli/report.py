"""``mediaflow report``: reports without the UI."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import MAX_LISTED, choose_project
from mediaflow_assets.core.errors import BadInput

app = typer.Typer(help="Reports for people: of a video, a project, a month.", no_args_is_help=True)

Folder = Annotated[Path | None, typer.Option("--output", help="Folder to write to, instead of the reports folder.")]


@app.command()
def video(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.")],
    name: Annotated[str, typer.Argument(metavar="VIDEO", help="Id, path, file name or stem.")],
    output: Folder = None,
) -> None:
    """Write the page, the timeline and the exports of one video."""
    from mediaflow_assets.reporting.report import write_video_report
    from mediaflow_assets.reporting.reviewed import with_reviews
    from mediaflow_assets.reporting.sources import find_project

    here = installation()
    source = with_reviews(here.layout, find_project(here.layout, here.store, choose_project(here, project)))
    folder = output or here.layout.reports / source.key
    made = write_video_report(folder, source, source.video(name), here.settings.reports, here.store)
    for path in made.outputs.values():
        typer.echo(str(path))


@app.command()
def project(
    project: Annotated[
        str, typer.Argument(help="Key, name, number or part of the name, or the name of its folder in the store.")
    ],
    output: Folder = None,
) -> None:
    """Write the pages of a project and of its videos; a video that cannot be read is a row that says why."""
    from mediaflow_assets.execution.progress import LogProgress
    from mediaflow_assets.reporting.report import write_project_report
    from mediaflow_assets.reporting.reviewed import with_reviews
    from mediaflow_assets.reporting.sources import find_project

    here = installation()
    source = with_reviews(here.layout, find_project(here.layout, here.store, choose_project(here, project)))
    folder = output or here.layout.reports / source.key
    done = write_project_report(
        folder, source, here.settings.reports, here.store, LogProgress(logging.getLogger("mediaflow"))
    )
    typer.echo(str(done.page))
    for row in done.rows:
        if row.problem:
            typer.echo(f"{row.video.path}: {row.problem}", err=True)
    if any(row.problem for row in done.rows):
        raise typer.Exit(1)


@app.command()
def month(
    month: Annotated[str | None, typer.Argument(help="YYYY-MM; by default the running month.")] = None,
    output: Folder = None,
) -> None:
    """Write the report of the projects that were archived in a month."""
    from mediaflow_assets.reporting.month import write_month_report

    chosen = month or f"{datetime.now(UTC):%Y-%m}"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", chosen):
        raise BadInput(repr(chosen), "is not a month", "Write it as YYYY-MM")
    if chosen > f"{datetime.now(UTC):%Y-%m}":
        raise BadInput(chosen, "has not begun", "Choose the running month or one before it")
    here = installation()
    if not here.store.folders(chosen):
        known = ", ".join(here.store.months()[-MAX_LISTED:])
        raise BadInput(chosen, "has no archived project", f"Months that have: {known}" if known else "Run one first")
    target = (output or here.layout.reports / "months") / f"{chosen}.html"
    written, projects = write_month_report(target, chosen, here.store, here.settings.reports)
    videos = sum(len(row.videos) for row in projects)
    counts = (len(projects), "project"), (videos, "video")
    typer.echo(", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts))
    typer.echo(str(written))


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A monthly report, as HTML.")],
) -> None:
    """Read a monthly report back: month, build, projects, counts, and what kinds of file it lists."""
    from mediaflow_assets.reporting.month import read_month_report

    for name, value in msgspec.structs.asdict(read_month_report(file)).items():
        typer.echo(f"{name}: {value}")
