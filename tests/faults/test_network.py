"""A webhook and downloads that fail in every way: nothing is lost, nothing is fetched twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.definitions import defs
from mediaflow_assets.resources.workspace import Workspace
from tests.faults.project import Small, unfinished

Answer = tuple[int, bytes, float]
"""Status, body, and the share of it that is sent before the connection ends."""


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A server that answers each path as ``answer`` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, share = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: int(len(body) * share)])
            self.close_connection = True

        def do_HEAD(self) -> None:
            status, body, _ = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def tick() -> list[dg.RunRequest]:
    """One evaluation of the webhook sensor: what Dagster is asked to start."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"workspace": Workspace()})
        result = defs().get_repository_def().get_sensor_def("webhook")(context)
    return list(result.run_requests or []) if isinstance(result, dg.SensorResult) else []


def home() -> Path:
    return Path(os.environ["MEDIAFLOW_HOME"])


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Points the settings to a server."""

    def use(url: str) -> None:
        monkeypatch.setenv("WEBHOOK_JSON_URL", f"{url}/links.json")
        monkeypatch.setenv("DOWNLOAD_PROXY_HOSTS", "127.0.0.1")
        monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
        monkeypatch.setenv("DOWNLOAD_LONGEST_WAIT", "0")

    return use


def records(url: str) -> bytes:
    record = {
        "source_url": f"{url}/34_Camille_link.zip",
        "original_filename": "34_Camille_link.zip",
        "provider": "dropbox",
        "created_at": "2026-11-21T10:00:00+01:00",
    }
    return json.dumps([record]).encode()


FAULTS: dict[str, Answer] = {
    "an error": (500, b"", 1),
    "another shape": (200, b'{"links": []}', 1),
    "no JSON": (200, b"<html>maintenance</html>", 1),
    "half an answer": (200, b"[" + b" " * 2000 + b"]", 0.5),
    "not found": (404, b"", 1),
}


def test_a_flapping_webhook_starts_each_project_once(links: Callable[[str], None]) -> None:
    state: dict[str, Answer] = {}
    with serving(lambda path: state["now"]) as url:
        links(url)
        started: set[str | None] = set()
        for fault in [*FAULTS.values(), *FAULTS.values()]:
            state["now"] = fault
            with pytest.raises(MediaflowError) as failed:
                tick()
            assert str(failed.value).startswith("webhook: ")
            assert "\n" not in str(failed.value)
            state["now"] = (200, records(url), 1.0)
            started |= {request.run_key for request in tick()}
        assert len(started) == 1, "Dagster drops a second request with the same key"
    with pytest.raises(MediaflowError, match="webhook: cannot be r"):  # nobody is there any more
        tick()
    assert len(list(home().glob("downloads/*/origin.json"))) == 1


def test_a_download_that_is_cut_is_tried_again(
    undisturbed: Small, links: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = (undisturbed.folders.downloads / "30_Camille_small.zip").read_bytes()
    asked = []

    def answer(path: str) -> Answer:
        if path == "/links.json":
            return 200, records(url), 1
        asked.append(path)
        return 200, archive, 0.5 if len(asked) == 1 else 1

    with serving(answer) as url:
        links(url)
        (request,) = tick()
        project = Small(home(), monkeypatch)
        assert project.key == request.partition_key
        outcome = project.run("source_archive")
    assert outcome.success
    assert len(asked) >= 2
    assert (project.folders.downloads / "34_Camille_link.zip").read_bytes() == archive
    assert unfinished(project.home) == []


def test_a_page_instead_of_an_archive(links: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(path: str) -> Answer:
        return 200, records(url) if path == "/links.json" else b"<html>This link has expired</html>", 1

    with serving(answer) as url:
        links(url)
        tick()
        project = Small(home(), monkeypatch)
        outcome = project.run("source_archive")
    (sentence,) = set(outcome.problems.values())
    assert "34_Camille_link.zip" in sentence
    assert "HTML" in sentence or "page" in sentence
    assert [path.name for path in project.folders.downloads.iterdir() if path.suffix == ".zip"] == []
    assert unfinished(project.home) == []
