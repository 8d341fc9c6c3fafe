"""What every command owes to whoever types it: wrong names and used ports are said, the version is told."""

from __future__ import annotations

import socket
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.cli.diagnosis import _settings
from mediaflow_assets.cli.misspelt import misspelt
from mediaflow_assets.migration.names import LEGACY
from mediaflow_assets.settings import Settings, table
from tests.delivery.projects import Project


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The current folder, which is empty."""
    return tmp_path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("TRACKING_ENGIN", "TRACKING_ENGINE"),
        ("SPEACH_ENGINE", "SPEECH_ENGINE"),
        ("REPORT_PORT", "REPORTS_PORT"),
        ("tracking_engine", "TRACKING_ENGINE"),
    ],
)
def test_a_name_that_looks_like_a_setting_is_named_with_the_nearest(written: str, meant: str) -> None:
    assert misspelt([written]) == {written: meant}


def test_names_of_other_programs_and_of_the_replaced_application_are_left_alone() -> None:
    others = "PATH HOME LANG LOG_LEVEL HTTP_PROXY STATE_DIRECTORY CUDA_HOME DAGSTER_HOME HF_TOKEN POSTGRES_HOST"
    former = ["STEP5_INSIGHTFACE_CTX_ID", "STEP5_OBJECT_DETECTOR_MODEL_PATH", *LEGACY]
    assert misspelt([*others.split(), *former, *(name for row in table() for name in row.names)]) == {}


@pytest.mark.parametrize("command", [["run", "nothing.zip"], ["backfill", "nothing"], ["dev"]])
def test_commands_that_start_work_warn_of_a_misspelt_name(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    (here / ".env").write_text("TRACKING_ENGIN=yunet\n")
    monkeypatch.setenv("SCENES_ENGIN", "pyscenedetect")
    with socket.create_server(("127.0.0.1", 0)) as used:  # so that dev ends
        monkeypatch.setenv("REPORTS_PORT", str(used.getsockname()[1]))
        said = CliRunner().invoke(app, command).stderr.splitlines()
    assert "TRACKING_ENGIN in .env is no setting; did you mean TRACKING_ENGINE?" in said
    assert "SCENES_ENGIN in the environment is no setting; did you mean SCENES_ENGINE?" in said


def test_doctor_names_a_misspelt_name_and_is_content(here: Path) -> None:
    (here / ".env").write_text("TRACKING_ENGIN=yunet\n")
    (line,) = [line for line in _settings(Settings.load()) if line.name == "TRACKING_ENGIN"]
    assert "TRACKING_ENGINE" in line.text
    assert not line.needed


@pytest.mark.parametrize("whose", ["the Dagster UI", "the reports"])
def test_dev_refuses_a_used_port_before_anything_starts(
    here: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    def start(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(subprocess, "Popen", start)
    with socket.create_server(("127.0.0.1", 0)) as used, socket.create_server(("127.0.0.1", 0)) as free:
        port, other = used.getsockname()[1], free.getsockname()[1]
        free.close()
        ui, reports = (port, other) if whose == "the Dagster UI" else (other, port)
        monkeypatch.setenv("REPORTS_PORT", str(reports))
        result = CliRunner().invoke(app, ["dev", "--port", str(ui)])
    assert f"port {port}: cannot be opened for {whose}" in str(result.exception)


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"mediaflow-assets {version('mediaflow-assets')}\n"


def test_names_of_commands_are_completed() -> None:
    asked = {"_MEDIAFLOW_COMPLETE": "complete_bash", "COMP_WORDS": "mediaflow his", "COMP_CWORD": "1"}
    assert CliRunner().invoke(app, [], prog_name="mediaflow", env=asked).stdout.split() == ["history"]


def test_a_month_that_has_not_begun_has_no_report(here: Path) -> None:
    refused = CliRunner().invoke(app, ["report", "month", "2999-01"])
    assert "2999-01: has not begun" in str(refused.exception)
    assert not list(here.rglob("*.html"))


def test_a_month_without_a_project_is_said_with_those_that_have_one(here: Path) -> None:
    nothing = CliRunner().invoke(app, ["report", "month", "2020-01"])
    assert str(nothing.exception) == "2020-01: has no archived project. Run one first."
    Project(here / "home", videos=["a.mov"])
    refused = CliRunner().invoke(app, ["report", "month", "2020-01"])
    assert str(refused.exception) == "2020-01: has no archived project. Months that have: 2026-11."
    assert not list(here.rglob("*.html"))


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://", "is not an absolute http or https URL"),
        ("https://we transfer/x.zip", "is not a URL"),
        ("https://we.tl/t-abc", "we.tl: is not a host that is fetched from"),
        ("http://127.0.0.1:1/x.zip", "127.0.0.1: is not a host that is fetched from"),
    ],
)
def test_a_link_that_is_not_fetched_is_a_wrong_use_with_a_way_out(here: Path, link: str, why: str) -> None:
    result = CliRunner().invoke(app, ["run", link], terminal_width=500)
    said = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert why in said
    assert "Give an https link of Dropbox or of a host of DOWNLOAD_PROXY_HOSTS, or the downloaded file." in said
