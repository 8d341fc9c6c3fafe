"""A day in a studio, against a real daemon: nothing that happens needs the log of a run to be understood.

A good archive, one with a damaged video (held, left out, healed), a file that is no archive, a link for a person,
approval, a pause, a project that goes first, a retry, and room made in the evening.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from support.installation import Installation
from support.servers import dagster_dev, file_server, wait_for
from tests.faults.project import make_clip

pytestmark = pytest.mark.slow

LIGHT = {
    "SCENES_ENGINE": "pyscenedetect",
    "OBJECT_DETECTION": "off",
    "TRACKING_JOIN": "off",
    "MIN_FREE_BYTES": "0",
    "APPROVE_PROJECTS": "ask",
    "DOWNLOAD_HTTP_HOSTS": "127.0.0.1",
}
BAD = "cut.mkv"


@contextmanager
def alerts() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A receiver of alerts; yields its URL and what it got."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        server.server_close()


class Studio:
    """One installation and what people see of it."""

    def __init__(self, installation: Installation, environment: dict[str, str]) -> None:
        self.installation, self.environment = installation, environment
        self.seen: set[tuple[str, str]] = set()

    def say(self, *arguments: object) -> str:
        done = self.installation.mediaflow(*arguments, **self.environment)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def status(self, key: str) -> dict[str, Any]:
        """``status.json``; remembers which states and stages were seen."""
        path = self.installation.layout.downloads / key / "status.json"
        found: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {"state": None, "stage": None}
        self.seen.add((str(found["state"]), str(found["stage"])))
        return found

    def wait(self, key: str, state: str) -> dict[str, Any]:
        wait_for(f"{key} to be {state}", lambda: self.status(key)["state"] == state, 400)
        return self.status(key)

    def row(self, key: str) -> dict[str, Any]:
        """The project as ``mediaflow projects`` lists it."""
        (found,) = [row for row in json.loads(self.say("projects", "--json")) if row["key"] == key]
        return dict(found)


def pack(path: Path, **files: Path | bytes) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            package.writestr(name.replace("__", "."), data)
    return path


def test_a_day(installation: Installation, tmp_path: Path) -> None:
    good, whole = make_clip(tmp_path / "good.mp4"), make_clip(tmp_path / "whole.mkv", seconds=4)
    cut = whole.read_bytes()[: whole.stat().st_size * 6 // 10]
    web = tmp_path / "web"
    web.mkdir()
    link = {"source_url": "https://fromsmash.com/abc", "original_filename": "33_Lea.zip", "provider": "fromsmash"}
    (web / "links.json").write_text(json.dumps([link]))
    with alerts() as (url, got), file_server(web) as server:
        environment = {**LIGHT, "ALERT_URL": url, "WEBHOOK_JSON_URL": f"{server}/links.json"}
        studio = Studio(installation, environment)
        with dagster_dev(installation, **environment) as ui:
            _morning(studio, tmp_path, good, cut, got)
            one, two = _noon(studio, ui)
            _afternoon(studio, one, two, got)
            _evening(studio, one)


def _events(got: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [alert for alert in got if alert["event"] == event]


def _morning(studio: Studio, tmp_path: Path, good: Path, cut: bytes, got: list[dict[str, Any]]) -> None:
    """Three files and a link come; each is said once to somebody, and nothing starts unasked."""
    inbox = studio.installation.layout.inbox
    wait_for("the inbox", inbox.is_dir)
    shutil.copy(pack(tmp_path / "30 Camille.zip", good__mp4=good), inbox)
    shutil.copy(pack(tmp_path / "31 Léa.zip", good__mp4=good, cut__mkv=cut), inbox)
    (inbox / "32 Rien.zip").write_bytes(b"no archive at all")
    wait_for("all four to be told", lambda: len(got) >= 4)
    (rejected,) = _events(got, "file_rejected")
    assert rejected["details"]["file"] == "32 Rien.zip"
    assert "is not an archive" in (inbox / "rejected" / "32 Rien.zip.txt").read_text()
    (by_hand,) = _events(got, "links_by_hand")
    assert [(one["url"], one["button"]) for one in by_hand["details"]["links"]] == [
        ("https://fromsmash.com/abc", "Open fromsmash.com")
    ]
    listed = studio.say("history", "list")
    assert "rejected" in listed
    assert "by hand" in listed
    asked = _events(got, "project_waits")
    assert sorted(alert["details"]["name"] for alert in asked) == ["30 Camille", "31 Léa"]
    for alert in asked:
        assert "mediaflow approve" in studio.status(alert["project"])["sentence"]


def _noon(studio: Studio, ui: str) -> tuple[str, str]:
    """The queue is paused, both are approved, one goes first, and then the queue goes on."""
    refused = requests.get(f"{ui}/graphql?query=%7Bversion%7D", timeout=30)
    assert refused.status_code == 403
    studio.say("pause")
    keys = studio.say("approve").split()
    one, two = sorted(keys)
    studio.say("approve", "--all")
    with studio.installation.instance() as instance:
        wait_for("both in the queue", lambda: len(instance.get_runs()) == 2, 400)
        assert "queue is paused" in studio.row(one)["sentence"]
        assert "is next" in studio.say("first", "lea")
        priorities = {run.tags["mediaflow/project"]: run.tags["dagster/priority"] for run in instance.get_runs()}
        assert priorities[two] == "100"
        assert int(priorities[one]) < 100
    studio.say("resume")
    return one, two


def _afternoon(studio: Studio, one: str, two: str, got: list[dict[str, Any]]) -> None:
    """The good one is delivered; the other is held, delivered without its bad video, and at last with it."""
    held = studio.wait(two, "waiting")
    assert BAD in held["sentence"]
    assert [video["video"] for video in held["left_out"]] == [BAD]
    assert held["report"], "what is good is reported"
    assert held["delivery"] is None
    delivered = studio.wait(one, "delivered")
    assert Path(delivered["delivery"]).is_dir()
    assert studio.seen & {("running", stage) for stage in ("video_25fps", "scenes_csv", "audio_json", "tracking_json")}
    (finished,) = _events(got, "project_finished")
    assert finished["details"]["delivery"] == delivered["delivery"]
    assert finished["details"]["report"] == delivered["report"]
    assert finished["details"]["seconds"] > 0
    assert studio.row(two)["state"] == "waiting"
    assert any(alert["project"] == two and BAD in alert["text"] for alert in _events(got, "project_waits"))

    studio.say("leave-out", "31", BAD)
    studio.say("history", "retry", "31")
    partly = studio.wait(two, "partly delivered")
    assert BAD in partly["sentence"]
    wait_for("the alert", lambda: len(_events(got, "project_finished")) == 2)
    assert [video["video"] for video in _events(got, "project_finished")[1]["details"]["left_out"]] == [BAD]

    studio.say("backfill", "31", "--from", "video_25fps", "--set", "VIDEO_MISSING_LIMIT=1", "--title", "Heal")
    healed = studio.wait(two, "delivered")
    assert healed["left_out"] == []
    assert (Path(healed["delivery"]) / "docs" / "cut.mp4").exists()
    with studio.installation.instance() as instance:
        newest = instance.get_runs(limit=1)[0]
        assert newest.tags["mediaflow/project"] == two
        assert newest.tags["mediaflow/backfill"] == "Heal"


def _evening(studio: Studio, one: str) -> None:
    """Room is made: the work of what is delivered goes, and nothing else."""
    plan = studio.say("prune", "30", "--older-than", "0")
    assert "can be freed" in plan
    studio.say("prune", "30", "--older-than", "0", "--remove")
    assert not studio.installation.project(one).video.exists()
    assert studio.row(one)["state"] == "delivered"
    assert Path(studio.status(one)["delivery"]).is_dir()
