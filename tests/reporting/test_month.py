"""The report of a month: which projects were archived in it, by the length of their videos."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.formats.timeline_json import Timeline, VideoFacts
from mediaflow_assets.reporting.month import bucket, month_projects, read_month_report, write_month_report
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.reporting.statistics import compute_statistics
from tests.delivery.projects import Project
from tests.delivery.test_analysis_store import legacy
from tests.reporting.conftest import report


def video(store: AnalysisStore, project: str, stem: str, seconds: float) -> Path:
    """A video of the store whose figures are known."""
    folder = legacy(store.root, project, stem=stem, sha256=f"{abs(hash((project, stem))):064x}")
    metadata = VideoFacts(duration_seconds=seconds, total_frames=int(seconds * 25), fps=25.0)
    document = {"metadata": metadata, "statistics": compute_statistics(Timeline(metadata=metadata))}
    (folder / "video_metadata.json").write_bytes(msgspec.json.encode(document))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> AnalysisStore:
    return AnalysisStore(tmp_path / "archives", tmp_path / "state")


@pytest.mark.parametrize(
    ("seconds", "group"),
    [(0, "below 2"), (119.96, "below 2"), (120, "2 to 5"), (300, "2 to 5"), (300.04, "above 5"), (9000, "above 5")],
)
def test_groups_by_duration(seconds: float, group: str) -> None:
    assert bucket(seconds) == group


def test_only_the_projects_of_the_month(store: AnalysisStore) -> None:
    video(store, "10 Léa 2026-10-31_23-59-59", "a", 10)
    video(store, "13 Camille 2026-11-01_00-00-00", "a", 10)
    video(store, "9 Camille 2026-11-30_23-59-59", "a", 10)
    video(store, "14 Léa 2026-12-01_00-00-00", "a", 10)
    assert [project.name for project in month_projects(store, "2026-11")] == ["9 Camille", "13 Camille"]


def test_counts_names_and_exclusions(store: AnalysisStore, tmp_path: Path) -> None:
    name = "13 Camille 2026-11-21_10-00-00"
    for stem, seconds in (("short", 60), ("long", 400), ("BOUCLE BUG 9-16", 10), ("middle", 120)):
        video(store, name, stem, seconds)
    settings = ReportSettings(excluded=("boucle bug 9-16.MP4",))
    page, (project,) = write_month_report(tmp_path / "month.html", "2026-11", store, settings)
    assert {group: [one.name for one in videos] for group, videos in project.buckets.items()} == {
        "below 2": ["short.mp4"],
        "2 to 5": ["middle.mp4"],
        "above 5": ["long.mp4"],
    }
    figures = read_month_report(page)
    assert (figures.month, figures.projects, figures.videos, figures.mp4, figures.counted) == (
        "2026-11",
        1,
        3,
        3,
        3,
    )
    assert len(figures.build) == 12


def test_the_same_video_counts_once_in_a_project(store: AnalysisStore) -> None:
    """Archived twice under names that differ in what nobody sees."""
    video(store, "13 Camille 2026-11-21_10-00-00", "Café  1", 60)
    video(store, "13 Camille 2026-11-21_10-00-00", "CAFE\u0301 1", 60)
    ((one,),) = (project.videos for project in month_projects(store, "2026-11"))
    assert one.seconds == 60


def test_two_cards_with_the_same_file_names_are_two_videos(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["Cam1/C0001.MP4", "Cam2/C0001.MP4", "Cam2/ambiance.MP4"])
    (month,) = month_projects(project.store, "2026-11", excluded=["AMBIANCE.mp4"])
    assert [one.name for one in month.videos] == ["C0001.MP4", "C0001.MP4"]


def test_figures_of_former_documents_are_not_used(tmp_path: Path, film: Path) -> None:
    project = Project(tmp_path / "home", film=film)
    report(project)
    stored = next(project.store.root.rglob("video_metadata.json"))
    document = msgspec.json.decode(stored.read_bytes())
    document["statistics"]["audio"]["total_speech_duration"] = 1234
    stored.write_bytes(msgspec.json.encode(document))
    (month,) = month_projects(project.store, "2026-11")
    assert month.totals.speech_seconds == 1234, "figures of the present documents are"
    project.analyse(project.masters[0], "audio", engine="other", label="SPEAKER_07")
    (month,) = month_projects(project.store, "2026-11")
    assert month.totals.speech_seconds == pytest.approx(0.8)


@pytest.mark.parametrize(
    "damage", [[], {"video": {}}, {"video": None}, "text", {"video": {"duration_seconds": "long"}}]
)
def test_figures_that_are_not_whole_are_computed_again(store: AnalysisStore, damage: object) -> None:
    folder = video(store, "13 Camille 2026-11-21_10-00-00", "a", 60)
    (folder / "video_metadata.json").write_bytes(msgspec.json.encode({"statistics": damage}))
    ((one,),) = (project.videos for project in month_projects(store, "2026-11"))
    assert (one.seconds, one.problem) == (0.2, "")


@pytest.mark.parametrize("document", ["[1, 2]", '{"frames_analysis": [{"frame": "x"}]}', '{"frames_analysis": [1]}'])
def test_a_malformed_document_is_a_row_of_the_month(store: AnalysisStore, tmp_path: Path, document: str) -> None:
    name = "13 Camille 2026-11-21_10-00-00"
    video(store, name, "good", 60)
    folder = legacy(store.root, name, stem="bad")
    (folder / "bad_scenes.csv").unlink()
    (folder / "bad_audio.json").write_text(document)
    _, (project,) = write_month_report(tmp_path / "month.html", "2026-11", store, ReportSettings())
    assert [(one.name, bool(one.problem)) for one in project.videos] == [("bad.mp4", True), ("good.mp4", False)]


def test_figures_of_the_replaced_application_are_computed_once(store: AnalysisStore) -> None:
    folder = legacy(store.root, "9 Camille 2026-11-04_05-06-07")
    before = sorted(path.name for path in folder.iterdir())
    ((one,),) = (project.videos for project in month_projects(store, "2026-11"))
    assert one.seconds == 0.2
    assert sorted(path.name for path in folder.iterdir()) == before, "reading writes nothing into the store"
    stat = (folder / "clip_audio.json").stat()
    (folder / "clip_audio.json").write_bytes(b"{" + b" " * (stat.st_size - 1))
    os.utime(folder / "clip_audio.json", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ((again,),) = (project.videos for project in month_projects(store, "2026-11"))
    assert again.seconds == 0.2, "it was not read again"


def test_one_unreadable_video_is_named_and_the_others_count(store: AnalysisStore, tmp_path: Path) -> None:
    name = "13 Camille 2026-11-21_10-00-00"
    video(store, name, "good", 60)
    folder = legacy(store.root, name, stem="bad")
    (folder / "clip_audio.json").write_text("{")
    (folder / "bad_audio.json").write_text("{")
    page, (project,) = write_month_report(tmp_path / "month.html", "2026-11", store, ReportSettings())
    assert [(one.name, bool(one.problem)) for one in project.videos] == [("bad.mp4", True), ("good.mp4", False)]
    assert "bad_audio.json" in page.read_text(encoding="utf-8")
    assert project.totals.duration_seconds == 60


def test_a_month_without_projects(store: AnalysisStore, tmp_path: Path) -> None:
    page, projects = write_month_report(tmp_path / "month.html", "2026-11", store, ReportSettings())
    assert projects == []
    assert read_month_report(page).videos == 0


def test_another_page_is_no_monthly_report(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<script type="application/json" id="data">{json.dumps({"month": 1})}</script>')
    with pytest.raises(BadInput, match="is not a monthly report"):
        read_month_report(page)
