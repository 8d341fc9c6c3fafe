"""Homes whose paths have what few paths have."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app


@pytest.mark.parametrize("name", ["50%20 off", "what?", "a%"])
def test_what_dagster_cannot_have_is_said_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(tmp_path / name))
    refused = CliRunner().invoke(app, ["pause"])
    assert "MEDIAFLOW_DAGSTER_HOME" in str(refused.exception)
    assert not (tmp_path / name / "dagster" / "history").exists()
    monkeypatch.setenv("MEDIAFLOW_DAGSTER_HOME", str(tmp_path / "dagster"))
    assert "paused" in CliRunner().invoke(app, ["pause"]).stdout


@pytest.mark.parametrize("name", ["with spaces", "été #1 {x} $HOME; 'q'"])
def test_others_just_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(tmp_path / name))
    assert "paused" in CliRunner().invoke(app, ["pause"]).stdout
    assert CliRunner().invoke(app, ["projects"]).stdout.strip() == "nothing yet"
