"""Archives dropped into the inbox, and retries."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.inbox import scan
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.inbox import inbox_sensor
from tests.intake.servers import package
from tests.intake.test_webhook_sensor import keys, said


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "inbox"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "home" / "state" / "history.sqlite")


def tick(cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=dg.DagsterInstance.ephemeral(), cursor=cursor, resources={"workspace": Workspace()}
    )
    result = inbox_sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def test_a_file_is_taken_when_it_does_not_grow_any_more(inbox: Path) -> None:
    assert said(tick()) == "the inbox is empty"
    (inbox / "13_Camille.zip").write_bytes(package()[:5000])
    first = tick()
    assert not keys(first)
    (inbox / "13_Camille.zip").write_bytes(package())
    second = tick(first.cursor)
    assert not keys(second)
    assert len(keys(tick(second.cursor))) == 1


def test_what_is_left_there_is_explained(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_KEYWORD", "camille")
    (inbox / "notes_camille.txt").write_text("hello")
    (inbox / "other.zip").write_bytes(package())
    (inbox / ".hidden.zip").write_bytes(package())
    message = said(tick(tick().cursor))
    assert "notes_camille.txt is not an archive" in message
    assert "other.zip does not contain 'camille' (PROJECT_KEYWORD)" in message
    assert "hidden" not in message


def test_one_bad_file_blocks_no_other(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("broken.zip", "13_Camille.zip", os.fsdecode(b"caf\xe9.zip")):
        (inbox / name).write_bytes(package())
    _unreadable(inbox / "broken.zip", monkeypatch)
    (key,) = keys(tick(tick().cursor))
    assert "13_Camille" in key
    (inbox / "13_Camille.zip").unlink()
    message = said(tick(tick().cursor))
    assert "'broken.zip' cannot be taken (PermissionError)" in message
    assert "'caf\\udce9.zip' cannot be taken (UnicodeEncodeError)" in message


def test_a_file_that_a_run_takes_during_the_look_is_left_to_it(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("taken.zip", "13_Camille.zip"):
        (inbox / name).write_bytes(package())
    is_file = Path.is_file

    def taken_after_that(path: Path) -> bool:
        answer = is_file(path)
        if path.name == "taken.zip":
            path.unlink(missing_ok=True)
        return answer

    monkeypatch.setattr(Path, "is_file", taken_after_that)
    assert [file.path.name for file in scan(inbox)] == ["13_Camille.zip"]


def test_a_folder_in_the_inbox_is_explained(inbox: Path) -> None:
    (inbox / "13 Camille").mkdir()
    assert "'13 Camille' is a folder" in said(tick())


def test_a_retry_whose_project_is_gone_blocks_no_other(inbox: Path, history: History, tmp_path: Path) -> None:
    for size in (1000, 2000):
        (inbox / "13_Camille.zip").write_bytes(package(size))
        assert keys(tick(tick().cursor))
        (inbox / "13_Camille.zip").unlink()
    gone, there = (upload.project for upload in history.all())
    for key in (gone, there):
        history.mark(key, "failed", reason="It burned.")
        history.retry(key)
    (tmp_path / "home" / "downloads" / gone / "origin.json").unlink()
    assert keys(tick()) == [there]
    (failed,) = history.of_project(gone)
    assert failed.state == "failed"
    assert "origin.json" in failed.reason


def _unreadable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the permission to read away, also from a superuser, who would not miss it."""
    opened = Path.open

    def refused(self: Path, *arguments: Any, **more: Any) -> Any:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refused)


def test_two_archives_of_one_name_are_two_projects(inbox: Path, history: History) -> None:
    for size in (1000, 2000):
        (inbox / "13_Camille.zip").write_bytes(package(size))
        (key,) = keys(tick(tick().cursor))
        history.mark(key, "received")
        (inbox / "13_Camille.zip").unlink()
    one, two = history.all()
    assert one.project != two.project


def test_a_retry_asks_for_one_more_run(inbox: Path, history: History) -> None:
    (inbox / "13_Camille.zip").write_bytes(package())
    first = tick(tick().cursor)
    (key,) = keys(first)
    (inbox / "13_Camille.zip").unlink()
    history.mark(key, "failed", reason="It burned.")
    assert not keys(tick())
    history.retry(key)
    again, and_again = tick(), tick()
    run_keys = [request.run_key for result in (first, again, and_again) for request in result.run_requests or []]
    assert run_keys[0] != run_keys[1] == run_keys[2]
    assert keys(again) == [key]
