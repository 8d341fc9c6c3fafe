"""Polling the webhook: what a tick registers, says and leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.definitions import defs
from mediaflow_assets.intake.eligibility import arrival_of_link
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.register import register
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.webhook import MAX_PER_TICK, webhook_sensor
from tests.intake import servers
from tests.intake.servers import Server
from tests.operations.test_alerts import receiver

Serve = Callable[[object], None]


def record(number: int, **changes: str) -> dict[str, str]:
    return {
        "source_url": f"https://www.dropbox.com/scl/fi/id{number}/{number}_Camille.zip?rlkey=secret{number}&dl=0",
        "original_filename": f"{number}_Camille.zip",
        "provider": "dropbox",
        "created_at": "2025-10-17T10:34:13Z",
    } | changes


@pytest.fixture
def server() -> Iterator[Server]:
    with servers.misbehaving() as running:
        yield running


@pytest.fixture
def serve(server: Server, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Sets what the webhook answers."""
    monkeypatch.setenv("WEBHOOK_JSON_URL", f"{server.url}/links.json")
    return lambda payload: server.serve("/links.json", servers.whole(json.dumps(payload).encode())) and None


def tick(cursor: str | None = None, instance: dg.DagsterInstance | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance or dg.DagsterInstance.ephemeral(), cursor=cursor, resources={"workspace": Workspace()}
    )
    result = webhook_sensor()(context)
    assert isinstance(result, dg.SensorResult)
    return result


def said(result: dg.SensorResult) -> str:
    return str(result.skip_reason.skip_message) if result.skip_reason else ""


def keys(result: dg.SensorResult) -> list[str]:
    return [str(request.partition_key) for request in result.run_requests or []]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "home" / "state" / "history.sqlite")


def snapshot(home: Path, history: History) -> tuple[list[str], list[Any]]:
    return sorted(map(str, home.rglob("*"))), history.all()


def test_it_is_off_without_a_url(tmp_path: Path) -> None:
    assert "off" in said(tick())
    assert not (tmp_path / "home" / "downloads").exists()


def test_the_interval_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_MONITOR_INTERVAL", "40")
    (sensor,) = [sensor for sensor in defs().sensors or [] if sensor.name == "webhook"]
    assert isinstance(sensor, dg.SensorDefinition)
    assert sensor.minimum_interval_seconds == 40


def test_a_new_link_becomes_one_project(serve: Serve, history: History) -> None:
    serve([record(1), record(1, source_url=record(1)["source_url"].replace("dl=0", "dl=1")), record(2)])
    result = tick()
    assert len(keys(result)) == 2
    (added,) = result.dynamic_partitions_requests or []
    assert list(added.partition_keys) == keys(result)
    (one, two) = history.all()
    assert {one.project, two.project} == set(keys(result))
    assert one.sent_at == "2025-10-17T10:34:13+00:00"
    assert "dl=1" in one.identity


def test_a_tick_that_was_killed_is_made_up_for(serve: Serve, history: History, tmp_path: Path) -> None:
    serve([record(1)])
    first = tick()
    again = tick(first.cursor)
    assert [request.run_key for request in again.run_requests or []] == [
        request.run_key for request in first.run_requests or []
    ]
    (upload,) = history.all()
    (tmp_path / "home" / "downloads" / upload.project / "origin.json").unlink()
    assert keys(tick(again.cursor)) == keys(first)
    assert (tmp_path / "home" / "downloads" / upload.project / "origin.json").exists()


def test_a_link_that_somebody_else_runs_is_left_to_them(serve: Serve, tmp_path: Path, history: History) -> None:
    arrival = arrival_of_link(record(5)["source_url"], IntakeSettings())
    register(Layout(FolderSettings(home=tmp_path / "home")), history, arrival)
    serve([])
    assert not keys(tick())


def test_two_hundred_polls_with_nothing_new_add_nothing(serve: Serve, history: History, tmp_path: Path) -> None:
    by_hand = record(9, source_url="https://fromsmash.com/abc")
    legacy = {"url": record(3)["source_url"], "timestamp": "2025-10-17T10:34:13Z"}
    serve([record(1), by_hand, legacy, record(2, source_url="https://evil.example/dropbox/x.zip"), "junk"])
    result = tick()
    history.mark(*keys(result), "received")
    result = tick(result.cursor)
    before = snapshot(tmp_path / "home", history)
    instance = dg.DagsterInstance.ephemeral()
    for _ in range(200):
        result = tick(result.cursor, instance)
        assert not result.run_requests
        assert not result.asset_events
        assert not result.dynamic_partitions_requests
        assert "1 known" in said(result)
    assert snapshot(tmp_path / "home", history) == before


