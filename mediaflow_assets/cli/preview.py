"""``mediaflow preview``: an annotated copy of an analysed video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.formats.manifest import Master


def preview(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)],
    video: Annotated[str, typer.Argument(help="File name, stem or id of one of its videos.", show_default=False)],
    output: Annotated[Path | None, typer.Option(help="File to write; default: in the project's reports.")] = None,
) -> None:
    """Draw boxes, ids, speakers and scenes into a video, for looking at the analysis."""
    from rich.progress import Progress

    from mediaflow_assets.core.files import contained
    from mediaflow_assets.faces.preview import render_preview

    here = installation()
    folders = here.layout.project(choose_project(here, project))
    master = one_master(folders, video)
    target = (output or folders.reports / f"{master.id}_preview.mp4").resolve()
    with Progress(transient=True) as bars:
        task = bars.add_task(f"preview of {master.stem}", total=1.0)
        render_preview(
            contained(folders.video, master.path),
            folders.document("scenes", master.id),
            folders.document("audio", master.id),
            folders.document("tracking", master.id),
            (master.width, master.height),
            target,
            lambda fraction: bars.update(task, completed=fraction),
        )
    typer.echo(target)


def one_master(folders: ProjectFolders, video: str) -> Master:
    """The 25-fps video with this id, path, file name or stem.

    Raises:
        BadInput: none or several have it; lists them.
    """
    from mediaflow_assets.assets.analysis import masters_of

    masters = masters_of(folders)
    chosen = [m for m in masters if video in (m.id, m.stem, Path(m.source_path).name, m.source_path)]
    if len(chosen) != 1:
        names = ", ".join(m.source_path for m in masters)
        problem = "fits several videos" if chosen else "is not a video of this project"
        raise BadInput(video, problem, f"Name one of: {names}")
    return chosen[0]
