"""One small processed project, copied for each fault, and file systems that fill up.

A test that mounts says so with ``@pytest.mark.mounts("tmpfs")``; where that is impossible (not root)
it is deselected when tests are collected, and the summary names it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mediaflow_assets.cli.local_run import LocalRunner
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from tests.faults.project import Small, make_clip

_deselected: list[pytest.Item] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that need a mount where mounting is impossible."""
    impossible = [item for item in items if _is_here(item) and item.get_closest_marker("mounts") and not _can_mount()]
    if impossible:
        items[:] = [item for item in items if item not in impossible]
        config.hook.pytest_deselected(items=impossible)
        _deselected.extend(impossible)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was taken out."""
    if _deselected:
        terminalreporter.section("deselected: full disks cannot be mounted here (needs root)")
        for item in _deselected:
            terminalreporter.line(item.nodeid)


def _is_here(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


@cache
def _can_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> Small:
    """The project as it is when nothing goes wrong; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    archive = folder / "30_Camille_small.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.write(make_clip(folder / "one.mp4"), "one.mp4")
        package.write(make_clip(folder / "two.mov", rate=30), "sub/two.mov")
        package.writestr("notes.txt", "À vérifier")
    with pytest.MonkeyPatch.context() as patch:
        small = Small(folder / "home", patch)
        patch.setenv("MEDIAFLOW_MODELS_DIR", str(model_store.folder))
        patch.delenv("DAGSTER_HOME", raising=False)
        outcome = LocalRunner(Settings.load(env_file=None)).run(str(archive))
        assert outcome.success, outcome.problems
        return small


@pytest.fixture
def project(undisturbed: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A copy of the processed project, for one fault."""
    return undisturbed.copy_to(tmp_path / "home", monkeypatch)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    shutil.rmtree(folder)
