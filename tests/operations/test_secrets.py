"""A secret that is set stays out of everything that a run leaves behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import dagster as dg
import pytest

from mediaflow_assets.sample import Sample
from mediaflow_assets.settings import table
from support.installation import Installation
from support.servers import dagster_dev, wait_for

pytestmark = pytest.mark.slow


@contextmanager
def spiteful_server() -> Iterator[tuple[str, list[str]]]:
    """Refuses everything and repeats, in its refusal, every secret it was told; yields URL and what it heard."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.refuse(body[:2000].decode(errors="replace"))

        def do_GET(self) -> None:
            self.refuse("")

        def refuse(self, text: str) -> None:
            told = f"{self.path} {self.headers.get('Authorization')} {text}"
            heard.append(told)
            body = f"no: {told}".encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()


def test_planted_secrets_are_found_nowhere(installation: Installation, sample: Sample) -> None:
    planted = {row.names[0]: f"planted-{number}-7b1c" for number, row in enumerate(r for r in table() if r.secret)}
    assert {"LEMONFOX_API_KEY", "ALERT_URL", "ALERT_SMTP_PASSWORD", "REMOTE_TRIGGER_TOKEN"} <= planted.keys()
    with spiteful_server() as (server, heard):
        environment = {
            **planted,
            "ALERT_URL": f"{server}/{planted['ALERT_URL']}",
            "SPEECH_ENGINE": "lemonfox",
            "LEMONFOX_URL": f"{server}/transcriptions",
            "REMOTE_TRIGGER_URL": f"{server}/trigger",
            "WEBHOOK_JSON_URL": f"{server}/links?key={planted['HF_AUTH_TOKEN']}",
            "ALERT_EMAIL_FROM": "studio@mediaflow.example",
            "ALERT_EMAIL_TO": "studio@mediaflow.example",
            "ALERT_SMTP_HOST": "127.0.0.1",
            "ALERT_SMTP_PORT": "9",
        }
        with dagster_dev(installation, **environment):
            wait_for("the inbox", (installation.home / "inbox").is_dir)
            shutil.copy(sample.archive, installation.home / "inbox")
            wait_for("the alert", lambda: any("project_failed" in told for told in heard))
        for name in ("LEMONFOX_API_KEY", "REMOTE_TRIGGER_TOKEN"):
            assert any(planted[name] in told for told in heard), f"{name} was not used, so nothing is proved"
    with installation.instance() as instance:
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.FAILURE
    shown = installation.mediaflow("doctor", **environment)
    assert "LEMONFOX" in shown.stdout
    everything = [path for path in installation.home.parent.rglob("*") if path.is_file()]
    assert any(path.name == "dev.log" for path in everything)
    texts = {str(path): path.read_bytes() for path in everything}
    texts["doctor"] = (shown.stdout + shown.stderr).encode()
    leaks = [
        (where, name) for where, text in texts.items() for name, value in planted.items() if value.encode() in text
    ]
    assert leaks == []
