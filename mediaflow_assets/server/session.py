"""Who looks at a page, and whether they may write."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mediaflow_assets.server.security import user_of
from mediaflow_assets.server.site import site_of


def session(request: Request) -> Response:
    """The token that every write has to bring; pages of other origins cannot read it."""
    site = site_of(request)
    facts = {
        "token": site.token if site.may_write else None,
        "user": user_of(request),
        "may_write": site.may_write,
        "language": site.settings.reports.language,
    }
    return JSONResponse(facts, headers={"Cache-Control": "no-store"})


ROUTES = [Route("/api/session", session)]
