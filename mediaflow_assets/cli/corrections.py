"""``mediaflow corrections``: what was said, taking it back, carrying it elsewhere, applying it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.correct import Project, Video
from mediaflow_assets.cli.corrected_video import corrected_video, user, when
from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.reporting.reviewed import review_now
from mediaflow_assets.reporting.sources import archived_source, find_project
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import Edit
from mediaflow_assets.review.journal import journals, read_journal
from mediaflow_assets.review.record import carry_in
from mediaflow_assets.review.record import undo as take_back
from mediaflow_assets.review.state import fold

_SHOWN = ("who", "voice", "face", "into", "name", "first", "last", "frame", "value", "text", "edit")
"""Fields of an edit that a line of the log has."""

app = typer.Typer(help="What people corrected: shown, undone, carried over, applied.", no_args_is_help=True)


@app.command()
def show(
    project: Project, video: Annotated[str | None, typer.Argument(help="Id, path, file name or stem.")] = None
) -> None:
    """Who is who, and what became of each correction."""
    here = installation()
    source = find_project(here.layout, here.store, choose_project(here, project))
    for one in [source.video(video)] if video else source.videos:
        review = review_now(here.layout, source, one)
        typer.echo(one.path)
        if review is None or not review.edits:
            typer.echo("    nobody corrected anything")
            continue
        for person in review.people:
            shown = ", ".join((*person.faces, *person.voices))
            typer.echo(f"    {person.id}  {person.name or '?'}  {shown}  frames {person.first}-{person.last}")
        _edits(review)


@app.command()
def log(project: Project, video: Video) -> None:
    """Every version, oldest first; what is undone has a minus."""
    chosen = corrected_video(project, video)
    versions = chosen.journal.versions()
    counting = {said.id.partition(":")[0] for said in fold(versions).said}
    for version in versions:
        what = f"undo {version.undoes[:12]}" if version.undoes else ", ".join(_words(edit) for edit in version.edits)
        sign = " " if version.undoes or version.version[:12] in counting else "-"
        typer.echo(f"{sign} {version.version[:12]}  {version.at}  {version.by}  {what}{_note(version.note)}")
    if not versions:
        typer.echo("nobody corrected anything")


@app.command()
def undo(
    project: Project,
    video: Video,
    version: Annotated[str | None, typer.Argument(help="Its id or the beginning of it; by default the last.")] = None,
    redo: Annotated[bool, typer.Option("--redo", help="Take back the last undoing.")] = False,
) -> None:
    """Take a version back; what is delivered is then what it was before, byte for byte."""
    chosen = corrected_video(project, video)
    made = take_back(chosen.journal, version, by=user(), via="cli", redo=redo)
    typer.echo(f"version {made.version[:12]} takes back {(made.undoes or '')[:12]}; {when(chosen.project)}")


@app.command()
def export(project: Project, video: Video, file: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write the journal of a video to a file, for another installation."""
    chosen = corrected_video(project, video)
    if not chosen.journal.versions():
        raise BadInput(chosen.video.path, "has no corrections", "There is nothing to export")
    with atomic_path(file.resolve()) as temporary:
        shutil.copyfile(chosen.journal.path, temporary)
    typer.echo(str(file))


@app.command("import")
def import_(project: Project, video: Video, file: Annotated[Path, typer.Argument(help="An exported journal.")]) -> None:
    """Take in what was said elsewhere about the same received video."""
    chosen = corrected_video(project, video)
    written = carry_in(chosen.journal, read_journal(file, chosen.journal.video), by=user())
    typer.echo(f"{len(written)} versions are new")


@app.command()
def apply(project: Project) -> None:
    """Bring what was said into the delivery and the report, now, in this process. Nothing is analysed."""
    from mediaflow_assets.cli.local_run import apply_now

    here = installation()
    key = find_project(here.layout, here.store, choose_project(here, project)).key
    problems = apply_now(here.settings, key)
    for problem in problems:
        typer.echo(f"FAILED {problem}", err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{key}: what people said is delivered")


@app.command()
def look() -> None:
    """Everything that is to be looked at, in all projects: corrections that the present documents do not have."""
    here = installation()
    count = 0
    for path in journals(here.layout.archives):
        for stored in here.store.find(path.stem)[:1]:
            source = archived_source(here.layout, here.store, stored.folder.parent)
            for video in source.videos:
                review = review_now(here.layout, source, video) if video.sha256 == path.stem else None
                if review is not None and review.to_look_at:
                    count += len(review.to_look_at)
                    typer.echo(f"{source.key}  {video.path}")
                    _edits(review, only_to_look_at=True)
    if not count:
        typer.echo("nothing is to be looked at")


def _edits(review: Review, *, only_to_look_at: bool = False) -> None:
    for edit in review.to_look_at if only_to_look_at else review.edits:
        typer.echo(f"    {edit.id}  {edit.op}: {edit.result}{_note(edit.why)}")


def _words(edit: Edit) -> str:
    """An edit in a few words: ``name obj_3 Camille``."""
    op = type(edit).__struct_config__.tag
    parts = [getattr(edit, field, None) for field in _SHOWN]
    return " ".join([str(op), *(_part(part) for part in parts if part not in (None, ""))])


def _part(part: object) -> str:
    if isinstance(part, tuple):
        return "+".join(_part(one) for one in part)
    return str(getattr(part, "id", part))


def _note(text: str) -> str:
    return f" ({text})" if text else ""
