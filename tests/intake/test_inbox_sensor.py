"""Archives dropped into the inbox, and retries."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.inbox import scan
from mediaflow_assets.intake.legacy_projects import arrival_of
from mediaflow_assets.intake.register import register
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.inbox import inbox_sensor
from tests.intake.servers import package
from tests.intake.test_webhook_sensor import keys, said
from tests.operations.test_alerts import receiver


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


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes_camille.txt", b"hello", "is not an archive that can be read"),
        ("other.zip", package(), "does not contain 'camille' (PROJECT_KEYWORD)"),
        ("camille.zip.001", package()[:300], "is one part of a split archive"),
        ("camille.mp4", b"\0\0\0\x18ftypmp42" + bytes(100), "is a file of type MP4"),
        ("setup_camille.exe", b"MZ" + bytes(100), "is a program or a self-extracting archive"),
        ("camille.zip", b"<html>login</html>", "is a web page, not an archive"),
    ],
)
def test_a_rejected_file_is_put_aside_with_its_reason_and_alerts_once(
    name: str, content: bytes, reason: str, inbox: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROJECT_KEYWORD", "camille")
    (inbox / name).write_bytes(content)
    (inbox / ".hidden.zip").write_bytes(content)
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        rejecting = tick(tick().cursor)
        for _ in range(3):
            assert said(tick(rejecting.cursor)) == "the inbox is empty"
    assert reason in said(rejecting)
    assert (inbox / "rejected" / name).read_bytes() == content
    sentence = (inbox / "rejected" / f"{name}.txt").read_text().strip()
    assert reason in sentence
    (row,) = history.all()
    assert (row.state, row.project, row.reason) == ("rejected", "", sentence)
    (alert,) = received
    assert alert["event"] == "file_rejected"
    assert sentence in alert["text"]
    assert alert["details"]["moved_to"] == str(inbox / "rejected" / name)


def test_a_rejected_file_may_come_again(inbox: Path, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_KEYWORD", "camille")
    (inbox / "other.zip").write_bytes(package())
    assert not keys(tick(tick().cursor))
    monkeypatch.delenv("PROJECT_KEYWORD")
    (inbox / "rejected" / "other.zip").rename(inbox / "other.zip")
    (key,) = keys(tick(tick().cursor))
    (row,) = history.all()
    assert (row.state, row.project) == ("registered", key)


def test_names_in_the_rejected_folder_are_never_taken_twice(inbox: Path) -> None:
    for content in ("one", "two"):
        (inbox / "notes.txt").write_text(content)
        tick(tick().cursor)
    assert sorted(path.name for path in (inbox / "rejected").iterdir()) == [
        "notes.txt",
        "notes.txt.txt",
        "notes_1.txt",
        "notes_1.txt.txt",
    ]


def test_what_cannot_be_moved_alerts_once(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "notes.txt").write_text("hello")
    (inbox / "rejected").write_text("a file where the folder should be")
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        cursor = tick().cursor
        for _ in range(3):
            assert "is not an archive" in said(tick(cursor))
    (alert,) = received
    assert "could not be moved out of the inbox" in alert["text"]


def test_the_same_archive_is_one_project_whichever_way_it_comes(
    inbox: Path, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(FolderSettings(home=tmp_path / "home"))
    (tmp_path / "13_Camille.zip").write_bytes(package())
    first, new = register(layout, history, arrival_of(tmp_path / "13_Camille.zip"))
    assert new
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        (inbox / "copy of it.zip").write_bytes(package())
        assert not keys(tick(tick().cursor))
    (alert,) = received
    assert f"is the same archive as project {first.project}, which is registered" in alert["text"]
    assert (inbox / "rejected" / "copy of it.zip").exists()
    assert [upload.project for upload in history.all() if upload.project] == [first.project]


def test_a_file_of_the_inbox_is_known_on_the_command_line(inbox: Path, history: History, tmp_path: Path) -> None:
    layout = Layout(FolderSettings(home=tmp_path / "home"))
    (inbox / "13_Camille.zip").write_bytes(package())
    (key,) = keys(tick(tick().cursor))
    shutil.copy(inbox / "13_Camille.zip", tmp_path / "other name.zip")
    for path in (inbox / "13_Camille.zip", tmp_path / "other name.zip"):
        origin, new = register(layout, history, arrival_of(path))
        assert (origin.project, new) == (key, False)


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
