"""A webhook and downloads that fail in every way: nothing is lost, nothing is fetched twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import dagster as dg
import pytest

from mediaflow_assets.definitions import defs
from mediaflow_assets.layout import FolderSettings, Layout
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


class Webhook:
    """The webhook sensor with an instance of its own."""

    def __init__(self) -> None:
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor: str | None = None

    def tick(self) -> list[dg.RunRequest]:
        """One evaluation; returns what Dagster would start."""
        repository = defs().get_repository_def()
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, repository_def=repository, resources={"workspace": Workspace()}
        )
        result = repository.get_sensor_def("webhook").evaluate_tick(context)
        self.cursor = result.cursor or self.cursor
        return list(result.run_requests or [])


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Callable[[str], None]:
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


def test_a_flapping_webhook_starts_each_project_once(
    links: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, Answer] = {}
    with serving(lambda path: state["now"]) as url:
        links(url)
        good = (200, records(url), 1.0)
        sensor = Webhook()
        started: set[str] = set()
        for fault in [*FAULTS.values(), *FAULTS.values()]:
            state["now"] = fault
            with pytest.raises(dg.DagsterError) as failed:
                sensor.tick()
            assert str(failed.value.__cause__).startswith("webhook: ")
            assert str(failed.value.__cause__).count("\n") == 0
            state["now"] = good
            started |= {str(request.run_key) for request in sensor.tick()}
        assert len(started) == 1, "Dagster drops a second request with the same key"
    with pytest.raises(dg.DagsterError) as failed:  # nobody is there any more
        sensor.tick()
    assert str(failed.value.__cause__).startswith("webhook: cannot be read")
    home = Layout(FolderSettings(home=Workspace.__fields__ and _home()))
    assert len(list(home.downloads.glob("*/origin.json"))) == 1


def _home() -> object:
    import os

    return os.environ["MEDIAFLOW_HOME"]


def test_a_download_that_is_cut_is_tried_again(
    undisturbed: Small, tmp_path: object, links: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = (undisturbed.folders.downloads / "30_Camille_small.zip").read_bytes()
    asked = []

    def answer(path: str) -> Answer:
        if path == "/links.json":
            return 200, records(url), 1
        asked.append(path)
        return 200, archive, 0.5 if len(asked) == 1 else 1

    impatient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: impatient(min(seconds, 0.01)))  # the pause before a retry
    with serving(answer) as url:
        links(url)
        (request,) = Webhook().tick()
        project = Small(_path(), monkeypatch)
        assert project.key == request.partition_key
        outcome = project.run("source_archive")
    assert outcome.success
    assert len(asked) >= 2
    assert (project.folders.downloads / "34_Camille_link.zip").read_bytes() == archive
    assert unfinished(project.home) == []


def _path():  # type: ignore[no-untyped-def]
    from pathlib import Path

    return Path(str(_home()))


def test_a_page_instead_of_an_archive(links: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(path: str) -> Answer:
        return 200, records(url) if path == "/links.json" else b"<html>This link has expired</html>", 1

    impatient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: impatient(min(seconds, 0.01)))
    with serving(answer) as url:
        links(url)
        Webhook().tick()
        project = Small(_path(), monkeypatch)
        outcome = project.run("source_archive")
    (sentence,) = set(outcome.problems.values())
    assert "34_Camille_link.zip" in sentence
    assert "HTML" in sentence or "page" in sentence
    assert [path.name for path in project.folders.downloads.iterdir() if path.suffix == ".zip"] == []
    assert unfinished(project.home) == []
