"""Damaged, altered, missing and hostile files: said in one sentence, never delivered, made again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from mediaflow_assets.cli.local_run import LocalRunner
from mediaflow_assets.settings import Settings
from tests.faults.project import Small, content, make_clip, unfinished

ANALYSES = ("scenes_csv", "audio_json", "tracking_json", "reduced_json")


def finished(project: Small, undisturbed: Small) -> None:
    """The next run ends well, with the files of an undisturbed one and nothing beside them."""
    outcome = project.run()
    assert outcome.problems == {}
    assert project.delivered() == undisturbed.delivered()
    assert unfinished(project.home) == []


@pytest.mark.parametrize("stage", ["video", "scenes", "audio", "tracking", "reduced"])
def test_damaged_records_and_outputs_are_made_again(project: Small, undisturbed: Small, stage: str) -> None:
    folder = getattr(project.folders, stage)
    record, other = sorted((folder / ".records").glob("*.json"))
    record.write_bytes(record.read_bytes()[:40])
    output = next(path for path in folder.iterdir() if path.name.startswith(other.stem) and path.is_file())
    output.write_bytes(output.read_bytes()[:-1] + b"X")
    project.forget("output")
    finished(project, undisturbed)


def test_a_stage_folder_deleted_between_two_runs(project: Small, undisturbed: Small) -> None:
    project.forget("extracted", "video", "scenes", "tracking", "output")
    finished(project, undisturbed)


def test_a_delivery_altered_later_is_delivered_again(project: Small, undisturbed: Small) -> None:
    (project.output / "docs" / "one.csv").write_text("No,\n")
    (project.output / "docs" / "notes.txt").unlink()
    finished(project, undisturbed)


@pytest.mark.parametrize(
    ("document", "stage"),
    [("origin.json", "source_archive"), ("received.json", "extracted_archive"), ("manifest.json", "video_25fps")],
)
def test_a_damaged_document_names_itself(project: Small, undisturbed: Small, document: str, stage: str) -> None:
    (path,) = [
        folder / document
        for folder in (project.folders.downloads, project.folders.work)
        if (folder / document).exists()
    ]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    outcome = project.run(stage)
    (sentence,) = outcome.problems.values()
    assert document in sentence
    assert "not a valid" in sentence
    assert project.delivered() == undisturbed.delivered()
    path.write_bytes(whole)
    finished(project, undisturbed)


def test_a_damaged_received_archive_is_brought_again(project: Small, undisturbed: Small) -> None:
    archive = project.folders.downloads / "30_Camille_small.zip"
    archive.unlink()  # the sender's file has a link of its own
    archive.write_bytes(b"PK damaged")
    finished(project, undisturbed)


def test_an_archive_replaced_after_it_was_registered(
    tmp_path: Path, project: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while it is read: what is used is what was registered."""
    other = tmp_path / "31_Camille_replaced.zip"
    with zipfile.ZipFile(other, "w") as package:
        package.write(make_clip(tmp_path / "a.mp4"), "a.mp4")
    home = tmp_path / "second"
    second = Small(home, monkeypatch)
    runner = LocalRunner(Settings.load(env_file=None))
    replaced = threading.Event()
    opened = iter([False, False, True])  # to recognise it, to register it, to receive it

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and not replaced.is_set() and str(arguments[0]) == str(other) and next(opened, True):
            replaced.set()
            with zipfile.ZipFile(tmp_path / "new.zip", "w") as package:
                package.write(tmp_path / "a.mp4", "b.mp4")
            (tmp_path / "new.zip").replace(other)

    sys.addaudithook(hook)
    outcome = runner.run(str(other))
    if not replaced.is_set():  # it was linked without being opened again: replace it now
        hook("open", (other,))
    documents = {path.name for path in home.rglob("output/**/*.mp4")}
    assert documents in ({"a.mp4"}, set()), "never the new file under the old registration"
    assert outcome.success or "has changed since it was registered" in outcome.problems[0]
    assert unfinished(second.home) == []


