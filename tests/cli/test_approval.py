"""Projects that wait for a person before they are started."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.intake.history import History, open_history
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.inbox import inbox_sensor
from mediaflow_assets.settings import Settings


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("APPROVE_PROJECTS", "ask")
    folder = tmp_path / "home" / "inbox"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def history(inbox: Path) -> History:
    return open_history(Settings.load().intake, inbox.parent / "state")


def tick(cursor: str | None = None) -> dg.SensorResult:
    with dg.build_resources({"workspace": Workspace()}) as resources:
        context = dg.build_sensor_context(
            instance=dg.DagsterInstance.ephemeral(), cursor=cursor, resources={"workspace": resources.workspace}
        )
        result = inbox_sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def mediaflow(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_arrives_waits_is_seen_and_is_started_once_when_approved(inbox: Path, history: History) -> None:
    for name in ("13 Camille", "14 Léa"):
        with zipfile.ZipFile(inbox / f"{name}.zip", "w") as package:
            package.writestr(f"{name}.mov", name)
    first = tick(tick().cursor)
    again = tick(first.cursor)
    keys = sorted(upload.project for upload in history.all())
    for asked in (first, again):
        assert not asked.run_requests
        assert sorted(asked.dynamic_partitions_requests[0].partition_keys) == keys  # to be started in the UI
    assert [row["state"] for row in json.loads(mediaflow("projects", "--json"))] == ["waiting", "waiting"]
    assert "mediaflow approve" in mediaflow("projects")
    for key in keys:
        status = json.loads((inbox.parent / "downloads" / key / "status.json").read_bytes())
        assert status["state"] == "waiting"
    assert mediaflow("approve").split() == keys

    mediaflow("approve", "lea")
    assert mediaflow("approve").split() == keys[:1]
    started = [tick(again.cursor) for _ in range(2)]
    requests = [request for result in started for request in result.run_requests or []]
    assert [request.partition_key for request in requests] == [keys[1]] * 2
    assert len({request.run_key for request in requests}) == 1  # Dagster starts one
    history.mark(keys[1], "received")
    assert not tick(again.cursor).run_requests
    refused = CliRunner().invoke(app, ["approve", "lea"])
    assert "does not wait for approval" in str(refused.exception)

    mediaflow("approve", "--all")
    assert [upload.state for upload in history.of_project(keys[0])] == ["approved"]
    assert mediaflow("approve").strip() == "nothing waits for approval"


def test_the_next_one_starts_by_itself_where_nobody_is_asked(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVE_PROJECTS", "auto")
    with zipfile.ZipFile(inbox / "13 Camille.zip", "w") as package:
        package.writestr("a.mov", "a")
    assert len(tick(tick().cursor).run_requests or ()) == 1
