"""What people do about projects from the start page: the same functions as the commands call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.delivery.leave_out import leave_out
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.orchestration.project_states import ProjectStates, write_state
from mediaflow_assets.server.files import json_answer, missing
from mediaflow_assets.server.site import Site, is_key, site_of


class _Queue(msgspec.Struct, frozen=True, kw_only=True):
    paused: bool


async def queue(request: Request) -> Response:
    """Pause the run queue, or let it go on."""
    body = await request.body()
    if not site_of(request).may_write:
        return json_answer({"sentence": "Nothing is changed here (REVIEW=off)."}, 403)
    try:
        wanted = msgspec.json.decode(body, type=_Queue)
    except msgspec.DecodeError as error:
        return json_answer({"sentence": f"This is no request ({error})."}, 422)
    return await run_in_threadpool(_set_queue, site_of(request), wanted.paused)


async def project(request: Request) -> Response:
    """Do one thing about one project."""
    site = site_of(request)
    key, action = request.path_params["key"], request.path_params["action"]
    if not site.may_write:
        return json_answer({"sentence": "Nothing is changed here (REVIEW=off)."}, 403)
    if action not in ACTIONS or not is_key(key) or not site.layout.project(key).origin.exists():
        return missing("There is no such project or action.")
    return await run_in_threadpool(_act, site, key, action)


def _set_queue(site: Site, paused: bool) -> Response:
    from mediaflow_assets.orchestration.run_queue import pause, resume

    (pause if paused else resume)(site.runs.instance())
    site.runs.forget()
    return json_answer({"paused": paused})


def _act(site: Site, key: str, action: str) -> Response:
    try:
        ACTIONS[action](site, key)
    except BadInput as error:
        return json_answer({"sentence": error.sentence}, 422)
    site.runs.forget()
    return json_answer({"rows": site.projects.rows([key])})


def _first(site: Site, key: str) -> None:
    from mediaflow_assets.orchestration.backfills import put_first

    if not put_first(site.runs.instance(), key):
        raise BadInput(key, "has no queued run", "Wait until the sensor has started one")


def _retry(site: Site, key: str) -> None:
    history = open_history(site.settings.intake, site.layout.state)
    runs = site.runs.unfinished()
    ProjectStates(site.layout, history.of_project(key), runs).require_retry_is_of_use(key)
    history.retry(key)
    write_state(site.layout, history, key)


def _approve(site: Site, key: str) -> None:
    history = open_history(site.settings.intake, site.layout.state)
    history.approve(key)
    write_state(site.layout, history, key)


def _leave_out(site: Site, key: str) -> None:
    """All videos that the delivery waits for now; then the project is run again."""
    folders = site.layout.project(key)
    bad = bad_videos(folders)
    if not bad:
        raise BadInput(key, "waits for no video", "See its report")
    leave_out(folders, [video.path for video in bad])
    _retry(site, key)


ACTIONS: dict[str, Callable[[Site, str], None]] = {
    "first": _first,
    "retry": _retry,
    "approve": _approve,
    "leave-out": _leave_out,
}

ROUTES = [
    Route("/api/queue", queue, methods=["POST"]),
    Route("/api/projects/{key}/{action}", project, methods=["POST"]),
]
