"""``mediaflow review``: the address that it prints is the page of the running web application."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.server.app import web_server
from mediaflow_assets.server.site import Site
from mediaflow_assets.settings import Settings
from tests.delivery.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "home", videos=["a.mov", "b.mov"])


def test_the_address_is_the_page(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(Site.of(Settings.load()), 0) as url:
        monkeypatch.setenv("REPORTS_PORT", str(urlsplit(url).port))
        for arguments, about in ((["13"], 'data-name="13 Camille"'), (["camille", "b"], 'data-name="b.mov"')):
            said = CliRunner().invoke(app, ["review", *arguments]).stdout.strip()
            assert said.startswith(url)
            assert about in urlopen(said, timeout=60).read().decode()


def test_a_project_of_one_video_is_its_page(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov"])
    said = CliRunner().invoke(app, ["review", "13"]).stdout.strip()
    assert said == f"http://127.0.0.1:8099/p/{project.key}/review/{project.masters[0].id}"


def test_what_cannot_be_reviewed_is_said(tmp_path: Path) -> None:
    Project(tmp_path / "home", videos=["a.mov", "b.mov"], kinds=[])
    result = CliRunner().invoke(app, ["review", "13", "b.mov"])
    assert str(result.exception) == "b.mov: cannot be reviewed (it has no analysis). Run its project first."


def test_it_is_opened_in_the_browser_when_somebody_serves_it(project: Project, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "mediaflow_assets.cli", "review", "13", "a", "--open"]

    def asked(port: int) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "BROWSER": f"{browser} %s", "REPORTS_PORT": str(port)}
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)

    with web_server(Site.of(Settings.load()), 0) as url:
        port = urlsplit(url).port or 0
        done = asked(port)
        assert (done.returncode, opened.read_text()) == (0, done.stdout)
    opened.unlink()
    refused = asked(port)
    assert refused.returncode == 1
    assert f"port {port}: nobody serves the page. Start it: mediaflow dev, or mediaflow web." in refused.stderr
    assert not opened.exists()
