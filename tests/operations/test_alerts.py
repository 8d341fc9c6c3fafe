"""Alerts against a real server that misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.operations.alerts import ATTEMPTS, Alert, keep_last_run, last_run, mask, post

ALERT = Alert(event="project_failed", at="2026-11-21T10:00:00+00:00", project="p", run_id="r", text="It burned.")


@contextmanager
def receiver(*statuses: int) -> Iterator[tuple[str, list[Any]]]:
    """Answers with the statuses in turn (the last one for ever); yields its URL and what it got."""
    received: list[Any] = []
    answers = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/planted-secret", received
    finally:
        server.shutdown()
        server.server_close()


def test_an_alert_is_posted_as_json() -> None:
    with receiver(200) as (url, received):
        post(ALERT, url, timeout=5)
    assert received == [
        {
            "event": "project_failed",
            "at": "2026-11-21T10:00:00+00:00",
            "project": "p",
            "run_id": "r",
            "text": "It burned.",
            "details": {},
        }
    ]


@pytest.mark.parametrize("statuses", [(503, 200), (429, 500, 204)])
def test_a_busy_receiver_is_tried_again(statuses: tuple[int, ...]) -> None:
    with receiver(*statuses) as (url, received):
        post(ALERT, url, timeout=5)
    assert len(received) == len(statuses)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (500, ATTEMPTS)])
def test_what_cannot_be_posted_says_so_without_the_url(status: int, tries: int) -> None:
    with receiver(status) as (url, received), pytest.raises(Interrupted, match=f"status {status}") as caught:
        post(ALERT, url, timeout=5)
    assert len(received) == tries
    assert "planted-secret" not in str(caught.value)


def test_nobody_there() -> None:
    with receiver(200) as (url, _):
        pass
    with pytest.raises(Interrupted, match="ALERT_URL"):
        post(ALERT, url, timeout=1)


def test_what_became_of_the_last_run_is_kept(tmp_path: Path) -> None:
    assert last_run(tmp_path) is None
    keep_last_run(tmp_path, ALERT)
    assert last_run(tmp_path) == ALERT


def test_status_files_of_before_were_the_last_alert(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_bytes(msgspec.json.encode(ALERT))
    assert last_run(tmp_path) == ALERT
    (tmp_path / "status.json").write_text("{ damaged")
    assert last_run(tmp_path) is None


def test_masking_leaves_no_part_of_a_longer_secret() -> None:
    assert mask("token abcdef and abc", ["abc", "abcdef"]) == "token *** and ***"
