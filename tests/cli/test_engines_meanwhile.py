"""Engines are loaded beside the conversion, and are those that the stages use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.cli import engines_meanwhile
from mediaflow_assets.cli.engines_meanwhile import EnginesMeanwhile
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.settings import Settings
from mediaflow_assets.video.ffmpeg import ffmpeg_binary
from support.installation import Installation

_RUN = """
import sys
from mediaflow_assets.cli import engines_meanwhile, main
from mediaflow_assets.core.registry import Registry

made, create = [], Registry.create


def noted(registry, name, *arguments, **options):
    made.append(name)
    return create(registry, name, *arguments, **options)


Registry.create = noted
engines_meanwhile._AT_WORK = 0.0
sys.argv = ["mediaflow", "run", sys.argv[1]]
try:
    main()
finally:
    print("made:", *(made.count(name) for name in ("onnx_local", "transnetv2", "opencv_yunet_facemesh")))
"""


class Recorded:
    """Engines that know how often they were loaded; speech lacks its model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loaded: list[str] = []
        for stage in ("speech", "scenes", "faces"):
            monkeypatch.setattr(Engines, stage, lambda *_, stage=stage: _Engine(stage, self.loaded))


class _Engine:
    def __init__(self, stage: str, loaded: list[str]) -> None:
        self._stage, self._loaded = stage, loaded

    def load(self) -> None:
        self._loaded.append(self._stage)
        if self._stage == "speech":
            raise Unavailable("campplus", "is missing", "Run make models")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("MEDIAFLOW_DEVICE", "cpu")
    return Settings.load()


def test_all_are_loaded_once_when_the_next_stage_begins(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines_meanwhile, "_AT_WORK", 0.0)
    recorded = Recorded(monkeypatch)
    engines = EnginesMeanwhile(settings)
    engines.at_stage("extracted_archive")
    for _ in range(2):
        engines.at_stage("video_25fps")
        engines.at_stage("audio_json")
        assert recorded.loaded == ["speech", "scenes", "faces"]


def test_none_is_loaded_when_nothing_is_converted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines_meanwhile, "_AT_WORK", 600.0)
    recorded = Recorded(monkeypatch)
    engines = EnginesMeanwhile(settings)
    engines.at_stage("video_25fps")
    engines.at_stage("audio_json")
    assert recorded.loaded == []


def test_none_is_loaded_beside_a_gpu(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines_meanwhile, "uses_gpu", lambda _: True)
    monkeypatch.setattr(engines_meanwhile, "_AT_WORK", 0.0)
    recorded = Recorded(monkeypatch)
    engines = EnginesMeanwhile(settings)
    engines.at_stage("video_25fps")
    engines.at_stage("audio_json")
    assert recorded.loaded == []


@pytest.mark.slow
def test_the_stages_of_a_run_use_the_same_ones(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    command = [ffmpeg_binary(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=2"]
    command += ["-f", "lavfi", "-i", "sine=d=2", "-pix_fmt", "yuv420p", "-shortest", str(folder / "clip.mp4")]
    subprocess.run(command, check=True)
    code = [sys.executable, "-c", _RUN, str(folder)]
    done = subprocess.run(code, env=installation.environment, cwd=tmp_path, capture_output=True, text=True)
    assert "delivered to" in done.stdout, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "made: 1 1 1"
