"""Work files go only after a verified delivery, only as RETENTION says, and never anything else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.delivery.retention import clean_up
from tests.delivery.projects import Project, finalized, tree


def test_keep_keeps_everything(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    before = project.sources()
    finalized(project)
    assert project.sources() == before


@pytest.mark.parametrize("retention", ["work", "archive"])
def test_the_archive_the_store_and_the_delivery_stay(tmp_path: Path, retention: str) -> None:
    project = Project(tmp_path / "home")
    (project.folders.downloads / "13_Camille.zip.part").write_bytes(b"of an older download")
    kept = tree(project.layout.archives)
    done = finalized(project, retention=retention)
    assert not project.folders.work.exists()
    assert project.archive.read_bytes() == b"archive"
    assert project.folders.origin.exists()
    assert (project.folders.downloads / "13_Camille.zip.part").exists() == (retention == "work")
    assert tree(project.layout.archives) == kept
    assert inspect(done.delivery.folder).intact
    assert done.removed


def test_nothing_goes_when_the_delivery_failed(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    (project.folders.video / "v0.mp4").write_bytes(b"x" * project.payload)
    before = project.sources()
    with pytest.raises(BadInput):
        finalized(project, retention="archive")
    assert project.sources() == before


@pytest.mark.parametrize("inside", ["archives", "inbox", "state"])
def test_settings_that_put_one_folder_into_another_remove_nothing(tmp_path: Path, inside: str) -> None:
    """The analysis store, the inbox or the records below the work folder of the very project."""
    work = tmp_path / "work" / "key"
    precious = work / inside / "precious"
    precious.mkdir(parents=True)
    layout = Layout(FolderSettings(home=tmp_path, **{inside: work / inside}))
    notes = clean_up(
        layout, layout.project("key"), "archive", archive=tmp_path / "a.zip", delivered=tmp_path / "output"
    )
    assert precious.exists()
    assert any("is kept" in note for note in notes)


def test_a_delivery_below_the_work_folder_stays(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    done = finalized(project, output=project.folders.work / "delivered", retention="work")
    assert inspect(done.delivery.folder).intact
    assert any("overlap" in note for note in done.removed)


@pytest.mark.parametrize("loss", ["removed", "damaged"])
def test_analyses_that_the_store_lost_keep_the_work_folder(tmp_path: Path, loss: str) -> None:
    project = Project(tmp_path / "home")
    stored = next(project.layout.archives.rglob("a_tracking.json"))
    if loss == "removed":
        stored.unlink()
    else:
        stored.write_bytes(stored.read_bytes().replace(b"obj_1", b"obj_2"))
    done = finalized(project, retention="work")
    assert (project.folders.tracking / "v0_tracking.json").exists()
    assert any("the analysis store does not have tracking" in sentence for sentence in done.removed)


def test_work_that_cannot_be_removed_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    really = shutil.rmtree

    def busy(path: Path, *arguments: bool, **settings: bool) -> None:
        if path == project.folders.work:
            raise OSError(16, os.strerror(16), str(path))
        really(path, *arguments, **settings)

    monkeypatch.setattr(shutil, "rmtree", busy)
    done = finalized(project, retention="work")
    assert inspect(done.delivery.folder).intact
    assert done.removed == (f"{project.folders.work} cannot be removed wholly (Device or resource busy)",)
