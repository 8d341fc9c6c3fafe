"""Health: real figures, and alerts only for what is new."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.operations.health import Health, concerns, look
from mediaflow_assets.operations.settings import OperationSettings
from mediaflow_assets.operations.written_folders import written_folders
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.health import health_sensor
from mediaflow_assets.settings import Settings
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


def test_a_busy_processor_is_no_concern() -> None:
    health = Health(cpu=100.0, memory=50.0, disks={}, free_bytes={})
    assert concerns(health, OperationSettings()) == []
    assert concerns(health, OperationSettings(cpu_warning=95)) == ["CPU is at 100 %."]


def test_folders_of_one_disk_share_a_sentence() -> None:
    health = Health(
        cpu=0.0,
        memory=0.0,
        disks={"OUTPUT_DIR": 93.0, "home": 93.0, "work": 95.0},
        free_bytes={"OUTPUT_DIR": 2**31, "home": 2**31, "work": 2**30},
        devices={"OUTPUT_DIR": 1, "home": 1, "work": 2},
        unwritable=("reports",),
    )
    assert concerns(health, OperationSettings()) == [
        "The disk of OUTPUT_DIR, home is at 93 %, 2.0 GiB are free.",
        "The disk of work is at 95 %, 1.0 GiB are free.",
        "reports cannot be written.",
    ]


def test_every_folder_that_is_written_is_watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OUTPUT_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("FALLBACK_OUTPUT_DIR", str(tmp_path / "spare"))
    monkeypatch.setenv("HEALTH_DISK_PERCENT", "1")
    monkeypatch.setenv("HEALTH_MEMORY_PERCENT", "101")
    with receiver(200) as (url, received):
        monkeypatch.setenv("ALERT_URL", url)
        context = dg.build_sensor_context(resources={"workspace": Workspace()})
        result = health_sensor(context)
    assert isinstance(result, dg.SensorResult)
    (observation,) = result.asset_events
    named = {name for name in observation.metadata if name.startswith("disk_percent_")}
    settings = Settings.load()
    folders = written_folders(Layout(settings.folders), settings.delivery, settings.intake)
    assert named == {f"disk_percent_{name}" for name in folders}
    (alert,) = received
    assert alert["text"].startswith(
        "The disk of OUTPUT_DIR, FALLBACK_OUTPUT_DIR, home, inbox, downloads, work, archives"
    )


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
