"""Reports of a project: one page for each video, whatever is wrong with another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reporting.exports import EXPORTS
from mediaflow_assets.reporting.sources import find_project
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
    assert '<html lang="en">' in page
    assert "Speakers" in page
    assert "Locuteurs" not in page


def test_an_export_that_does_not_exist_is_refused_by_name(tmp_path: Path, film: Path) -> None:
    done = report(Project(tmp_path / "home", film=film), exports="otio,premiere")
    assert "has no premiere" in done.report.rows[0].problem
    assert all(name in done.report.rows[0].problem for name in EXPORTS)


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
    assert month.stdout.splitlines()[0] == "1 projects, 2 videos"
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
        ("13 Camille", "active delivered archived", 2),
        ("14 Léa", "active archived", 1),
    ]
    assert [(row["scenes"], row["audio"], row["tracking"]) for row in rows] == [(1, 1, 0), (2, 0, 0), (1, 1, 1)]
    shown = mediaflow("projects").stdout
    assert all(row["key"] in shown for row in rows), "a key is in one piece, so that it can be copied"
    videos = mediaflow("projects", "13 Camille").stdout
    assert "a.mov" in videos
    assert "test" in videos
