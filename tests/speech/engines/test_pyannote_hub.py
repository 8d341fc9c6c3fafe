from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.engines.pyannote_hub import PyannoteHub
from mediaflow_assets.speech.settings import SpeechSettings


def hub(pipeline: str, tmp_path: Path, token: str | None = None) -> PyannoteHub:
    return PyannoteHub(SpeechSettings(hub_pipeline=pipeline, hub_token=token), ModelStore(tmp_path), ComputeSettings())


def test_without_token_and_folder_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="HF_AUTH_TOKEN"):
        hub("pyannote/speaker-diarization-community-1", tmp_path).load()


def test_a_folder_that_is_no_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / "pipeline"
    folder.mkdir()
    with pytest.raises(Unavailable, match=r"pipeline: cannot be loaded"):
        hub(str(folder), tmp_path, "hf_planted").load()
