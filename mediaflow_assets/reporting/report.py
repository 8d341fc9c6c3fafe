"""Writing the reports of a project: timeline, exports and page of each video, and the project's page."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mediaflow_assets.core.files import atomic_path, sha256_of, write_atomic
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.execution.fanout import Made, Outcome, Progress, Recipe, Report, load_record, run_stage
from mediaflow_assets.reporting.exports import ExportSource, write_exports
from mediaflow_assets.reporting.exports.after_effects_parts import PANEL_FILE, write_panel
from mediaflow_assets.reporting.pages import VideoRow, neighbours, write_project_page, write_video_page
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource, content_sha256
from mediaflow_assets.reporting.start_page import write_start_page
from mediaflow_assets.reporting.statistics import Statistics, compute_statistics
from mediaflow_assets.reporting.summary import store_summary
from mediaflow_assets.reporting.thumbnails import scene_pictures
from mediaflow_assets.reporting.timeline import build_timeline
from mediaflow_assets.review.document import Review
from mediaflow_assets.scenes.transitions import transitions_in

CODE_VERSION = "8"


@dataclass(frozen=True)
class ProjectReport:
    """What was written about a project."""

    page: Path
    rows: tuple[VideoRow, ...]
    report: Report[VideoSource]


class _Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a video's row of the project's page shows."""

    statistics: Statistics
    speakers: tuple[str, ...]
    """Labels of who is heard."""
    shared_labels: bool
    picture: str
    """As ``data:`` URI; empty where there is none."""


def write_video_report(
    folder: Path,
    project: ProjectSource,
    video: VideoSource,
    settings: ReportSettings,
    store: AnalysisStore,
) -> Made:
    """Write timeline, exports and page of one video into ``folder``, and its figures into the store.

    Raises:
        BadInput: it has no analysis, or something of it cannot be read.
    """
    timeline = build_timeline(project.name, video)
    statistics = compute_statistics(timeline)
    document = write_atomic(
        folder / f"{video.id}_timeline.json", msgspec.json.format(msgspec.json.encode(timeline), indent=1)
    )
    source = ExportSource(project.name, video, timeline)
    exports = write_exports(settings.exports, source, folder / "exports" / video.id)
    previews = _previews(folder, video)
    pictures = _pictures(video, source.scenes)
    page = write_video_page(
        folder / f"{video.id}.html",
        project,
        video,
        timeline,
        statistics,
        pictures,
        {"timeline": document, **exports},
        settings.language,
        source.reframings,
        {label: path.name for label, path in previews.items()},
        source.transitions,
        settings.timezone,
        source.words,
    )
    store_summary(store, project.archive_name, video, timeline)
    shown = {f"preview_{label}": path for label, path in previews.items()}
    details = _Details(
        statistics=statistics,
        speakers=timeline.audio.unique_speakers,
        shared_labels=_shared_labels(video),
        picture=pictures.get((len(source.scenes) + 1) // 2, ""),
    )
    return Made({"timeline": document, "page": page, **exports, **shown}, msgspec.to_builtins(details))


def _shared_labels(video: VideoSource) -> bool:
    """Whether the voices of all videos of the project were compared when its speech was analysed."""
    document = video.documents.get("audio")
    return bool(document and document.record and document.record.recipe.parameters.get("project_labels"))


def _transitions(video: VideoSource) -> str:
    """What tells two findings of transitions apart: the scenes themselves may be the same."""
    document = video.documents.get("scenes")
    found = transitions_in(document.record.details) if document and document.record else ()
    return hashlib.sha256(msgspec.json.encode(found)).hexdigest() if found else ""


def _previews(folder: Path, video: VideoSource) -> dict[str, Path]:
    """Rendered videos beside the page, by aspect."""
    shown = {}
    for label, source in video.previews.items():
        shown[label] = folder / source.name
        with atomic_path(shown[label]) as copy:
            shutil.copyfile(source, copy)
    return shown


def _pictures(video: VideoSource, scenes: Sequence[tuple[int, int]]) -> dict[int, str]:
    """Pictures of the shots; none when there is no video any more, or none that can be decoded: the page says so."""
    if video.picture is None:
        return {}
    try:
        return scene_pictures(video.picture, scenes)
    except Exception:  # noqa: BLE001 - nothing that is only looked at may fail a report
        return {}


def write_project_report(
    folder: Path, project: ProjectSource, settings: ReportSettings, store: AnalysisStore, progress: Progress
) -> ProjectReport:
    """Write the reports of all videos of a project, and its own; a video that did not change is not done again.

    The panel for After Effects, which reads deliveries, lies once beside the exports.

    Raises:
        Unavailable: another process writes the same reports.
    """

    def recipe(video: VideoSource) -> Recipe:
        return Recipe(
            stage="project_report",
            code_version=CODE_VERSION,
            inputs={
                "source": video.sha256,
                "picture": video.master.sha256 if video.master and video.picture else "",
                **{kind: content_sha256(kind, document) for kind, document in video.documents.items()},
                **{f"reframe_{label}": sha256_of(path) for label, path in video.reframings.items()},
                **{f"preview_{label}": sha256_of(path) for label, path in video.previews.items()},
                "transitions": _transitions(video),
                **({"review": review_content(video.review)} if video.review is not None else {}),
            },
            engine="report",
            parameters={
                **settings.recipe(),
                "delivered": str(video.delivered),
                "project": project.name,
                "failures": dict(video.failures),
                "shared_labels": _shared_labels(video),
                "neighbours": [other.id if other else "" for other in neighbours(project, video)],
            },
        )

    def make(video: VideoSource) -> Made:
        return write_video_report(folder, project, video, settings, store)

    pages: list[tuple[Path, tuple[VideoRow, ...]]] = []

    def write_page(report: Report[VideoSource]) -> None:
        done = {outcome.video.id: _row(outcome) for outcome in report.outcomes}
        rows = tuple(done.get(video.id) or VideoRow(video, None, video.problem) for video in project.videos)
        pages.append(
            (write_project_page(folder / "report.html", project, rows, settings.language, settings.timezone), rows)
        )
        write_start_page(folder.parent, settings)

    report = run_stage(
        [video for video in project.videos if video.documents],
        stage="project_report",
        folder=folder,
        recipe_for=recipe,
        make=make,
        progress=progress,
        on_report=write_page,
    )
    panel = folder / "exports" / "after_effects" / PANEL_FILE
    if "aftereffects" in settings.exports:
        write_panel(panel)
    else:
        panel.unlink(missing_ok=True)
    ((page, rows),) = pages
    return ProjectReport(page, rows, report)


def review_content(review: Review) -> str:
    """SHA-256 of a review document as it is written."""
    return hashlib.sha256(msgspec.json.encode(review)).hexdigest()


def not_reported(folder: Path, project: ProjectSource) -> dict[str, str]:
    """Path to sentence of the videos that have an analysis but no report, by the last time it was tried.

    Args:
        folder: the project's reports.
    """
    found = {}
    for video in project.videos:
        failure = load_failure(folder, video.id)
        if failure is not None:
            found[video.path] = failure.sentence
        elif video.documents and load_record(folder, video.id) is None:
            found[video.path] = f"{video.path}: has no report yet. Materialize project_report."
    return found


def _row(outcome: Outcome[VideoSource]) -> VideoRow:
    if outcome.record is None:
        return VideoRow(outcome.video, None, outcome.problem)
    details = outcome.record.details_as(_Details)
    return VideoRow(outcome.video, details.statistics, "", details.speakers, details.shared_labels, details.picture)
