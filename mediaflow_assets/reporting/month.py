"""The report of one month: which projects were archived, and how long their videos are."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from mediaflow_assets.delivery.analysis_store import StoredAnalysis
from mediaflow_assets.files import write_atomic
from mediaflow_assets.reporting.html import environment
from mediaflow_assets.reporting.settings import ReportSettings

_FOLDER = re.compile(r"(?P<name>.+) (?P<month>\d{4}-\d{2})-\d{2}_\d{2}-\d{2}-\d{2}")


def write_month_report(target: Path, month: str, archives: Path, settings: ReportSettings) -> tuple[Path, int]:
    """Write the report of ``month`` (``YYYY-MM``); returns it and the number of projects."""
    excluded = {name.casefold() for name in settings.excluded}
    projects = []
    for folder in sorted(archives.iterdir()) if archives.is_dir() else []:
        match = _FOLDER.fullmatch(folder.name)
        if match is None or match["month"] != month:
            continue
        videos = []
        for metadata in sorted(folder.glob("*/metadata.json")):
            stored = msgspec.json.decode(metadata.read_bytes(), type=StoredAnalysis)
            if Path(stored.video_path).name.casefold() not in excluded:
                videos.append(Path(stored.video_path).name)
        projects.append({"name": match["name"], "videos": videos})
    text = (
        environment()
        .get_template("month.html.jinja")
        .render(month=month, projects=projects, language=settings.language)
    )
    return write_atomic(target, text), len(projects)
