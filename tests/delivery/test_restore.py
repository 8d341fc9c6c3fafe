"""Analyses come back from the store: into a delivery, during a delivery, or as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.restore import restore_delivery, restore_full, restore_project
from tests.delivery.projects import Project, finalized, tree

TRACKING = "{stem}_tracking.json"


def without_analyses(home: Path) -> Project:
    """A delivered project of which only the store has the analyses: the videos alone were delivered."""
    project = Project(home)
    for folder in (project.folders.scenes, project.folders.audio, project.folders.tracking, project.folders.reduced):
        for record in (folder / ".records").glob("*"):
            record.unlink()
    finalized(project, finalize_mode="videos")
    return project


def delivered(project: Project) -> Path:
    return project.home / "output" / project.key


def test_a_delivery_gets_what_it_lacks(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    folder = delivered(project)
    assert sorted(path.name for path in (folder / "docs").iterdir()) == ["a.mp4"]
    store = tree(project.store.root)
    added = restore_delivery(folder, project.store, TRACKING)
    assert added == ["docs/a.csv", "docs/a_audio.json", "docs/a_tracking.json"]
    tracking = json.loads((folder / "docs/a_tracking.json").read_bytes())
    assert list(tracking) == ["frames_analysis"], "reduced, as a delivery has it"
    assert inspect(folder).intact
    assert inspect(folder).unexpected == ()
    assert restore_delivery(folder, project.store, TRACKING) == [], "nothing is added twice"
    assert tree(project.store.root) == store


def test_the_record_of_the_project_knows_it(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    records = DeliveryRecords(project.layout.state)
    restore_project(records, project.key, project.store, TRACKING)
    record = records.get(project.key)
    assert record is not None
    assert record.files == 4
    assert record.videos[0].paths["tracking"] == "docs/a_tracking.json"
    assert inspect(delivered(project)).intact


def test_files_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    before = tree(folder)
    assert restore_delivery(folder, project.store, TRACKING) == []
    assert tree(folder) == before


def test_a_delivery_restores_by_itself_when_that_is_set(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    done = finalized(project, restore_archives=True)
    assert sorted(file.kind for file in done.delivery.files) == ["audio", "scenes", "tracking", "video"]
    assert [note for note in done.record.notes if "is restored from 13 Camille 2026-11-21_10-00-00" in note]


def test_a_document_of_another_length_is_not_restored(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    (document,) = project.store.root.rglob("a_scenes.csv")
    document.write_text(document.read_text().replace(",50", ",51"))
    with pytest.raises(BadInput, match="frames"):
        restore_delivery(delivered(project), project.store, TRACKING)
    done = finalized(project, restore_archives=True, finalize_mode="videos")
    assert any("scenes of a.mov is not restored" in note for note in done.record.notes)
    assert inspect(done.delivery.folder).intact


def test_full_documents_leave_the_store_as_they_are(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["sub/a.mov"])
    videos = project.store.find(project.masters[0].source_sha256)
    copied = list(restore_full(videos, tmp_path / "here"))
    assert sorted(path.relative_to(tmp_path / "here").as_posix() for path in copied) == [
        "sub/a_audio.json",
        "sub/a_scenes.csv",
        "sub/a_tracking.json",
    ]
    assert set(tree(tmp_path / "here").values()) <= set(tree(project.store.root).values())


def test_somebodys_file_with_a_documents_name_stays(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    folder = delivered(project)
    (folder / "docs/a.csv").write_text("my own list")
    with pytest.raises(BadInput, match=r"a\.csv: is there already and is not from the store"):
        restore_delivery(folder, project.store, TRACKING)
    assert (folder / "docs/a.csv").read_text() == "my own list"
    (folder / "docs/a.csv").rename(folder / "docs/mine.csv")
    assert len(restore_delivery(folder, project.store, TRACKING)) == 3
    assert inspect(folder).unexpected == ("docs/mine.csv",)


def test_an_interrupted_restoration_is_finished(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    folder = delivered(project)
    restore_delivery(folder, project.store, TRACKING)
    documents = tree(folder / "docs")
    finalized(project, finalize_mode="videos", output=tmp_path / "other")
    other = tmp_path / "other" / project.key
    (other / "docs/a.csv").write_bytes((folder / "docs/a.csv").read_bytes())
    assert len(restore_delivery(other, project.store, TRACKING)) == 3
    assert set(tree(other / "docs").values()) == set(documents.values())


def test_full_documents_overwrite_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "a.mp4"])
    project.analyse(project.masters[1], "audio", label="SPEAKER_01")
    here = tmp_path / "here"
    here.mkdir()
    (here / "a_scenes.csv").write_text("my own list")
    videos = project.store.videos(project.store.root / project.origin.archive_name)
    copied = list(restore_full(videos, here))
    assert (here / "a_scenes.csv").read_text() == "my own list"
    wanted = {path.read_bytes() for video in videos for path in video.documents.values()}
    assert {path.read_bytes() for path in copied} == wanted
    assert [path.name for path in copied if path.name.startswith(videos[1].sha256[:8])]
    before = tree(here)
    assert list(restore_full(videos, here)) == copied, "the same again changes nothing"
    assert tree(here) == before


@pytest.mark.parametrize("by_folder", [True, False])
def test_a_restored_delivery_is_the_recorded_one(tmp_path: Path, by_folder: bool) -> None:
    project = without_analyses(tmp_path / "home")
    folder = delivered(project)
    for command, target in (("restore", folder if by_folder else project.key), ("verify", project.key)):
        arguments = [sys.executable, "-m", "mediaflow_assets.cli", command, str(target)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{'0' * 64}  docs/added.txt\n")
    (folder / "docs/added.txt").write_text("added")
    found = subprocess.run(
        [sys.executable, "-m", "mediaflow_assets.cli", "verify", "--fast", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "it is not the one that was written at" in found.stdout, "a recorded folder is compared with its record"


def test_the_command(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    command = [sys.executable, "-m", "mediaflow_assets.cli", "restore", "13 Camille"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 documents restored"), done.stderr
    assert (delivered(project) / "docs/a.csv").exists()
