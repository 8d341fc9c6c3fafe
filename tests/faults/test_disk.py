"""Full, read-only, forbidden and missing disks at each stage."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.files import exclusive, write_atomic
from mediaflow_assets.delivery.bad_videos import bad_videos
from tests.faults.project import Small, content, unfinished

REMADE = {
    "source_archive": (),
    "extracted_archive": ("extracted", "video"),
    "video_25fps": ("video",),
    "scenes_csv": ("scenes",),
    "audio_json": ("audio",),
    "tracking_json": ("tracking",),
    "reduced_json": ("reduced",),
    "reframe_json": ("reframe",),
    "finalized_project": ("output",),
    "project_report": ("reports",),
}
"""Stage to the folders that it has to make again in these tests; those that write nothing without corrections are not
in it."""


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """A disk on which nobody can write another block."""
    filler = disk / "somebody-else"
    with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        for block in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    stream.write(bytes(block))
    yield
    filler.unlink()


def forget(project: Small, stage: str) -> None:
    """Make the stage necessary again, and what is on the disk beside the project's files."""
    project.forget(*REMADE[stage])
    if stage == "source_archive":
        for path in [project.folders.downloads / "received.json", *project.folders.downloads.glob("*.zip")]:
            path.unlink()


WHERE_A_PROJECT_IS = {"status.json", "progress.json", "last_run.json"}
"""Written by every run, whole or not at all."""


def visible(project: Small) -> dict[str, str]:
    """What people and later stages see: everything but locks, records, databases and the state of the project."""
    return {
        path: digest
        for path, digest in content(project.home).items()
        if not path.startswith("state/")
        and not any(part.startswith(".") for part in path.split("/"))
        and path.rpartition("/")[2] not in WHERE_A_PROJECT_IS
    }


def readable_states(project: Small) -> bool:
    """None of the files that say where a project is was left half-written."""
    files = [path for name in WHERE_A_PROJECT_IS for path in project.home.rglob(name)]
    return all(json.loads(path.read_bytes()) for path in files)


@pytest.mark.mounts("tmpfs")
@pytest.mark.parametrize("stage", REMADE)
def test_a_full_disk(undisturbed: Small, disk: Path, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project = undisturbed.copy_to(disk / "home", monkeypatch)
    forget(project, stage)
    before = visible(project)
    with full(disk):
        outcome = project.run(stage)
        assert not outcome.success
        sentence = outcome.problems[stage]
        assert any(words in sentence for words in ("no space left", "No space left", "is full", "free")), sentence
        assert "\n" not in sentence
        assert visible(project) == before, "nothing half-written is visible"
        assert readable_states(project)
    assert project.run().problems == {}
    assert project.delivered() == undisturbed.delivered()
    assert unfinished(project.home) == []


@pytest.mark.mounts("tmpfs")
def test_a_disk_that_becomes_read_only(undisturbed: Small, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = undisturbed.copy_to(disk / "home", monkeypatch)
    forget(project, "scenes_csv")
    monkeypatch.setenv("STATE_DIR", str(undisturbed.home / "state"))
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    sentence = project.run("scenes_csv").problems["scenes_csv"]
    assert sentence.startswith(f"{project.folders.scenes}: is on a disk that cannot be written.")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert project.run().problems == {}
    assert project.delivered() == undisturbed.delivered()


@contextlib.contextmanager
def somebody_else() -> Iterator[None]:
    """Not root: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def lock(folder: Path) -> None:
    with exclusive(folder):
        pass


def document(folder: Path) -> None:
    write_atomic(folder / "film.csv", "No")


@pytest.mark.parametrize("write", [lock, document])
def test_a_folder_that_may_not_be_written(write: Callable[[Path], None]) -> None:
    """A stage's folder lost its permissions, for instance after a copy by another user."""
    # Not below pytest's folder, which nobody else may enter.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder = Path(place, "scenes")
        folder.mkdir()
        folder.chmod(0o555)
        with somebody_else(), pytest.raises(Unavailable) as refused:
            write(folder)
        assert (
            str(refused.value) == f"{folder}: may not be used by this user. Correct its permissions and run it again."
        )
        assert list(folder.iterdir()) == []


def test_a_missing_output_drive(project: Small, undisturbed: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the next destination, whole; the run's log says so."""
    project.forget("output")
    monkeypatch.setenv("OUTPUT_DIR", "/proc/drive-that-is-not-mounted/projects")
    assert project.run().problems == {}
    assert project.delivered() == undisturbed.delivered()


def test_a_stage_folder_deleted_under_a_run(
    project: Small, undisturbed: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first video is done, its result is taken away; what is delivered is whole all the same."""
    project.forget("reduced", "output")
    from mediaflow_assets.assets import reduced_json
    from mediaflow_assets.delivery.reduce import reduce_audio

    calls: list[tuple[object, ...]] = []

    def meddle(*arguments: object) -> None:
        reduce_audio(*arguments)  # type: ignore[arg-type]
        calls.append(arguments)
        if len(calls) == 1:
            shutil.rmtree(project.folders.reduced)

    monkeypatch.setattr(reduced_json, "reduce_audio", meddle)
    assert project.run("reduced_json").problems == {}, "the other video is made"
    (bad,) = bad_videos(project.folders)
    assert "No such file or directory" in bad.sentence
    assert project.delivered() == {}
    assert project.run().problems == {}
    assert project.delivered() == undisturbed.delivered()
