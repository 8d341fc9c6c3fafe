"""Reports of a project: one page for each video, whatever is wrong with another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.failures import VideoFailure, keep_failure
from mediaflow_assets.formats.manifest import Masters, write_document
from mediaflow_assets.reporting.export_names import EXPORTS
from mediaflow_assets.reporting.sources import find_project
from mediaflow_assets.settings import Settings
from tests.delivery.projects import Project, finalized
from tests.delivery.test_analysis_store import legacy
from tests.reporting.conftest import report


def mediaflow(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, in the MEDIAFLOW_HOME of every test."""
    command = [sys.executable, "-m", "mediaflow_assets.cli", *map(str, arguments)]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_one_unreadable_video_is_a_row_that_says_why(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "b.mov"], film=film)
    (project.folders.tracking / "v0_tracking.json").write_bytes(
        (project.folders.tracking / "v0_tracking.json").read_bytes().replace(b'"frame":7,', b'"frame":?,')
    )
    done = report(project)
    assert [bool(row.problem) for row in done.report.rows] == [True, False]
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    assert 'class="error"' in page
    assert "a.mov" in page
    assert (done.folder / "v1.html").exists()
    assert not (done.folder / "v0.html").exists()


def test_what_did_not_change_is_not_made_again(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "b.mov"], film=film)
    report(project)
    project.analyse(project.masters[0], "audio", engine="other", label="SPEAKER_07")
    again = report(project)
    assert [outcome.status for outcome in again.report.report.outcomes] == ["made", "cached"]
    assert "SPEAKER_07" in (again.folder / "v0.html").read_text(encoding="utf-8")


