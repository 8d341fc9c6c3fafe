"""Answers that are files: with ranges, so that players may seek, and with ETags, so that nothing is sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response


def file_response(
    request: Request,
    file: Path,
    media_type: str | None,
    *,
    filename: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A file as it is now: 200, 206 for a range, 304 if the browser has it, 416 for a range beyond its end.

    Args:
        media_type: None for what a browser should not look into.
        filename: saved under this name instead of being shown.
    """
    response = FileResponse(
        file,
        headers=headers,
        media_type=media_type or "application/octet-stream",
        filename=filename,
        stat_result=file.stat(),
    )
    if response.headers["etag"] in request.headers.get("if-none-match", "").replace(" ", "").split(","):
        kept = {name: response.headers[name] for name in ("etag", "last-modified")}
        return Response(status_code=304, headers={**(headers or {}), **kept})
    return response


def json_answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Anything as JSON."""
    return Response(msgspec.json.encode(document), status, headers, "application/json")


def missing(sentence: str) -> Response:
    """404 with a sentence."""
    return PlainTextResponse(sentence, 404)
