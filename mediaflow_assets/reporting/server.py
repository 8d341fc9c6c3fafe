"""A small server for the reports, on this machine only, so that the UI can link to them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import contained
from mediaflow_assets.reporting.html import render
from mediaflow_assets.reporting.texts import Language

HOST = "127.0.0.1"
_TYPES = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".mp4": "video/mp4",
}
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def address(port: int, path: str = "") -> str:
    """URL of a file of the reports folder."""
    return f"http://{HOST}:{port}/{quote(path)}"


@contextlib.contextmanager
def report_server(root: Path, port: int, language: Language) -> Iterator[str]:
    """Serve ``root`` while the block runs; yields the URL.

    Reading only: GET and HEAD of files below ``root``, no hidden files, no links that lead out of it,
    no listing but our own start page. Requests that were addressed to another host name are refused,
    so a page of the internet cannot read reports through a name that it points to this machine.

    Args:
        port: 0 takes any free one.

    Raises:
        Unavailable: the port is in use.
    """
    handler = type("Handler", (ReportHandler,), {"root": root, "language": language})
    try:
        server = ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        raise Unavailable(
            f"port {port}", f"cannot be opened for the reports ({error.strerror})", "Set REPORTS_PORT to a free one"
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="reports", daemon=True).start()
    try:
        yield address(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


class ReportHandler(BaseHTTPRequestHandler):
    """Answers with one file, or with the start page."""

    root: ClassVar[Path]
    language: ClassVar[Language]
    server_version = "mediaflow"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to Dagster."""

    def _answer(self, *, body: bool) -> None:
        name = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or ""
        if name not in (HOST, "localhost"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        path = unquote(urlsplit(self.path).path).lstrip("/")
        if not path:
            self._send("text/html", _start_page(self.root, self.language).encode(), body=body)
            return
        file = self._file(path)
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with file.open("rb") as stream:
            self._head(_TYPES.get(file.suffix.lower()), file.stat().st_size, file.name)
            if body:
                shutil.copyfileobj(stream, self.wfile)

    def _file(self, path: str) -> Path | None:
        """The regular file that a request means, if it may be read."""
        if any(part.startswith(".") for part in path.split("/")):
            return None
        try:
            file = contained(self.root, path)
            return file if file.is_file() else None
        except (BadInput, OSError, ValueError):
            return None

    def _send(self, kind: str, data: bytes, *, body: bool) -> None:
        self._head(kind, len(data), "")
        if body:
            self.wfile.write(data)

    def _head(self, kind: str | None, length: int, name: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind else "application/octet-stream")
        self.send_header("Content-Length", str(length))
        if kind is None:
            self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")
        self.end_headers()

    def end_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()


def _start_page(root: Path, language: Language) -> str:
    months = sorted((path.stem for path in root.glob("months/*.html")), reverse=True)
    projects = sorted((path.parent.name for path in root.glob("*/report.html")), reverse=True)
    return render("index.html.jinja", language, generated=datetime.now(UTC), months=months, projects=projects)