def test_reports_outlive_the_work_files(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", film=film)
    finalized(project, retention="work")
    done = report(project)
    page = (done.folder / "v0.html").read_text(encoding="utf-8")
    assert "data:image/jpeg" in page, "pictures come from the delivered video"
    assert "archives" in page, "and the documents from the store"
    assert done.report.rows[0].statistics is not None


def test_in_english(tmp_path: Path, film: Path) -> None:
    done = report(Project(tmp_path / "home", film=film), language="en")
    page = (done.folder / "v0.html").read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in page
    assert "Speakers" in page
    assert "Locuteurs" not in page


def test_an_export_that_does_not_exist_is_refused_at_start() -> None:
    with pytest.raises(BadInput, match=r"REPORT_EXPORTS='otio,premiere': .*no export is called premiere") as error:
        Settings.load(env_file=None, environ={"REPORT_EXPORTS": "otio,premiere"})
    assert all(name in error.value.sentence for name in EXPORTS)


KINDS = ("scenes", "audio", "tracking")


@pytest.mark.parametrize("kinds", [kinds for count in (1, 2, 3) for kinds in combinations(KINDS, count)])
@pytest.mark.parametrize("origin", ["project", "store", "legacy"])
def test_whatever_a_video_lacks_it_is_reported(tmp_path: Path, film: Path, kinds: tuple[str, ...], origin: str) -> None:
    project = Project(tmp_path / "home", kinds=kinds, film=film)
    if origin == "store":
        finalized(project, retention="work", finalize_mode="videos")
    if origin == "legacy":
        for folder in project.store.folders():
            for name in ("metadata.json", "video_metadata.json"):
                for path in folder.rglob(name):
                    path.unlink()
        for path in (project.folders.scenes, project.folders.audio, project.folders.tracking):
            shutil.rmtree(path, ignore_errors=True)
    done = report(project, language="en", exports=",".join(EXPORTS))
    (row,) = done.report.rows
    assert row.problem == ""
    assert [kind for kind, _ in row.video.lacking] == [kind for kind in KINDS if kind not in kinds]
    words = {"scenes": "shots", "audio": "speech", "tracking": "faces"}
    missing = ", ".join(words[kind] for kind in KINDS if kind not in kinds)
    for page in ("v0.html", "report.html"):
        text = (done.folder / page).read_text(encoding="utf-8")
        assert (f"Missing: {missing}<" in text) == bool(missing)


def test_pictures_that_cannot_be_made_fail_no_report(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", film=film)
    (project.folders.video / "v0.mp4").write_bytes(b"no video")
    done = report(project, language="en")
    assert done.report.rows[0].problem == ""
    assert "no video to read" in (done.folder / "v0.html").read_text(encoding="utf-8")


def test_the_page_says_what_the_delivery_waits_for_and_what_it_goes_without(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "b.mov", "c.mov"], film=film)
    why = VideoFailure(stage="tracking_json", sentence="b.mov: is <odd>. Ask for it again.", at="")
    keep_failure(project.folders.tracking, "v1", why)
    unconverted = VideoFailure(stage="video_25fps", sentence="c.mov: is no video. Ask for it again.", at="")
    keep_failure(project.folders.video, "v2", unconverted)
    kept = tuple(master for master in project.masters if master.id != "v2")
    write_document(project.folders.video / "manifest.json", Masters(project=project.key, videos=kept))
    waiting = report(project, language="en")
    page = (waiting.folder / "report.html").read_text(encoding="utf-8")
    assert [(row.video.id, bool(row.problem), row.complete) for row in waiting.report.rows] == [
        ("v2", True, False),
        ("v0", False, True),
        ("v1", False, False),
    ]
    assert "The delivery waits" in page
    assert "tracking_json: b.mov: is &lt;odd&gt;. Ask for it again." in page
    assert "video_25fps: c.mov: is no video. Ask for it again." in page
    finalized(project, on_bad_video="leave_out")
    page = (report(project, language="en").folder / "report.html").read_text(encoding="utf-8")
    assert "The delivery waits" not in page
    assert "Left out" in page
    finalized(project, on_bad_video="leave_out", retention="work")
    later = report(project, language="en")
    assert {row.video.path: row.problem for row in later.report.rows if row.problem} == {
        "b.mov": "tracking_json: b.mov: is <odd>. Ask for it again.",
        "c.mov": "video_25fps: c.mov: is no video. Ask for it again.",
    }


def test_no_exports(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", film=film)
    assert list((report(project).folder / "exports").rglob("*.otio"))
    done = report(project, exports="none")
    assert list((done.folder / "exports").rglob("*.*")) == []
    assert "Exports" in (done.folder / "v0.html").read_text(encoding="utf-8"), "the timeline document is still linked"


def test_a_project_is_found_by_key_name_or_folder_and_never_by_a_part(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    legacy(project.store.root, "13 2025-03-04_05-06-07")
    legacy(project.store.root, "Léa 2025-03-04_05-06-07")
    legacy(project.store.root, "Léa 2025-04-04_05-06-07")

    def found(wanted: str) -> str:
        return find_project(project.layout, project.store, wanted).archive_name

    assert found(project.key) == found("13 Camille") == "13 Camille 2026-11-21_10-00-00"
    assert found("13") == "13 2025-03-04_05-06-07"
    assert found("Léa 2025-04-04_05-06-07") == "Léa 2025-04-04_05-06-07"
    for wanted in ("Camille", "../13 Camille", "Léa", ""):
        with pytest.raises(BadInput):
            found(wanted)


def test_commands(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "b.mov"], film=film)
    legacy(project.store.root, "9 Camille 2025-03-04_05-06-07")
    finalized(project)
    made = mediaflow("report", "project", "13 Camille")
    assert made.returncode == 0, made.stderr
    assert Path(made.stdout.strip()).is_file()
    one = mediaflow("report", "video", project.key, "b", REPORT_EXPORTS="otio")
    assert one.returncode == 0, one.stderr
    assert {Path(line).suffix for line in one.stdout.splitlines()} == {".json", ".html", ".otio"}
    old = mediaflow("report", "project", "9 Camille")
    assert old.returncode == 0, old.stderr
    month = mediaflow("report", "month", "2026-11", "--output", tmp_path)
    assert month.stdout.splitlines()[0] == "1 project, 2 videos"
    read = mediaflow("report", "inspect", tmp_path / "2026-11.html")
    assert "projects: 1" in read.stdout.splitlines()
    assert mediaflow("report", "month", "11/2026").returncode == 1
    assert mediaflow("report", "project", "nothing").returncode == 1


def test_the_list_of_projects(tmp_path: Path) -> None:
    active = Project(tmp_path / "home", videos=["a.mov", "b.mov"], kinds=["scenes"])
    Project(tmp_path / "home", key="14", name="14 Léa", registered_at="2026-12-01T10:00:00+00:00", content="2")
    legacy(active.store.root, "9 Camille 2025-03-04_05-06-07")
    finalized(active)
    rows = json.loads(mediaflow("projects", "--json").stdout)
    assert [(row["name"], row["state"], row["videos"]) for row in rows] == [
        ("9 Camille", "archived", 1),
        ("13 Camille", "delivered", 2),
        ("14 Léa", "received", 1),
    ]
    assert [row["has"] for row in rows] == ["archived", "active delivered archived", "active archived"]
    assert [(row["scenes"], row["audio"], row["tracking"]) for row in rows] == [(1, 1, 0), (2, 0, 0), (1, 1, 1)]
    shown = mediaflow("projects").stdout
    assert all(row["key"] in shown for row in rows), "a key is in one piece, so that it can be copied"
    videos = mediaflow("projects", "13 Camille").stdout
    assert "a.mov" in videos
    assert "test" in videos
