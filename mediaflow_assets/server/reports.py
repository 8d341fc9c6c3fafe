"""The reports folder, read-only: the addresses that Dagster's UI, alerts and bookmarks have."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import contained
from mediaflow_assets.server.files import file_response, missing
from mediaflow_assets.server.site import site_of

_TYPES = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".mp4": "video/mp4",
}
_OWN_POLICY = {"Content-Security-Policy": "frame-ancestors 'none'; form-action 'none'"}
"""A report says itself, in its head, which script may run in it: it is opened from a disk as well."""


def report_file(request: Request) -> Response:
    """One file below the reports folder: no hidden ones, no links that lead out of it, no listing."""
    file = _file(site_of(request).layout.reports, request.path_params["path"])
    if file is None:
        return missing("There is no such report.")
    kind = _TYPES.get(file.suffix.lower())
    return file_response(request, file, kind, filename=None if kind else file.name, headers=_OWN_POLICY)


def _file(root: Path, path: str) -> Path | None:
    if any(part.startswith(".") for part in path.split("/")):
        return None
    try:
        file = contained(root, path)
        return file if file.is_file() else None
    except (BadInput, OSError, ValueError):
        return None


def start(_: Request) -> Response:
    """What the pages link to as the list of all reports: on the server that is the start page."""
    return RedirectResponse("/")


ROUTES = [Route("/index.html", start), Route("/{path:path}", report_file)]
"""Last of all: every address that no other part has."""
