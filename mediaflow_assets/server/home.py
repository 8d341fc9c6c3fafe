"""The start page: every project with its state, live; and the page of one project with its videos."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.reporting.sources import VideoSource
from mediaflow_assets.server.dagster_runs import FRESH
from mediaflow_assets.server.documents import project_of
from mediaflow_assets.server.files import file_response, json_answer, missing
from mediaflow_assets.server.pages import page
from mediaflow_assets.server.projects import PAGE
from mediaflow_assets.server.site import Site, site_of

_ALIVE = 15
"""Seconds without news after which a comment is sent, so that proxies keep the connection."""
_THUMBNAIL = (192, 108)


def home(request: Request) -> Response:
    """The start page."""
    return page("home.html", {"ui": site_of(request).ui})


def project_page(request: Request) -> Response:
    """The page of one project."""
    site, key = site_of(request), request.path_params["key"]
    row = next(iter(site.projects.rows([key])), None)
    name = row.name if row else project_of(site, key).name
    return page("project.html", {"project": key, "name": name, "ui": site.ui})


def projects(request: Request) -> Response:
    """Fifty projects, newest first."""
    asked = request.query_params
    site = site_of(request)
    found = site.projects.page(state=asked.get("state", ""), query=asked.get("q", ""), after=asked.get("after", ""))
    months = sorted((path.stem for path in site.layout.reports.glob("months/*.html")), reverse=True)
    return json_answer({**msgspec.to_builtins(found), "months": months})


def project(request: Request) -> Response:
    """One project with its videos."""
    site, key = site_of(request), request.path_params["key"]
    row = next(iter(site.projects.rows([key])), None)
    if row is not None and not row.videos:
        return json_answer({"row": row, "videos": []})
    found = project_of(site, key)
    return json_answer({"row": row, "videos": [_video(site, found.key, video) for video in found.videos]})


def thumbnail(request: Request) -> Response:
    """A small picture of a project, or of one of its videos, from the middle of the first shot."""
    site = site_of(request)
    found = project_of(site, request.path_params["key"])
    wanted = request.query_params.get("video")
    shown = [video for video in found.videos if video.picture and video.master and wanted in (None, video.id)]
    if not shown or shown[0].picture is None or shown[0].master is None:
        return missing("There is no video any more.")
    kept = site.packed / shown[0].master.sha256 / "thumbnail.jpg"
    if not kept.exists():
        write_atomic(kept, _drawn(shown[0]))
    return file_response(request, kept, "image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


async def events(request: Request) -> Response:
    """Rows that changed, as they change (server-sent events)."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_news(request), media_type="text/event-stream", headers=headers)


async def _news(request: Request) -> AsyncIterator[bytes]:
    site = site_of(request)
    known = await run_in_threadpool(_fingerprints, site)
    yield b"retry: 5000\n\n"
    silent = 0.0
    while not await request.is_disconnected():
        await asyncio.sleep(FRESH)
        silent += FRESH
        now = await run_in_threadpool(_fingerprints, site)
        changed = [key for key in now.keys() | known.keys() if now.get(key) != known.get(key)]
        if changed:
            yield await run_in_threadpool(_event, site, changed)
            silent = 0.0
        elif silent >= _ALIVE:
            yield b": nothing new\n\n"
            silent = 0.0
        known = now


def _fingerprints(site: Site) -> dict[str, object]:
    """Key to what is another thing whenever a row is another one."""
    runs = site.runs.unfinished()
    found: dict[str, object] = {key: (stamp, runs.get(key)) for key, stamp in site.projects.stamps().items()}
    return {**found, "": site.runs.paused}


def _event(site: Site, changed: list[str]) -> bytes:
    keys = [key for key in changed if key]
    # So much at once is a new list, and whoever looks asks for their page of it.
    news: dict[str, object] = {"paused": site.runs.paused, "reload": len(keys) > PAGE}
    news["rows"] = site.projects.rows(keys) if len(keys) <= PAGE else []
    return b"event: rows\ndata: " + msgspec.json.encode(news) + b"\n\n"


def _video(site: Site, key: str, video: VideoSource) -> dict[str, object]:
    return {
        "id": video.id,
        "path": video.path,
        "frames": video.master.total_frames if video.master else None,
        "problem": video.problem,
        "missing": "" if video.problem else video.missing,
        "reviewable": video.master is not None and bool(video.documents),
        "report": (site.layout.reports / key / f"{video.id}.html").is_file(),
    }


def _drawn(video: VideoSource) -> bytes:
    import io

    import av

    from mediaflow_assets.formats.scenes_csv import read_scenes
    from mediaflow_assets.video.decode import frames_within

    if video.picture is None or video.master is None:
        raise BadInput(video.path, "has no picture any more", "Send it again")
    scenes = video.documents.get("scenes")
    last = read_scenes(scenes.path)[0].last if scenes else video.master.total_frames
    try:
        (picture,) = frames_within(video.picture, [(1, last)], _THUMBNAIL)
    except av.FFmpegError as error:
        raise BadInput(video.path, f"cannot be decoded ({error})", "Materialize video_25fps again") from error
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=76)
    return stream.getvalue()


ROUTES = [
    Route("/", home),
    Route("/p/{key}/", project_page),
    Route("/api/projects", projects),
    Route("/api/projects/{key}", project),
    Route("/api/thumbnails/{key}.jpg", thumbnail),
    Route("/events", events),
]
