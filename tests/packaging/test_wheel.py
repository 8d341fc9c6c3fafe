"""The wheel, installed where there is no checkout, does what a checkout does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import requests

from support.installation import REPOSITORY
from support.servers import free_port, stop, wait_for

SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "dagster.yaml", "workspace.yaml")
FORGOTTEN = shutil.ignore_patterns("__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in a copy: a build leaves files behind, and the next one would pack them."""
    copy = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        shutil.copy(REPOSITORY / name, copy)
    shutil.copytree(REPOSITORY / "mediaflow_assets", copy / "mediaflow_assets", ignore=FORGOTTEN)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", copy / "dist", copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--quiet", "--no-index"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Installed:
    """The wheel in an environment of its own; dependencies are those of the running one."""

    def __init__(self, folder: Path, wheel: Path, models: Path) -> None:
        self.folder = folder
        self.models = models
        environment = folder / "environment"
        venv.create(environment, symlinks=True)
        pip("--python", environment, "install", "--no-deps", wheel)
        (self.site,) = environment.glob("lib/python*/site-packages")
        shared = [path for path in sys.path if path.endswith("site-packages")]
        (self.site / "shared.pth").write_text("\n".join(shared))
        self.binary = environment / "bin" / "mediaflow"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()

    @property
    def environment(self) -> dict[str, str]:
        """Of somebody who has set nothing but where the models are."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEDIAFLOW", "PYTHON"))}
        return {**kept, "MEDIAFLOW_MODELS_DIR": str(self.models)}

    def mediaflow(self, *arguments: object) -> str:
        done = subprocess.run(
            [self.binary, *map(str, arguments)],
            cwd=self.elsewhere,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path, model_store) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel, model_store.folder)


def test_it_holds_every_file_of_the_package_and_dagsters_two(wheel: Path) -> None:
    source = wheel.parents[1]
    with zipfile.ZipFile(wheel) as package:
        packed = {name for name in package.namelist() if name.startswith("mediaflow_assets/")}
    tree = {
        str(path.relative_to(source))
        for path in (source / "mediaflow_assets").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == tree | {"mediaflow_assets/dagster.yaml", "mediaflow_assets/workspace.yaml"}


@pytest.mark.slow
def test_it_delivers_the_sample_outside_of_a_checkout(installed: Installed) -> None:
    installed.mediaflow("sample", "made")
    (archive,) = (installed.elsewhere / "made").glob("*.zip")
    installed.mediaflow("run", archive)
    (docs,) = (installed.elsewhere / "mediaflow_home" / "output").glob("*/docs")
    assert {path.name for path in docs.glob("*_tracking.json")}
    home = installed.elsewhere / "mediaflow_home" / "dagster"
    assert (home / "dagster.yaml").read_text() == (REPOSITORY / "dagster.yaml").read_text()
    assert str(REPOSITORY / "mediaflow_assets") not in installed.mediaflow("doctor")


@pytest.mark.slow
def test_dev_serves_the_ui_with_the_code_location(installed: Installed) -> None:
    port = free_port()
    log = installed.folder / "dev.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [installed.binary, "dev", "--port", str(port)],
            cwd=installed.elsewhere,
            env={**installed.environment, "REPORTS_PORT": str(free_port())},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for("the code location", lambda: process.poll() is not None or "mediaflow" in locations(port), 600)
            assert process.poll() is None, log.read_text()
        finally:
            stop(process)


def locations(port: int) -> list[str]:
    query = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
    try:
        answer = requests.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, timeout=30).json()
    except requests.ConnectionError:
        return []
    entries = answer["data"]["workspaceOrError"]["locationEntries"]
    return [entry["name"] for entry in entries if entry["loadStatus"] == "LOADED"]
