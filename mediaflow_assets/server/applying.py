"""What people said, into the delivery now: the button does what ``mediaflow corrections apply`` does."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.server.files import json_answer, missing
from mediaflow_assets.server.site import Site, is_key, site_of


async def apply(request: Request) -> Response:
    """Deliver a project as people said, and answer when that is done."""
    site, key = site_of(request), request.path_params["key"]
    if not site.may_write:
        return _sentence("Nothing is changed here (REVIEW=off).", 403)
    if not is_key(key) or not site.layout.project(key).origin.exists():
        return missing("There is no such project.")
    return await run_in_threadpool(_apply, site, key)


def _apply(site: Site, key: str) -> Response:
    if site.apply is None:
        return _sentence(f"It is not done here. Use: mediaflow corrections apply {key}", 503)
    with site.applying:  # whoever asks meanwhile waits, and then finds it done
        site.runs.forget()
        if key in site.runs.unfinished():
            return _sentence("A run of this project is under way. Ask again when it has ended.", 409)
        problems = site.apply(site.settings, key)
        site.runs.forget()
    if problems:
        return _sentence(" ".join(problems), 422)
    record = DeliveryRecords(site.layout.state).get(key)
    return json_answer({"delivered_at": record.delivered_at if record else None})


def _sentence(text: str, status: int) -> Response:
    return json_answer({"sentence": text}, status)


ROUTES = [Route("/api/apply/{key}", apply, methods=["POST"])]
