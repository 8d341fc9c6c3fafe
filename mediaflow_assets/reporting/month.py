"""The report of one month: which projects were archived, and how long their videos are."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import quote

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo, parse_folder
from mediaflow_assets.execution.failures import explain
from mediaflow_assets.reporting.html import write_page
from mediaflow_assets.reporting.name_order import in_order
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.reporting.statistics import Statistics, Totals, project_totals
from mediaflow_assets.reporting.summary import stored_statistics

Bucket = Literal["below 2", "2 to 5", "above 5"]
BUCKETS: tuple[Bucket, ...] = ("below 2", "2 to 5", "above 5")


@dataclass(frozen=True)
class MonthVideo:
    """One row of the report."""

    name: str
    statistics: Statistics | None
    problem: str = ""

    @property
    def seconds(self) -> float | None:
        """Duration; None when it is not known."""
        return self.statistics.video.duration_seconds if self.statistics else None


@dataclass(frozen=True)
class MonthProject:
    """One archived project."""

    name: str
    archived_at: datetime
    videos: tuple[MonthVideo, ...]
    key: str = ""
    """Its folder among the reports: partition key, or the name of its folder in the store."""

    @cached_property
    def totals(self) -> Totals:
        return project_totals([video.statistics for video in self.videos if video.statistics])

    @cached_property
    def buckets(self) -> dict[Bucket, list[MonthVideo]]:
        """Videos by duration; those of unknown duration are in none."""
        found: dict[Bucket, list[MonthVideo]] = {name: [] for name in BUCKETS}
        for video in self.videos:
            if video.seconds is not None:
                found[bucket(video.seconds)].append(video)
        return found


def bucket(seconds: float) -> Bucket:
    """The group of a duration: below 2 minutes, 2 to 5 with both ends, above 5."""
    if seconds < 120:
        return "below 2"
    return "2 to 5" if seconds <= 300 else "above 5"


def month_projects(store: AnalysisStore, month: str, excluded: Iterable[str] = ()) -> list[MonthProject]:
    """The projects archived in ``month`` (``YYYY-MM``), by name and time.

    Args:
        excluded: file names that are left out, in any case.
    """
    left_out = {_normal(name) for name in excluded}
    projects = []
    for folder in store.folders(month):
        parsed = parse_folder(folder.name)
        if parsed is None:
            continue
        videos: dict[str, MonthVideo] = {}
        project = folder.name
        for stored in store.videos(folder):
            project = stored.metadata.project or project
            # Two cards have a C0001.MP4 each; the replaced application wrote paths of its own machine.
            key = _normal(stored.metadata.video_path if stored.metadata.records else stored.name)
            if _normal(stored.name) not in left_out and key not in videos:
                videos[key] = _video(store, stored)
        in_turn = sorted(videos.values(), key=lambda video: in_order(video.name))
        projects.append(MonthProject(*parsed, tuple(in_turn), project))
    return sorted(projects, key=lambda project: (in_order(project.name), project.archived_at))


def write_month_report(
    target: Path, month: str, store: AnalysisStore, settings: ReportSettings
) -> tuple[Path, Sequence[MonthProject]]:
    """Write the report of ``month`` (``YYYY-MM``); returns it and its projects."""
    projects = month_projects(store, month, settings.excluded)
    every = [video for project in projects for video in project.videos]
    generated = datetime.now(UTC)
    reports, keys = target.absolute().parents[1], {project.key for project in projects}
    build = build_id(month, generated, len(projects), len(every))
    written = write_page(
        target,
        "month.html.jinja",
        settings.language,
        zone=settings.timezone,
        hrefs={key: f"../{quote(key)}/report.html" for key in keys if (reports / key / "report.html").exists()},
        generated=generated,
        month=month,
        projects=projects,
        videos=every,
        buckets=BUCKETS,
        counts={name: sum(len(project.buckets[name]) for project in projects) for name in BUCKETS},
        totals=project_totals([video.statistics for video in every if video.statistics]),
        excluded=settings.excluded,
        build=build,
        data=msgspec.to_builtins(_page_data(month, build, generated, projects)),
    )
    return written, projects


def _page_data(month: str, build: str, generated: datetime, projects: Sequence[MonthProject]) -> _MonthData:
    rows = [
        _MonthDataProject(
            project.name,
            [video.name for video in project.videos],
            {name: len(project.buckets[name]) for name in BUCKETS},
        )
        for project in projects
    ]
    return _MonthData(month, build, generated.isoformat(timespec="seconds"), rows)


def build_id(month: str, generated: datetime, projects: int, videos: int) -> str:
    """Twelve hex digits that tell two reports of a month apart."""
    text = f"{month}|{generated.isoformat()}|{projects}|{videos}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _video(store: AnalysisStore, stored: StoredVideo) -> MonthVideo:
    if stored.problem:
        return MonthVideo(stored.name, None, stored.problem)
    try:
        return MonthVideo(stored.name, stored_statistics(store, stored))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one video, the month has the others
        return MonthVideo(stored.name, None, explain(error))


def _normal(name: str) -> str:
    """A name without differences that people do not see."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class MonthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a monthly report that was written before."""

    month: str
    build: str
    generated: str
    """ISO 8601, UTC."""
    projects: int
    videos: int
    mp4: int
    """Files, as are the next two."""
    other: int
    without_suffix: int
    counted: int
    """The sum of the counters, which is lower than ``videos`` when some have no duration."""


def read_month_report(path: Path) -> MonthFigures:
    """The figures of a monthly report, from the data in its page.

    Raises:
        BadInput: it is not a monthly report of this package.
    """
    reader = _DataReader()
    reader.feed(path.read_text(encoding="utf-8", errors="replace"))
    try:
        data = msgspec.json.decode(reader.text, type=_MonthData)
    except msgspec.DecodeError as error:
        raise BadInput(path, "is not a monthly report", "Make one with: mediaflow report month") from error
    names = [name for project in data.projects for name in project.videos]
    suffixes = [PurePosixPath(name).suffix.casefold() for name in names]
    return MonthFigures(
        month=data.month,
        build=data.build,
        generated=data.generated,
        projects=len(data.projects),
        videos=len(names),
        mp4=suffixes.count(".mp4"),
        other=sum(suffix not in ("", ".mp4") for suffix in suffixes),
        without_suffix=suffixes.count(""),
        counted=sum(count for project in data.projects for count in project.counts.values()),
    )


class _MonthDataProject(msgspec.Struct):
    name: str
    videos: list[str]
    counts: dict[str, int]


class _MonthData(msgspec.Struct):
    """What the page of a month holds for programs."""

    month: str
    build: str
    generated: str
    projects: list[_MonthDataProject]


class _DataReader(HTMLParser):
    """Collects the text of ``<script type="application/json" id="data">``."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and ("id", "data") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text += data
