"""``mediaflow history`` and ``mediaflow import`` as people type them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mediaflow_assets.cli import app
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.uploads import Claim
from support.installation import Installation
from tests.intake.servers import package

LINK = "https://www.dropbox.com/s/a/x.zip?dl=0"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "home" / "state" / "history.sqlite")


def mediaflow(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_list_add_forget(history: History) -> None:
    mediaflow("history", "add", LINK, LINK.replace("dl=0", "dl=1&amp;dl=0"))
    assert "past" in mediaflow("history", "list").stdout
    (row,) = [
        json.loads(line) for line in mediaflow("history", "list", "--json", "--state", "past").stdout.splitlines()
    ]
    assert row["identity"] == "https://www.dropbox.com/s/a/x.zip?dl=1"
    assert mediaflow("history", "list", "--state", "failed").stdout == ""
    mediaflow("history", "forget", LINK)
    assert history.all() == []


def test_a_failed_project_shows_why_and_can_be_retried(history: History) -> None:
    history.claim(Claim("one", lambda attempt: "p1"))
    history.mark("p1", "failed", reason="It burned.")
    assert "It burned." in mediaflow("history", "list").stdout
    assert "p1 is tried again" in mediaflow("history", "retry", "p1").stdout
    assert history.all()[0].state == "retry"


def test_what_cannot_be_retried_or_forgotten_is_said(history: History) -> None:
    history.claim(Claim("one", lambda attempt: "p1"))
    for arguments in (["retry", "p2"], ["forget", "p2"]):
        result = CliRunner().invoke(app, ["history", *arguments])
        assert result.exit_code != 0


@pytest.mark.parametrize("form", ["texts", "objects", "database"])
def test_the_legacy_history_is_taken_over(tmp_path: Path, history: History, form: str) -> None:
    rows = [(LINK, "2025-07-01 12:00:00"), (LINK.replace("dl=0", "dl=1"), "2025-01-01 12:00:00"), ("nonsense", "")]
    path = tmp_path / "download_history"
    if form == "database":
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE download_history (url TEXT PRIMARY KEY, timestamp TEXT NOT NULL DEFAULT '')")
            db.executemany("INSERT INTO download_history VALUES (?, ?)", rows)
        db.close()
    else:
        entries = [{"url": url, "timestamp": stamp} for url, stamp in rows]
        path.write_text(json.dumps(entries if form == "objects" else [url for url, _ in rows]))
    before = path.read_bytes()
    for added in (1, 0):
        result = mediaflow("history", "import", path, "--timezone", "Europe/Paris")
        assert f"{added} added, {1 - added} known before, 1 left out" in result.stdout
        assert "nonsense" in result.stderr
    (upload,) = history.all()
    assert upload.state == "past"
    assert upload.sent_at == (None if form == "texts" else "2025-01-01T11:00:00+00:00")
    assert path.read_bytes() == before


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    for content in (b"{}", b"text", b"SQLite format 3\0" + bytes(84)):
        (tmp_path / "file").write_bytes(content)
        assert CliRunner().invoke(app, ["history", "import", str(tmp_path / "file")]).exit_code != 0


def test_imported_projects_are_partitions_with_their_origin(tmp_path: Path, installation: Installation) -> None:
    past = tmp_path / "past"
    for number in range(3):
        (past / f"{number} Camille" / "docs").mkdir(parents=True)
        (past / f"{number} Camille" / "docs" / "a.mov").write_bytes(b"film %d" % number)
    (past / "9_Camille.zip").write_bytes(package())
    (past / "notes.txt").write_text("hello")
    done = installation.mediaflow("import", past)
    assert done.returncode == 0, done.stderr
    assert "4 new, 0 known, 1 left out" in done.stdout
    assert "notes.txt" in done.stderr
    with installation.instance() as instance:
        assert sorted(instance.get_dynamic_partitions("projects")) == installation.projects
    assert len(installation.projects) == 4
    again = installation.mediaflow("import", *past.glob("*Camille*"))
    assert "0 new, 4 known, 0 left out" in again.stdout
