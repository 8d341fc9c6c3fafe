"""``index.html`` of the reports folder: every report by its name, for whoever opens the folder without the server."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from mediaflow_assets.reporting.html import write_page
from mediaflow_assets.reporting.name_order import in_order
from mediaflow_assets.reporting.settings import ReportSettings

_KEY = re.compile(r"(?P<name>.+)[ _](?P<stamp>\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})(?:_\d+)?", re.DOTALL)


class Entry(NamedTuple):
    """One project that has a report."""

    name: str
    at: datetime | None
    """When it was registered."""
    href: str


def write_start_page(root: Path, settings: ReportSettings) -> Path:
    """Write ``index.html`` in ``root``, the reports folder."""
    entries = [_entry(path.parent.name) for path in root.glob("*/report.html")]
    return write_page(
        root / "index.html",
        "start.html.jinja",
        settings.language,
        zone=settings.timezone,
        generated=datetime.now(UTC),
        months=sorted((path.stem for path in root.glob("months/*.html")), reverse=True),
        projects=sorted(entries, key=lambda entry: (in_order(entry.name), entry.href)),
    )


def _entry(folder: str) -> Entry:
    """What the name of a project's folder says: its partition key, or the name of its folder in the store."""
    href = quote(f"{folder}/report.html")
    match = _KEY.fullmatch(folder)
    if match is None:
        return Entry(folder, None, href)
    at = datetime.strptime(match["stamp"], "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC)
    return Entry(match["name"].replace("_", " "), at, href)