def test_what_is_not_fetched_is_shown_with_its_reason(serve: Serve, history: History) -> None:
    smash = "https://fromsmash.com/abc"
    proxy = "https://media.example.workers.dev/dropbox/a.zip"
    serve(
        [
            record(1, source_url=smash, r2_url=proxy),
            record(2, source_url="https://evildropbox.com/a.zip?rlkey=hidden"),
            7,
        ]
    )
    result = tick()
    assert "1 by hand" in said(result)
    assert "1 refused" in said(result)
    assert "1 that are no records" in said(result)
    (event,) = result.asset_events
    rows = event.metadata["links"].value.records  # type: ignore[union-attr]
    assert (rows[0].data["action"], rows[0].data["link"]) == ("by hand", smash)
    assert "evildropbox.com" in str(rows[1].data["reason"])
    assert "hidden" not in str(rows)
    assert [(upload.identity, upload.state) for upload in history.all()] == [(smash, "by hand")]


@pytest.mark.parametrize(
    "changes",
    [
        {"source_url": "https://www.dropbox.com/scl/fi/x/\ud800.zip?rlkey=\udfff"},
        {"source_url": "https://fromsmash.com/\ud800"},
        {"original_filename": "\ud800_Camille.zip"},
        {"created_at": "0001-01-01T00:00:00+23:59"},
    ],
    ids=["half a character in a link", "in one for a person", "in a name", "before the first year"],
)
def test_an_odd_record_stops_nobody_elses(serve: Serve, history: History, changes: dict[str, str]) -> None:
    serve([record(1, **changes), record(2)])
    assert any("2_Camille" in key for key in keys(tick()))
    assert "2_Camille.zip" in [upload.filename for upload in history.all()]


def test_a_failed_project_is_shown_and_not_fetched_again(serve: Serve, history: History) -> None:
    serve([record(1)])
    (key,) = keys(tick())
    history.mark(key, "failed", reason="It burned.")
    result = tick()
    assert not result.run_requests
    (event,) = result.asset_events
    assert "It burned." in str(event.metadata["links"])


def test_a_dry_run_writes_nothing(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRY_RUN_DOWNLOADS", "true")
    serve([record(1), record(2, source_url="https://fromsmash.com/abc")])
    result = tick()
    assert said(result).startswith("dry run: 1 by hand, 1 fetch")
    assert not result.run_requests
    assert not result.asset_events
    assert not (tmp_path / "home").exists()
    monkeypatch.delenv("DRY_RUN_DOWNLOADS")
    real = tick(result.cursor)
    assert keys(real)
    assert real.asset_events


def test_a_backlog_is_taken_piece_by_piece(serve: Serve, history: History) -> None:
    serve([record(number) for number in range(MAX_PER_TICK + 7)])
    first = tick()
    assert len(keys(first)) == MAX_PER_TICK
    for key in keys(first):
        history.mark(key, "received")
    assert len(keys(tick(first.cursor))) == 7


def test_the_earliest_time_stamp_is_kept(serve: Serve, history: History) -> None:
    serve([record(1)])
    (key,) = keys(tick())
    history.mark(key, "received")
    serve([record(1, created_at="2024-01-01T00:00:00+02:00"), record(1, created_at="2026-01-01T00:00:00Z")])
    tick()
    assert history.all()[0].sent_at == "2023-12-31T22:00:00+00:00"


def test_what_is_not_a_list_fails_the_tick(serve: Serve, server: Server) -> None:
    serve({"links": []})
    with pytest.raises(BadInput, match="instead of a list"):
        tick()
    server.serve("/links.json", servers.whole(b"<html>"))
    with pytest.raises(BadInput, match="did not answer with JSON"):
        tick()
    server.serve("/links.json", servers.whole(b"", 500))
    with pytest.raises(Interrupted, match="cannot be read"):
        tick()
    server.serve("/links.json", servers.cut(b"[]" + b" " * 1000, 2))
    with pytest.raises(Interrupted):
        tick()


def test_links_for_a_person_alert_once(serve: Serve, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    smash = {"source_url": "https://fromsmash.com/abc", "provider": "fromsmash", "created_at": "2026-11-21T10:00:00Z"}
    swiss = {"source_url": "https://www.swisstransfer.com/d/1", "provider": "swisstransfer"}
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        serve([smash, record(1)])
        first = tick()
        serve([smash, record(1), record(2)])
        second = tick(first.cursor)
        serve([smash, swiss, swiss, record(1), record(2)])
        third = tick(second.cursor)
        serve([smash, record(1)])
        tick(third.cursor)
    assert [alert["event"] for alert in received] == ["links_by_hand", "links_by_hand"]
    one, two = (alert["details"]["links"] for alert in received)
    assert [(link["url"], link["button"]) for link in one] == [("https://fromsmash.com/abc", "Open fromsmash.com")]
    assert [link["url"] for link in two] == ["https://www.swisstransfer.com/d/1"]
    assert "https://fromsmash.com/abc" in received[0]["text"]
    assert {upload.identity for upload in history.in_state("by hand")} == {
        "https://fromsmash.com/abc",
        "https://www.swisstransfer.com/d/1",
    }
