"""A real archive with a good video, a damaged one and a photo: held, left out, mended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import dagster as dg
import msgspec
import pytest
from PIL import Image
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.cli.local_run import LocalRunner, ProjectOutcome
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import Extraction, read_document, write_document
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.settings import Settings
from tests.faults.project import make_clip

LIGHT = {"SCENES_ENGINE": "pyscenedetect", "OBJECT_DETECTION": "off", "TRACKING_JOIN": "off", "MIN_FREE_BYTES": "0"}
BAD = "rushes/bad [v2].mp4"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "good.mp4")


@pytest.fixture
def archive(tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in LIGHT.items():
        monkeypatch.setenv(name, value)
    Image.new("RGB", (64, 48), (200, 100, 50)).save(tmp_path / "photo.jpg")
    path = tmp_path / "51 Camille [final].zip"
    with zipfile.ZipFile(path, "w") as package:
        package.write(good, "good.mp4")
        package.writestr(BAD, good.read_bytes()[:900])
        package.write(tmp_path / "photo.jpg", "photo.jpg")
    return path


def run(what: Path | str, **settings: str) -> ProjectOutcome:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        return LocalRunner(Settings.load(env_file=None)).run(str(what))


def docs(outcome: ProjectOutcome) -> set[str]:
    folder = Path(os.environ["MEDIAFLOW_HOME"]) / "output" / outcome.origin.project / "docs"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def mend(folders: ProjectFolders, good: Path) -> None:
    """The bad file is brought again, whole, as a second download does."""
    target = folders.extracted / BAD
    shutil.copyfile(good, target)
    extraction = read_document(folders.extraction, Extraction)
    facts = next(video.probe for video in extraction.videos if video.probe)
    videos = [
        {"problem": None, "probe": facts, "sha256": sha256_of(target), "bytes": target.stat().st_size}
        if video.path == BAD
        else {}
        for video in extraction.videos
    ]
    mended = tuple(
        msgspec.structs.replace(video, **change) for video, change in zip(extraction.videos, videos, strict=True)
    )
    write_document(folders.extraction, msgspec.structs.replace(extraction, videos=mended))


GOOD_FILES = {
    "good_reframe_9x16.json",
    "good.mp4",
    "good.csv",
    "good_transitions.json",
    "good_audio.json",
    "good_tracking.json",
    "photo.jpg",
}


def test_held_left_out_undone_and_mended(archive: Path, good: Path) -> None:
    held = run(archive)
    key = held.origin.project
    assert not held.success
    assert held.problems == ()
    assert BAD in held.waits
    assert "mediaflow leave-out" in held.waits
    assert docs(held) == set(), "the delivery waits"
    page = (held.folders.reports / "report.html").read_text(encoding="utf-8")
    assert "good.mp4" in page, "what is good is reported meanwhile"
    assert "bad [v2].mp4" in page
    summary = held.summary()
    assert "51 Camille [final]" in summary
    assert "good.mp4: 30 frames" in summary
    assert f"{BAD}: not made" in summary
    assert summary.splitlines()[-1].startswith("  WAITS ")
    failed = replace(held, waits="", problems=("reframe_json: it failed",)).summary()
    assert f"{BAD}: not made ({held.bad[0].reason})" in failed, "said where nothing else says it"

    cli = CliRunner()
    assert f"waits for  {BAD}" in cli.invoke(app, ["leave-out", key]).output
    assert "left out  " in cli.invoke(app, ["leave-out", key, "bad [v2].mp4"]).output
    without = run(key)
    assert without.success, without.problems
    assert docs(without) == GOOD_FILES
    assert any("bad [v2].mp4" in line for line in without.summary().splitlines()[-2:])
    record = DeliveryRecords(Layout(FolderSettings(home=Path(os.environ["MEDIAFLOW_HOME"]))).state).get(key)
    assert record is not None
    assert [video.path for video in record.left_out] == [BAD]

    assert "waits for" in cli.invoke(app, ["leave-out", key, "--undo"]).output
    assert not run(key).success
    assert docs(without) == GOOD_FILES, "what was delivered stays"

    mend(held.folders, good)
    mended = run(key)
    assert mended.success, (mended.problems, mended.waits)
    assert {"rushes/bad [v2].mp4", "rushes/bad [v2]_tracking.json"} <= docs(mended)
    assert "not made" not in mended.summary()


def test_a_rule_leaves_it_out_and_every_node_says_so(archive: Path) -> None:
    outcome = run(archive, ON_BAD_VIDEO="leave_out")
    assert outcome.success, (outcome.problems, outcome.waits)
    assert docs(outcome) == GOOD_FILES
    with open_instance(Settings.load(env_file=None)) as instance:
        (last,) = instance.get_runs()
        checks = {
            (check.asset_key.to_user_string(), check.check_name): check
            for entry in instance.all_logs(last.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
            if entry.dagster_event and (check := entry.dagster_event.asset_check_evaluation_data)
        }
        failed = {name: check for name, check in checks.items() if not check.passed}
        assert ("video_25fps", "every_video_is_made") in failed
        assert failed[("video_25fps", "every_video_is_made")].severity is dg.AssetCheckSeverity.ERROR
        assert failed[("finalized_project", "nothing_is_left_out")].severity is dg.AssetCheckSeverity.WARN
        assert checks[("scenes_csv", "every_video_is_made")].passed, "only the stage that failed has a red check"
        tables: dict[str, dict[str, tuple[object, object]]] = {}
        for asset in ("video_25fps", "scenes_csv", "tracking_json"):
            event = instance.get_latest_materialization_event(dg.AssetKey(asset))
            assert event is not None
            assert event.asset_materialization is not None
            facts = event.asset_materialization.metadata
            videos, problems = facts["videos"], facts["problems"]
            assert isinstance(videos, dg.TableMetadataValue)
            assert isinstance(problems, dg.TableMetadataValue)
            why = {row.data["video"]: row.data["problem"] for row in problems.records}
            tables[asset] = {
                str(row.data["video"]): (row.data["status"], why.get(row.data["video"], "")) for row in videos.records
            }
    assert tables["video_25fps"][BAD][0] == "failed"
    assert str(tables["video_25fps"][BAD][1]).startswith(f"{BAD}: ")
    for asset in ("scenes_csv", "tracking_json"):
        assert tables[asset][BAD] == ("left out", f"video_25fps: {tables['video_25fps'][BAD][1]}")
        assert tables[asset]["good.mp4"] == ("made", "")


def test_nothing_good_stops_at_the_stage(tmp_path: Path, archive: Path, good: Path) -> None:
    path = tmp_path / "52 Camille.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("bad.mp4", good.read_bytes()[:900])
    outcome = run(path)
    (problem,) = outcome.problems
    assert problem.startswith("video_25fps: No video could be made: bad.mp4: ")


def test_a_number_that_no_project_has_is_not_called_a_file() -> None:
    done = CliRunner().invoke(app, ["run", "99"])
    assert done.exit_code == 2
    assert "no such file" not in done.output
    assert "is not the key, name, number" in " ".join(done.output.replace("│", " ").split())


def test_several_arguments_are_all_tried(tmp_path: Path, archive: Path, good: Path) -> None:
    (tmp_path / "notes.txt").write_text("no archive")
    path = tmp_path / "53 Camille [v2].zip"
    with zipfile.ZipFile(path, "w") as package:
        package.write(good, "clip [final].mp4")
    done = CliRunner().invoke(app, ["run", str(tmp_path / "gone.zip"), str(tmp_path / "notes.txt"), str(path)])
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0].startswith(f"home {os.environ['MEDIAFLOW_HOME']}")
    assert "no such file" in done.output
    assert "notes.txt: " in done.output
    assert "53 Camille [v2]" in done.output
    assert "clip [final].mp4: 30 frames" in done.output
    assert "delivered to" in done.output
    (seconds,) = [line for line in lines if " s in all" in line]
    assert "every_video" not in seconds, "checks are no stages"


def test_missing_models_are_named_before_anything_is_started(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIAFLOW_MODELS_DIR", str(tmp_path / "none"))
    done = subprocess.run(
        [sys.executable, "-m", "mediaflow_assets.cli", "run", str(archive)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "mediaflow models fetch " in done.stderr
    assert not (Path(os.environ["MEDIAFLOW_HOME"]) / "downloads").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_how_to_go_on(archive: Path, number: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mediaflow_assets.cli", "run", str(archive)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    home = Path(os.environ["MEDIAFLOW_HOME"])
    deadline = time.monotonic() + 600
    while not list(home.glob("work/*/video/*.mp4")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=600)
    assert process.returncode == code, out + err
    assert "run it again to continue" in err
    assert "Traceback" not in err
    assert "DagsterExecutionInterruptedError" not in out + err


def test_an_error_of_the_disk_is_one_sentence(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (["run", str(archive)], ["projects"], ["sample", "/proc/x"]):
        done = subprocess.run(
            [sys.executable, "-m", "mediaflow_assets.cli", *arguments],
            env={**os.environ, "MEDIAFLOW_HOME": str(tmp_path / "file" / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert json.dumps(done.stderr).count("\\n") <= 2, done.stderr
