"""``mediaflow reframe``: an analysed video in another aspect, rendered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.preview import one_master
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput


def reframe(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)],
    video: Annotated[str, typer.Argument(help="File name, stem or id of one of its videos.", show_default=False)],
    aspect: Annotated[str, typer.Option(help="9:16, 4:5, 1:1 or 16:9.")] = "9:16",
    preview: Annotated[bool, typer.Option("--preview", help="A small one, quickly.")] = False,
    output: Annotated[Path | None, typer.Option(help="File to write; default: in the project's reports.")] = None,
) -> None:
    """Render a video in another aspect, so that it follows who speaks; sound is copied."""
    from mediaflow_assets.core.files import contained
    from mediaflow_assets.delivery.readiness import full_documents, reframed_documents
    from mediaflow_assets.formats.reframe_json import read_reframing
    from mediaflow_assets.reframing.aspects import aspect as aspect_of
    from mediaflow_assets.reframing.reframe import kind_of, reframe
    from mediaflow_assets.reframing.render import render

    here = installation()
    settings = here.settings
    folders = here.layout.project(choose_project(here, project))
    master = one_master(folders, video)
    picture = contained(folders.video, master.path)
    chosen = aspect_of(aspect)
    kind = kind_of(chosen.label)
    document = reframed_documents(folders, master).get(kind)
    with _bars(master.stem) as advance:
        if document is None:
            documents = full_documents(folders, master)
            if "tracking" not in documents:
                raise BadInput(master.source_path, "has no tracking", "Materialize tracking_json first")
            only = settings.reframe.model_copy(update={"aspects": (chosen.name,)})
            made, _ = reframe(picture, master, documents, only, folders.reports / "reframe", advance)
            document = made[kind]
        ending = f"_reframe_{chosen.label}{'_preview' if preview else ''}.mp4"
        target = (output or folders.reports / f"{master.id}{ending}").resolve()
        render(
            picture,
            read_reframing(document),
            target,
            "preview" if preview else "full",
            lambda part: advance(part, "rendering"),
        )
    typer.echo(target)


@contextlib.contextmanager
def _bars(title: str) -> Iterator[Callable[[float, str], None]]:
    """A bar with the time that is left."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as bars:
        task = bars.add_task(title, total=1.0)

        def advance(part: float, note: str) -> None:
            bars.update(task, completed=part, description=f"{title}: {note}")

        yield advance
