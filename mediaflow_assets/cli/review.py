"""``mediaflow review``: where the review page of a video is, for whoever sits at this machine."""

from __future__ import annotations

import webbrowser
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.reporting.addresses import address
from mediaflow_assets.reporting.sources import VideoSource, find_project


def review(
    project: Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)],
    video: Annotated[
        str | None, typer.Argument(help="Id, path, file name or stem; without it the page of the project.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Also open it in the browser of this machine.")] = False,
) -> None:
    """Print the address of a project's review page, or of one video's (mediaflow dev or web serves it)."""
    here = installation()
    source = find_project(here.layout, here.store, choose_project(here, project))
    path = f"p/{source.key}/"
    if video is not None:
        path += f"review/{_reviewable(source.video(video)).id}"
    elif len(source.videos) == 1:
        path += f"review/{_reviewable(source.videos[0]).id}"
    page = address(here.settings.reports.port, path)
    typer.echo(page)
    if open_:
        _open(page, here.settings.reports.port)


def _reviewable(video: VideoSource) -> VideoSource:
    if video.master is None or not video.documents:
        raise BadInput(
            video.path, f"cannot be reviewed ({video.problem or 'it has no analysis'})", "Run its project first"
        )
    return video


def _open(page: str, port: int) -> None:
    try:
        urlopen(address(port, "api/session"), timeout=10).close()  # noqa: S310 - loopback, by http
    except (URLError, TimeoutError) as error:
        raise Unavailable(
            f"port {port}", "nobody serves the page", "Start it: mediaflow dev, or mediaflow web"
        ) from error
    if not webbrowser.open(page):
        raise Unavailable(page, "no browser could be started", "Open the address yourself")
