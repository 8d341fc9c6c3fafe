"""Health: real figures, and alerts only for what is new."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.operations.health import Health, concerns, look
from mediaflow_assets.operations.settings import OperationSettings
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.health import health_sensor
from tests.operations.test_alerts import receiver


def test_a_look_is_at_this_machine(tmp_path: Path) -> None:
    health = look({"work": tmp_path / "not" / "there" / "yet"})
    assert 0 <= health.cpu <= 100
    assert 0 < health.memory < 100
    assert health.free_bytes["work"] > 0


def test_each_value_above_its_threshold_is_one_sentence() -> None:
    health = Health(
        cpu=50.0, memory=91.0, disks={"work": 95.0, "home": 10.0}, free_bytes={"work": 2**30, "home": 2**40}
    )
    assert concerns(health, OperationSettings()) == [
        "Memory is at 91 %.",
        "The disk of work is at 95 %, 1.0 GiB are free.",
    ]


def test_a_lasting_concern_is_one_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_MEMORY_PERCENT", "1")
    monkeypatch.setenv("HEALTH_DISK_PERCENT", "101")
    monkeypatch.setenv("HEALTH_CPU_PERCENT", "101")
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        cursor = None
        for _ in range(3):
            context = dg.build_sensor_context(cursor=cursor, resources={"workspace": Workspace()})
            result = health_sensor(context)
            assert isinstance(result, dg.SensorResult)
            cursor = result.cursor
            (observation,) = result.asset_events
            assert observation.metadata["memory_percent"].value > 0
    assert [alert["text"].split(" is at")[0] for alert in received] == ["Memory"]
