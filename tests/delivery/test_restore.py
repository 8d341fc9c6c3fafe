"""Analyses come back from the store: into a delivery, during a delivery, or as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.restore import restore_delivery, restore_full, restore_project
from mediaflow_assets.errors import BadInput
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


def test_the_command(tmp_path: Path) -> None:
    project = without_analyses(tmp_path / "home")
    command = [sys.executable, "-m", "mediaflow_assets.cli", "restore", "13 Camille"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 documents restored"), done.stderr
    assert (delivered(project) / "docs/a.csv").exists()
