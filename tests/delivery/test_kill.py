"""kill -9 at random moments of a delivery leaves the old one or the new one, and every source."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mediaflow_assets.delivery import swap
from tests.delivery.conftest import FileSystem
from tests.delivery.projects import Project, finalized, hidden, tree

KILLS = 20
DELIVER = """
import sys
from pathlib import Path
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.finalize import finalize
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.layout import FolderSettings, Layout

home, key, archive, output = sys.argv[1:]
layout = Layout(FolderSettings(home=Path(home)))
store = AnalysisStore(layout.archives, layout.state)
print("ready", flush=True)
sys.stdin.read(1)
finalize(layout, store, key, Path(archive), DeliverySettings(output=Path(output)))
print("delivered", flush=True)
"""


def start(project: Project, output: Path) -> subprocess.Popen[bytes]:
    """A process that delivers as soon as it is told to."""
    arguments = [project.home, project.key, project.archive, output]
    command = [sys.executable, "-c", DELIVER, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"x")
    process.stdin.flush()


def end(process: subprocess.Popen[bytes]) -> int:
    with process:
        return process.wait()


def payload(folder: Path) -> dict[str, str]:
    return {path.removeprefix(str(folder)): digest for path, digest in tree(folder / "docs").items()}


def kill_at_random_moments(tmp_path: Path, output: Path, kills: int, *, atomic: bool) -> None:
    others = [f"{number}.txt" for number in range(40)]
    projects = [
        Project(tmp_path / version, others=others, content=version, payload=12 << 20) for version in ("one", "two")
    ]
    sources = [project.sources() for project in projects]
    wanted = []
    for project in projects:
        process = start(project, output)
        began = time.monotonic()
        go(process)
        assert end(process) == 0
        duration = time.monotonic() - began
        wanted.append(payload(output / project.key))
    assert wanted[0] != wanted[1]
    present = 1
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    killed = 0
    for number in range(kills):
        project = projects[1 - present]
        process = start(project, output)
        go(process)
        # Half of the moments lie where names are exchanged and the old delivery is removed.
        time.sleep(duration * (chance.random() if number % 2 else chance.uniform(0.7, 1.1)))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        end(process)
        if not atomic and not (output / project.key).exists():
            swap.settle(output, project.key)  # the next run does the same
        present = wanted.index(payload(output / project.key))
        assert [project.sources() for project in projects] == sources
    assert killed > kills / 3, "the moments lie inside the delivery"
    project = projects[1 - present]
    assert not finalized(project, output=output).delivery.unchanged
    assert payload(output / project.key) == wanted[1 - present]
    assert hidden(output) == []
    assert len(list(output.iterdir())) == 1


@pytest.mark.slow
def test_where_names_can_be_exchanged(tmp_path: Path) -> None:
    kill_at_random_moments(tmp_path, tmp_path / "output", KILLS, atomic=True)


@pytest.mark.slow
@pytest.mark.mounts("ntfs")
def test_on_ntfs(tmp_path: Path, file_system: FileSystem) -> None:
    kill_at_random_moments(tmp_path, file_system("ntfs"), 6, atomic=False)


def test_killed_between_two_renames(tmp_path: Path) -> None:
    """Where names cannot be exchanged there is one moment with neither: the next run ends it."""
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    new = Project(tmp_path / "home", content="2")
    fresh = finalized(new, output=tmp_path / "other").delivery.folder
    root = folder.parent
    folder.rename(root / f".{project.key}.replaced")
    fresh.rename(swap.ready(root, project.key))
    swap.settle(root, project.key)
    assert finalized(new).delivery.unchanged, "the new one, which was proven, is in place"
    assert hidden(root) == []


def test_killed_before_the_new_one_was_ready(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    folder.rename(folder.parent / f".{project.key}.replaced")
    swap.settle(folder.parent, project.key)
    assert finalized(project).delivery.unchanged


def test_exchange_is_really_used_here(tmp_path: Path) -> None:
    """Otherwise the test above would prove less than it says."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    (other / "sub").mkdir(parents=True)
    assert swap.exchange(one, other)
    assert (one / "sub").is_dir()
