"""The start page."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mediaflow_assets.reporting.html import render
from mediaflow_assets.server.site import site_of

_INLINE_STYLE = {"Content-Security-Policy": "frame-ancestors 'none'; form-action 'none'"}


def home(request: Request) -> Response:
    """Months and projects that have a report."""
    site = site_of(request)
    root = site.layout.reports
    months = sorted((path.stem for path in root.glob("months/*.html")), reverse=True)
    projects = sorted((path.parent.name for path in root.glob("*/report.html")), reverse=True)
    language = site.settings.reports.language
    page = render("index.html.jinja", language, generated=datetime.now(UTC), months=months, projects=projects)
    return HTMLResponse(page, headers=_INLINE_STYLE)


ROUTES = [Route("/", home)]
