"""kill -9 at random moments of a delivery leaves the old one or the new one, and every source."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.delivery import swap
from mediaflow_assets.delivery.record import DeliveryRecords
from tests.delivery.conftest import FileSystem
from tests.delivery.projects import Project, finalized, hidden, tree

KILLS = 20
DELIVER = """
import os
import sys
from pathlib import Path
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.finalize import finalize
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.core.layout import FolderSettings, Layout

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "ctypes.dlsym"}

def step(event, arguments):
    if event in CHANGES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        os.read(0, 1)
        os.write(1, b".")

home, key, archive, output = sys.argv[1:]
layout = Layout(FolderSettings(home=Path(home)))
store = AnalysisStore(layout.archives, layout.state)
sys.addaudithook(step)
finalize(layout, store, key, Path(archive), DeliverySettings(output=Path(output)))
"""
"""Before each change of a file or a name it waits for a byte, then writes one."""


def start(project: Project, output: Path) -> subprocess.Popen[bytes]:
    """A process that delivers, as many steps as it gets bytes."""
    arguments = [project.home, project.key, project.archive, output]
    command = [sys.executable, "-c", DELIVER, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def go(process: subprocess.Popen[bytes], steps: int) -> bool:
    """Let it go so many steps; False when it ended before."""
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(steps):
        try:
            process.stdin.write(b"x")
        except BrokenPipeError:
            return False
        if not process.stdout.read(1):
            return False
    return True


def deliver(project: Project, output: Path) -> int:
    """A whole delivery; returns its steps."""
    process = start(project, output)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()  # it waits no more
    steps = process.stdout.read
    taken = sum(len(part) for part in iter(lambda: steps(4096), b""))
    assert end(process) == 0
    return taken


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
        steps = deliver(project, output)
        wanted.append(payload(output / project.key))
    assert wanted[0] != wanted[1]
    present = 1
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    killed = 0
    for number in range(kills):
        project = projects[1 - present]
        process = start(project, output)
        # Half of the moments lie where names are exchanged and the old delivery is removed.
        killed += go(process, chance.randrange(0 if number % 2 else steps // 2, steps))
        process.send_signal(signal.SIGKILL)
        end(process)
        if not atomic and not (output / project.key).exists():
            swap.recover(output, project.key)  # the next run does the same
        present = wanted.index(payload(output / project.key))
        assert [project.sources() for project in projects] == sources
    assert killed > kills / 2, "the moments lie inside the delivery"
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
    swap.recover(root, project.key)
    assert finalized(new).delivery.unchanged, "the new one, which was proven, is in place"
    assert hidden(root) == []


def test_killed_before_the_new_one_was_ready(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    folder.rename(folder.parent / f".{project.key}.replaced")
    swap.recover(folder.parent, project.key)
    assert finalized(project).delivery.unchanged


def test_exchange_is_really_used_here(tmp_path: Path) -> None:
    """Otherwise the test above would prove less than it says."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    (other / "sub").mkdir(parents=True)
    assert swap.atomic_exchange(one, other)
    assert (one / "sub").is_dir()


def test_what_a_killed_delivery_was_writing_is_removed_by_the_next(tmp_path: Path) -> None:
    records = DeliveryRecords(tmp_path)
    with records.owned("13_Camille"):
        (records.folder("13_Camille") / ".0123456789ab.part.json").write_text("{")
        (records.folder("13_Camille") / "delivery.json").write_text("{}")
    with records.owned("13_Camille"):
        assert {path.name for path in records.folder("13_Camille").iterdir()} == {".lock", "delivery.json"}
