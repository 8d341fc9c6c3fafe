"""The upload history, from several processes."""

from __future__ import annotations

import grp
import os
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.uploads import Claim, known_links


def claim(path: Path, identity: str, project: str) -> tuple[str, bool]:
    upload, new = History(path).claim(Claim(identity, lambda attempt: f"{project}-{attempt}"))
    return upload.project, new


def test_one_identity_is_one_project_whoever_asks(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(claim, [path] * 24, ["same"] * 24, [f"p{number}" for number in range(24)]))
    assert len({project for project, _ in results}) == 1
    assert sum(new for _, new in results) == 1


def test_projects_never_share_a_key(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    assert claim(path, "one", "p") == ("p-1", True)
    assert claim(path, "two", "p") == ("p-2", True)
    assert claim(path, "one", "p") == ("p-1", False)


def test_state_reason_and_content(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.claim(Claim("one", lambda attempt: "p", sent_at="2026-11-21T09:00:00+00:00"))
    history.mark("p", "received", sha256="ab")
    history.mark("p", "failed", reason="it burned")
    (upload,) = history.all()
    assert (upload.state, upload.reason, upload.sha256) == ("failed", "it burned", "ab")
    assert [found.project for found in history.with_content("ab")] == ["p"]
    assert history.forget("one")
    assert not history.forget("one")
    assert history.all() == []


def test_the_second_link_is_recorded_only_on_success(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.claim(Claim("proxy", lambda attempt: "p", fallback="source", sent_at="2026-01-01T00:00:00+00:00"))
    assert [upload.identity for upload in history.all()] == ["proxy"]
    assert "source" in known_links(history.all())
    history.mark("p", "failed", reason="It burned.")
    assert "source" not in known_links(history.all())
    history.mark("p", "received")
    (second,) = (upload for upload in history.all() if upload.identity == "source")
    assert (second.project, second.sent_at) == ("p", "2026-01-01T00:00:00+00:00")
    assert {upload.identity for upload in history.of_project("p")} == {"proxy", "source"}


def test_content_that_is_known_is_the_same_project(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    first, _ = history.claim(Claim("one", lambda attempt: "p1", fingerprint="sample:1"))
    assert history.claim(Claim("two", lambda attempt: "p2", fingerprint="sample:1")) == (first, False)
    assert history.claim(Claim("three", lambda attempt: "p3", fingerprint="sample:2"))[1]
    assert history.claim(Claim("four", lambda attempt: "p4"))[1]
    assert history.claim(Claim("five", lambda attempt: "p5"))[1]


def test_added_links_keep_what_is_known_and_the_earliest_time(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.claim(Claim("one", lambda attempt: "p", sent_at="2026-01-01T00:00:00+00:00"))
    rows = [("one", "2025-01-01T00:00:00+00:00"), ("two", "2025-06-01T00:00:00+00:00"), ("two", None)]
    assert history.add(rows, "past") == 1
    history.add([("two", "2025-12-01T00:00:00+00:00")], "past")
    assert [(upload.identity, upload.state, (upload.sent_at or "")[:7]) for upload in history.all()] == [
        ("one", "registered", "2025-01"),
        ("two", "past", "2025-06"),
    ]


def test_a_link_for_a_person_can_become_a_project(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.add([("link", None)], "by hand")
    upload, new = history.claim(Claim("link", lambda attempt: "p"))
    assert new
    assert upload.project == "p"


def test_a_retry_is_for_projects(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    with pytest.raises(BadInput, match="not in the upload history"):
        history.retry("nobody")


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")

    def burn(attempt: int) -> str:
        raise BadInput("p", "burned")

    with pytest.raises(BadInput):
        history.claim_all([Claim("one", lambda attempt: "p"), Claim("two", burn)])
    assert history.all() == []


def test_an_older_history_gets_the_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE uploads (identity TEXT PRIMARY KEY, project TEXT NOT NULL, state TEXT NOT NULL,"
            " reason TEXT NOT NULL DEFAULT '', sha256 TEXT, sent_at TEXT, first_seen TEXT NOT NULL,"
            " updated_at TEXT NOT NULL) STRICT"
        )
        db.execute("INSERT INTO uploads VALUES ('one', 'p', 'received', '', 'ab', NULL, '2026', '2026')")
    db.close()
    (upload,) = History(path).all()
    assert (upload.identity, upload.fingerprint, upload.fallback) == ("one", "", "")


def test_the_shared_group_may_write(tmp_path: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    path = tmp_path / "history.sqlite"
    holding = History(path, group)
    with sqlite3.connect(path) as reader:  # keeps the -wal and -shm files there
        reader.execute("PRAGMA journal_mode=WAL")
        holding.add([("one", None)], "past")
        reader.execute("SELECT * FROM uploads").fetchall()
        holding.add([("two", None)], "past")
        for suffix in ("", "-wal", "-shm"):
            facts = Path(f"{path}{suffix}").stat()
            assert (facts.st_mode & 0o777, facts.st_gid) == (0o664, os.getgid())
    reader.close()
    with pytest.raises(Unavailable, match="is not a group here"):
        History(path, "no-such-group").all()


def test_a_locked_history_is_waited_for_and_then_said(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.claim(Claim("one", lambda attempt: "p"))
    (upload,) = history.all()
    with closing(sqlite3.connect(history.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"another program has kept it locked for 0\.1 s") as refused:
            history.patient(0.1).mark(upload.project, "delivered")
        assert "run it again" in refused.value.remedy
        assert history.all() == [upload]  # reading goes on
        waiting = Thread(target=history.patient(600).mark, args=(upload.project, "delivered"))
        waiting.start()
        other.execute("COMMIT")
        waiting.join(600)
    assert history.all()[0].state == "delivered"
