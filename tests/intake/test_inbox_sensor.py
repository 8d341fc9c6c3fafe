"""Archives dropped into the inbox, and retries."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.intake.history import History
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
