"""The web application on loopback, asked as browsers ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mediaflow_assets.cli.local_run import apply_now
from mediaflow_assets.server.app import web_server
from mediaflow_assets.server.site import Site
from mediaflow_assets.settings import Settings


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """An installation and where it is served."""

    site: Site
    url: str

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; ``host`` and others by their names with ``_`` for ``-``; an empty one is left out."""
        sent = {"host": f"127.0.0.1:{self.port}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.putrequest(method, path, skip_host=True)
        if body is not None:
            sent.setdefault("content-length", str(len(body)))
        for name, text in sent.items():
            if text:
                connection.putheader(name, text)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def post(self, path: str, document: object, **headers: str) -> Answer:
        """Send JSON as our own page does."""
        own = {"origin": f"http://127.0.0.1:{self.port}", "x_review_token": self.site.token}
        own |= {"content_type": "application/json", "sec_fetch_site": "same-origin"}
        return self.ask(path, "POST", json.dumps(document).encode(), **(own | headers))


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an installation until the test ends: ``serve(home, REVIEW="off")``."""
    with ExitStack() as stack:

        def start(home: Path, **environ: str) -> Served:
            site = Site.of(Settings.load(None, {"MEDIAFLOW_HOME": str(home), **environ}), apply=apply_now)
            return Served(site, stack.enter_context(web_server(site, 0)))

        yield start
