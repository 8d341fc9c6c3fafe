"""The outside world on loopback: a webhook, downloads and an alert receiver, all of them unreliable."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any


@dataclass
class World:
    """What is on offer, what goes wrong, and what was seen."""

    archives: Path
    chance: random.Random
    webhook_faults: float = 0.2
    """Share of answers of the webhook that are an error, another shape, or cut."""
    download_faults: float = 0.25
    """Share of first downloads that are cut in the middle."""
    alert_faults: float = 0.1
    port: int = 0
    """Zero: any that is free."""
    offered: list[Path] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    _cut: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> World:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with world._lock:
                    world.answer(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with world._lock:
                    world.receive(self, body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def records(self) -> bytes:
        """The webhook's payload: every archive offered so far."""
        return json.dumps(
            [
                {
                    "source_url": f"{self.url}/{archive.name}",
                    "original_filename": archive.name,
                    "provider": "dropbox",
                    "created_at": "2026-11-21T10:00:00+01:00",
                }
                for archive in self.offered
            ]
        ).encode()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One GET."""
        if request.path == "/links.json":
            self._webhook(request)
        else:
            self._download(request)

    def _webhook(self, request: BaseHTTPRequestHandler) -> None:
        if self.chance.random() >= self.webhook_faults:
            return _send(request, 200, self.records())
        fault = self.chance.choice(["webhook 500", "webhook other shape", "webhook cut"])
        self.injected[fault] += 1
        if fault == "webhook 500":
            return _send(request, 500, b"")
        if fault == "webhook other shape":
            return _send(request, 200, b'{"links": []}')
        return _send(request, 200, self.records(), share=0.5)

    def _download(self, request: BaseHTTPRequestHandler) -> None:
        archive = self.archives / Path(request.path).name
        if not archive.is_file():
            return _send(request, 404, b"")
        first = archive.name not in self._cut
        self._cut.add(archive.name)
        if first and self.chance.random() < self.download_faults:
            self.injected["download cut"] += 1
            return _send(request, 200, archive.read_bytes(), share=0.5)
        return _send(request, 200, archive.read_bytes())

    def receive(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """One alert."""
        if self.chance.random() < self.alert_faults:
            self.injected["alert 503"] += 1
            return _send(request, 503, b"")
        self.alerts.append(json.loads(body))
        return _send(request, 204, b"")


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, share: float = 1.0) -> None:
    """Answer; with a ``share`` below one the connection ends before everything that was promised is sent."""
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: int(len(body) * share)])
    request.close_connection = True
