"""HTML reports: one self-contained file each, no outside request, escaped by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from mediaflow_assets.files import write_atomic


@cache
def environment() -> Environment:
    """Templates of this package, autoescaped; an unknown variable is an error."""
    templates = Environment(
        loader=PackageLoader("mediaflow_assets.reporting"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["duration"] = format_duration
    templates.filters["percent"] = format_percentage
    return templates


def format_duration(seconds: float | None) -> str:
    """``HH:MM:SS`` of a number of seconds, rounded down."""
    whole = int(seconds or 0)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def format_percentage(value: float | None) -> str:
    """One decimal and a percent sign."""
    return f"{value or 0:.1f} %"


def write_project_report(
    target: Path, project: str, name: str, videos: Sequence[Mapping[str, Any]], language: str
) -> Path:
    """Report of one project.

    Args:
        videos: per video ``{"name", "statistics", "timeline"}``.
    """
    text = (
        environment()
        .get_template("project.html.jinja")
        .render(project=project, name=name, videos=videos, language=language)
    )
    return write_atomic(target, text)
