"""Running again recomputes nothing and says so; a killed run is finished by the next one."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import B_ROLL, SILENT
from support.installation import Installation

pytestmark = pytest.mark.slow

ASSETS = [
    "source_archive",
    "extracted_archive",
    "video_25fps",
    "scenes_csv",
    "audio_json",
    "tracking_json",
    "reduced_json",
    "finalized_project",
    "project_report",
]


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def latest(instance: dg.DagsterInstance, asset: str, key: str) -> dg.EventLogEntry:
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[key]), limit=1
    ).records
    return records[0].event_log_entry


def test_every_asset_is_recorded_in_dagster(processed: Installation) -> None:
    (key,) = processed.projects
    with processed.instance() as instance:
        assert instance.get_dynamic_partitions("projects") == [key]
        for asset in ASSETS:
            event = latest(instance, asset, key)
            assert event.asset_materialization is not None
            assert event.asset_materialization.partition == key


def test_a_second_run_makes_nothing_and_says_so(processed: Installation, sample: object, tmp_path: Path) -> None:
    again = Installation(tmp_path / "mediaflow", processed.models)
    shutil.copytree(processed.home, again.home, symlinks=True)
    before = content(again.home / "work")
    (archive,) = (again.home / "downloads").glob("*/*.zip")
    done = again.mediaflow("run", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(again.home / "work") == before
    (key,) = again.projects
    with again.instance() as instance:
        for asset in ("video_25fps", "scenes_csv", "audio_json", "tracking_json", "reduced_json"):
            materialization = latest(instance, asset, key).asset_materialization
            assert materialization is not None
            assert materialization.metadata["made"].value == 0
            assert materialization.metadata["reused"].value == 3
        delivery = latest(instance, "finalized_project", key).asset_materialization
        assert delivery is not None
        assert delivery.metadata["status"].value == "cached"


def test_a_renamed_video_of_another_archive_is_not_analysed_again(processed: Installation, tmp_path: Path) -> None:
    again = Installation(tmp_path / "mediaflow", processed.models)
    again.home.mkdir(parents=True)
    shutil.copytree(processed.home / "archives", again.home / "archives")
    (source,) = (processed.home / "work").glob("*/extracted/b-roll.mp4")
    archive = tmp_path / "14_Camille_other.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.write(source, "renamed.mp4")
    done = again.mediaflow("run", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    (key,) = again.projects
    with again.instance() as instance:
        for asset in ("scenes_csv", "audio_json", "tracking_json"):
            materialization = latest(instance, asset, key).asset_materialization
            assert materialization is not None
            assert materialization.metadata["made"].value == 0, asset


def test_a_killed_run_is_finished_by_the_next(installation: Installation, tmp_path: Path) -> None:
    """kill -9 of the whole process group after each stage has begun; then the run is started again."""
    archive = tmp_path / "15_Camille_kill.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("silent.mov", encode_film(SILENT))
        package.writestr("b-roll.mp4", encode_film(B_ROLL))
    for begun in ("work/*/extracted", "work/*/video", "work/*/scenes", "work/*/tracking", "output"):
        process = subprocess.Popen(
            installation.command("run", archive),
            env=installation.environment,
            cwd=installation.home.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while not list(installation.home.glob(begun)) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert list(installation.home.glob(begun)), begun
    done = installation.mediaflow("run", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    delivered = content(installation.delivered())
    assert sorted(delivered) == [
        "b-roll.csv",
        "b-roll.mp4",
        "b-roll_audio.json",
        "b-roll_reframe_9x16.json",
        "b-roll_tracking.json",
        "b-roll_transitions.json",
        "silent.csv",
        "silent.mp4",
        "silent_audio.json",
        "silent_reframe_9x16.json",
        "silent_tracking.json",
        "silent_transitions.json",
    ]
    undisturbed = Installation(tmp_path / "undisturbed", installation.models)
    assert undisturbed.mediaflow("run", archive).returncode == 0
    assert content(undisturbed.delivered()) == delivered
    leftovers = [path for path in installation.home.rglob(".*") if ".part" in path.name or "incoming" in path.name]
    assert leftovers == []
    with installation.instance() as instance:
        unfinished = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        assert unfinished == []
