"""Deliveries onto real file systems: full, read-only, of Windows, without a way to exchange two names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.errors import Unavailable
from tests.delivery.conftest import FileSystem
from tests.delivery.projects import Project, finalized, hidden, tree
from tests.delivery.test_deliver import ODD


def test_a_full_disk_ends_in_one_sentence_and_loses_nothing(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs", "size=20m").path
    first = finalized(Project(tmp_path / "home"), output=disk).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", payload=30 << 20, content="2")
    sources = project.sources()
    with pytest.raises(Unavailable, match=r"has \d+\.\d MB free and the delivery needs \d+\.\d MB"):
        finalized(project, output=disk)
    assert tree(first.folder) == before
    assert project.sources() == sources


def test_a_disk_that_fills_up_during_the_copy(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs", "size=20m,nr_inodes=24").path
    first = finalized(Project(tmp_path / "home"), output=disk).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", others=[f"{n}.txt" for n in range(40)], content="2")
    with pytest.raises(Unavailable, match="became full during the delivery"):
        finalized(project, output=disk)
    assert tree(disk) == before, "the old delivery is whole and what the copy took is free again"


def test_a_read_only_destination(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("tmpfs").path
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    project = Project(tmp_path / "home")
    done = finalized(project, output=disk)
    assert done.delivery.folder.parent == project.home / "output"
    assert f"{disk} cannot be written (Read-only file system)" in done.record.notes[0]


def test_a_former_delivery_that_cannot_be_moved(tmp_path: Path, file_system: FileSystem) -> None:
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


def test_ntfs_forbids_names_and_permissions(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("ntfs")
    project = Project(tmp_path / "home", videos=['a?b "c".mov', "con.mp4"], others=ODD)
    names = "auto" if disk.kind == "ntfs" else "windows"
    done = finalized(project, output=disk.path, names=names)
    folder = done.delivery.folder
    assert inspect(folder).intact
    assert (folder / "docs/a_b _c_.mp4").exists()
    assert (folder / "docs/a_b _c__tracking.json").exists()
    assert (folder / "docs/_con.mp4").exists()
    assert (folder / "docs/_con_audio.json").exists()
    renamed = {file.wanted for file in done.delivery.renamed}
    assert {"docs/line\nbreak.txt", "docs/back\\slash.txt", "docs/con"} <= renamed
    assert "docs/quote's.txt" not in renamed
    again = finalized(Project(tmp_path / "home", videos=["a.mov"], content="2"), output=disk.path, names=names)
    assert inspect(again.delivery.folder).intact
    assert hidden(disk.path) == [], "the two-step replacement leaves nothing"
    assert finalized(Project(tmp_path / "home", videos=["a.mov"], content="2"), output=disk.path).delivery.unchanged


def test_a_destination_that_does_not_know_case(tmp_path: Path, file_system: FileSystem) -> None:
    disk = file_system("ntfs-any-case")
    project = Project(tmp_path / "home", videos=["clip.mov", "CLIP.mov"], others=["Notes.TXT", "notes.txt", "Sub/x"])
    done = finalized(project, output=disk.path)
    files = done.delivery.files
    assert inspect(done.delivery.folder).intact
    if disk.kind != "tmpfs":
        assert len({file.path.casefold() for file in files}) == len(files)
        assert {file.wanted for file in done.delivery.renamed} != set()
