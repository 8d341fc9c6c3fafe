"""Deliveries onto real file systems: full, read-only, of Windows, without a way to exchange two names."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.delivery.bag import inspect
from tests.delivery.conftest import FileSystem
from tests.delivery.projects import Project, finalized, hidden, tree
from tests.delivery.test_deliver import ODD


@pytest.mark.mounts("tmpfs")
def test_a_full_disk_ends_in_one_sentence_and_loses_nothing(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs", "size=20m")
    first = finalized(Project(tmp_path / "home"), output=disk).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", payload=30 << 20, content="2")
    sources = project.sources()
    with pytest.raises(Unavailable, match=r"has \d+\.\d MB free and the delivery needs \d+\.\d MB"):
        finalized(project, output=disk)
    assert tree(first.folder) == before
    assert project.sources() == sources


@pytest.mark.mounts("tmpfs")
def test_a_disk_that_fills_up_during_the_copy(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs", "size=20m,nr_inodes=24")
    first = finalized(Project(tmp_path / "home"), output=disk).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", others=[f"{n}.txt" for n in range(40)], content="2")
    with pytest.raises(Unavailable, match="became full during the delivery"):
        finalized(project, output=disk)
    assert tree(disk) == before, "the old delivery is whole and what the copy took is free again"


@pytest.mark.mounts("tmpfs")
def test_a_disk_that_somebody_else_fills_during_the_copy(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs", "size=20m")
    first = finalized(Project(tmp_path / "home"), output=disk).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", payload=9 << 20, content="2")
    sources = project.sources()

    def fill(fraction: float, note: str) -> None:
        with contextlib.suppress(OSError), (disk / "somebody else's").open("wb") as stream:
            stream.write(bytes(15 << 20))

    with pytest.raises(Unavailable, match="became full during the delivery"):
        finalized(project, fill, output=disk)
    assert tree(first.folder) == before
    assert sorted(path.name for path in disk.iterdir()) == [first.folder.name, "somebody else's"]
    assert project.sources() == sources
    (disk / "somebody else's").unlink()
    assert inspect(finalized(project, output=disk).delivery.folder).intact


@pytest.mark.mounts("tmpfs")
def test_a_read_only_destination(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    project = Project(tmp_path / "home")
    done = finalized(project, output=disk)
    assert done.delivery.folder.parent == project.home / "output"
    assert f"{disk} cannot be written (Read-only file system)" in done.record.notes[0]


@pytest.mark.mounts("tmpfs")
def test_a_former_delivery_that_cannot_be_moved(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    subprocess.run(["mount", "--bind", folder, folder], check=True)  # in use: it can be neither moved nor replaced
    try:
        new = Project(tmp_path / "home", content="2")
        done = finalized(new)
        assert done.delivery.folder.name.startswith(f"{folder.name}__finalized_")
        assert inspect(done.delivery.folder).intact
        assert inspect(folder).intact
        assert finalized(new).delivery.unchanged, "it is not delivered once more each time"
    finally:
        subprocess.run(["umount", folder], check=True)


FORBIDDING = [pytest.param(kind, marks=pytest.mark.mounts(kind)) for kind in ("ntfs", "exfat", "vfat")]


@pytest.mark.parametrize("kind", FORBIDDING)
def test_what_windows_forbids_is_changed_and_listed(tmp_path: Path, file_system: FileSystem, kind: str) -> None:
    disk = file_system(kind)
    project = Project(tmp_path / "home", videos=['a?b "c".mov', "con.mp4"], others=ODD)
    done = finalized(project, output=disk)
    folder = done.delivery.folder
    assert inspect(folder).intact
    assert (folder / "docs/a_b _c_.mp4").exists()
    assert (folder / "docs/a_b _c__tracking.json").exists()
    assert (folder / "docs/_con.mp4").exists()
    assert (folder / "docs/_con_audio.json").exists()
    renamed = {file.wanted for file in done.delivery.renamed}
    assert {"docs/line\nbreak.txt", "docs/back\\slash.txt", "docs/con"} <= renamed
    assert "docs/quote's.txt" not in renamed
    again = finalized(Project(tmp_path / "home", videos=["a.mov"], content="2"), output=disk)
    assert inspect(again.delivery.folder).intact
    assert hidden(disk) == [], "the two-step replacement leaves nothing"
    assert finalized(Project(tmp_path / "home", videos=["a.mov"], content="2"), output=disk).delivery.unchanged


CASELESS = [pytest.param(kind, marks=pytest.mark.mounts(kind)) for kind in ("ntfs-any-case", "exfat", "vfat")]


@pytest.mark.parametrize("kind", CASELESS)
def test_a_destination_that_does_not_know_case(tmp_path: Path, file_system: FileSystem, kind: str) -> None:
    project = Project(tmp_path / "home", videos=["clip.mov", "CLIP.mov"], others=["Notes.TXT", "notes.txt", "Sub/x"])
    done = finalized(project, output=file_system(kind))
    files = done.delivery.files
    assert inspect(done.delivery.folder).intact
    assert len({file.path.casefold() for file in files}) == len(files) == 4 * 2 + 3
    assert {file.wanted for file in done.delivery.renamed} != set()