def test_one_damaged_video_loses_only_itself(tmp_path: Path, project: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "32_Camille_half.zip"
    good = make_clip(tmp_path / "good.mp4")
    with zipfile.ZipFile(archive, "w") as package:
        package.write(good, "good.mp4")
        package.writestr("bad.mp4", good.read_bytes()[:900])
    second = Small(tmp_path / "second", monkeypatch)
    outcome = LocalRunner(Settings.load(env_file=None)).run(str(archive))
    assert outcome.problems == ()
    assert "bad.mp4" in outcome.waits
    assert [path.name[:4] for path in second.folders.tracking.glob("*.json")] == ["good"]
    assert [path.name[:4] for path in second.folders.video.glob("*.mp4")] == ["good"]
    assert not second.output.exists(), "an incomplete project is not delivered"


def test_a_truncated_archive(tmp_path: Path, project: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "33_Camille_cut.zip"
    whole = (project.folders.downloads / "30_Camille_small.zip").read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    second = Small(tmp_path / "second", monkeypatch)
    outcome = LocalRunner(Settings.load(env_file=None)).run(str(archive))
    (problem,) = outcome.problems
    assert problem.startswith("extracted_archive: 33_Camille_cut.zip: ")
    assert not second.folders.extracted.exists()
    assert not second.output.exists()


def test_a_missing_and_a_damaged_model(
    project: Small, undisturbed: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path(os.environ["MEDIAFLOW_MODELS_DIR"])
    models = tmp_path / "models"
    models.mkdir()
    for path in whole.iterdir():
        (models / path.name).symlink_to(path)
    project.forget("scenes", "archives", "output")
    monkeypatch.setenv("MEDIAFLOW_MODELS_DIR", str(models))
    (weights,) = models.glob("transnetv2*")
    weights.unlink()
    missing = project.run("scenes_csv").problems["scenes_csv"]
    assert "mediaflow models fetch" in missing
    weights.write_bytes(b"not the weights")
    damaged = project.run("scenes_csv").problems["scenes_csv"]
    assert "sha256" in damaged
    assert not list(project.folders.scenes.glob("*.csv"))
    weights.unlink()
    weights.symlink_to(whole / weights.name)
    finished(project, undisturbed)


def test_a_damaged_upload_history(project: Small, undisturbed: Small) -> None:
    """Nothing is fetched or delivered twice because the history is gone; it has to be put back."""
    history = project.home / "state" / "history.sqlite"
    whole = history.read_bytes()
    for suffix in ("-wal", "-shm"):
        history.with_name(history.name + suffix).unlink(missing_ok=True)
    history.write_bytes(b"damaged" * 1000)
    (sentence,) = project.run("source_archive").problems.values()
    assert sentence.startswith(f"{history}: cannot be used")
    history.write_bytes(whole)
    finished(project, undisturbed)


def mediaflow(project: Small, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mediaflow_assets.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fault", ["damaged", "locked"])
def test_dagsters_own_database(project: Small, undisturbed: Small, fault: str) -> None:
    storage = project.home / "dagster"
    shutil.copytree(undisturbed.home / "dagster", storage)
    runs = next(storage.rglob("index.db" if fault == "locked" else "runs.db"))
    lock = sqlite3.connect(runs, isolation_level=None)
    if fault == "locked":
        lock.execute("BEGIN EXCLUSIVE")
    else:
        lock.close()
        runs.write_bytes(b"damaged" * 1000)
    done = mediaflow(project, "first", project.key)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{storage}: holds a database of Dagster that cannot be used" in done.stderr
    lock.close()
    if fault == "damaged":  # as docs/faults.md says
        storage.rename(project.home / "dagster-damaged")
    assert mediaflow(project, "first", project.key).returncode in (0, 1)
    assert project.delivered() == undisturbed.delivered()


def test_a_setting_that_is_not_allowed(project: Small, undisturbed: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STALL_SECONDS", "soon")
    done = mediaflow(project, "run", project.folders.downloads / "30_Camille_small.zip")
    assert done.returncode == 1
    assert done.stderr.startswith("settings: STALL_SECONDS='soon': ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("key", ["../escape", "/etc", "a/../../b", "nul\0"])
def test_a_hostile_partition_key(project: Small, undisturbed: Small, key: str) -> None:
    before = content(project.home)
    outcome = project.run("source_archive", key=key)
    assert "is not a path inside its folder" in " ".join(outcome.problems.values())
    assert content(project.home) == before
