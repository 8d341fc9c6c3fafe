"""``mediaflow leave-out``: deliver a project without a video that could not be made."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.delivery.leave_out import leave_out as remember
from mediaflow_assets.delivery.leave_out import names_to_leave_out, take_in
from mediaflow_assets.execution.fanout import is_named
from mediaflow_assets.formats.manifest import Extraction, read_document
from mediaflow_assets.reporting.sources import find_project


def leave_out(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)],
    videos: Annotated[
        list[str] | None, typer.Argument(help="Path, file name, stem or id; none: show what waits.", show_default=False)
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Wait for these again; for all if none is named.")] = False,
) -> None:
    """Let a project be delivered without videos that could not be made.

    It is leave, not an order: a video that can be made in the next run is delivered.
    """
    here = installation()
    folders = here.layout.project(find_project(here.layout, here.store, choose_project(here, project)).key)
    if undo:
        take_in(folders, videos or [])
    elif videos:
        _check(folders, videos)
        remember(folders, videos)
    bad = bad_videos(folders)
    names = names_to_leave_out(folders)
    for video in bad:
        said = any(is_named(video.path, video.id, name) for name in names)
        typer.echo(f"{'left out' if said else 'waits for'}  {video.path}\n    {video.reason}")
    for name in names:
        if not any(is_named(video.path, video.id, name) for video in bad):
            typer.echo(f"left out if it fails  {name}")
    if not bad and not names:
        typer.echo("nothing waits, nothing is left out")
    elif videos or undo:
        typer.echo(f"now run it again: mediaflow run {folders.key}, or Materialize finalized_project in the UI")


def _check(folders: ProjectFolders, names: list[str]) -> None:
    """A name that no video has is a slip of the pen."""
    if not folders.extraction.exists():
        return
    videos = read_document(folders.extraction, Extraction).videos
    for name in names:
        if not any(is_named(video.path, video.id, name) for video in videos):
            choice = ", ".join(video.path for video in videos)
            raise BadInput(repr(name), "is not a video of this project", f"Choose from: {choice}")
