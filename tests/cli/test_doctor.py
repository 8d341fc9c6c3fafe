"""``mediaflow doctor``: what is there, what is missing, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.cli.diagnosis import Line, diagnose
from mediaflow_assets.settings import Settings


def lines(settings: Settings) -> dict[str, dict[str, Line]]:
    return {section.title: {line.name: line for line in section.lines} for section in diagnose(settings)}


def test_what_is_here_is_seen(model_store: object) -> None:
    found = lines(Settings.load())
    assert found["versions"]["dagster"].text.startswith("1.13.")
    assert found["ffmpeg"]["libx264"] == Line("libx264", "works")
    assert "GPU usable" in found["devices"]["torch"].text
    assert "CPUExecutionProvider" in found["devices"]["onnxruntime"].text
    assert found["models"]["transnetv2"].ok
    assert all(line.ok for name, line in found["engines"].items() if "in use" in name)


def test_what_is_missing_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDIAFLOW_MODELS_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("MEDIAFLOW_DEVICE", "cpu")
    found = lines(Settings.load())
    (scenes,) = [line for name, line in found["engines"].items() if "transnetv2" in name]
    assert not scenes.ok
    assert "mediaflow models fetch transnetv2" in scenes.text


def test_settings_of_the_replaced_application_are_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP4_USE_LEMONFOX", "1")
    shown = [line for line in lines(Settings.load())["settings"].values() if "STEP4_USE_LEMONFOX" in str(line)]
    assert len(shown) == 1
    assert "SPEECH_ENGINE" in shown[0].text


def test_the_folder_of_deliveries_is_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTPUT_DIR", "/proc/nowhere")
    folders = lines(Settings.load())["folders"]
    assert next(iter(folders)) == "OUTPUT_DIR"
    assert not folders["OUTPUT_DIR"].ok
    assert folders["OUTPUT_DIR"].needed


def test_a_destination_that_is_not_there_may_be_a_disk_that_is_not_mounted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUTPUT_DIR", str(tmp_path / "cache"))
    (shown,) = [line for line in _folders() if line.name == "OUTPUT_DIR"]
    assert "is its disk mounted?" in shown.text
    assert not shown.needed
    (tmp_path / "cache").mkdir()
    (shown,) = [line for line in _folders() if line.name == "OUTPUT_DIR"]
    assert shown.ok == ("% full" not in shown.text)


def test_a_full_disk_points_to_prune(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_DISK_PERCENT", "1")
    assert all("mediaflow prune" in line.text and not line.needed for line in _folders())


def test_an_object_detector_that_is_not_used_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP5_OBJECT_DETECTOR_MODEL", "efficientdet_lite2")
    monkeypatch.setenv("STEP5_ENABLE_OBJECT_DETECTION", "0")
    engines = lines(Settings.load())["engines"]
    assert not engines["objects: efficientdet_lite2"].needed


def test_analyses_that_are_passed_over_are_named(tmp_path: Path) -> None:
    """Folders of the replaced application from before it wrote the time."""
    assert "analyses" not in lines(Settings.load())["folders"]
    (tmp_path / "home" / "archives" / "13 Camille" / ("0" * 64)).mkdir(parents=True)
    (tmp_path / "home" / "archives" / "corrections" / "ab").mkdir(parents=True)
    line = lines(Settings.load())["folders"]["analyses"]
    assert "1 folders without a time in their names are passed over (13 Camille)" in line.text
    assert not line.needed


def _folders() -> list[Line]:
    return list(lines(Settings.load())["folders"].values())
