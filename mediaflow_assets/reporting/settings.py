"""Settings of the reports."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.reporting.export_names import EXPORTS
from mediaflow_assets.reporting.texts import Language

_EXPORTS = ("otio", "edl", "fcpxml", "rttm", "vtt", "mot", "xmp", "aftereffects")


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    if names == ("none",):
        return ()
    unknown = [name for name in names if name not in EXPORTS]
    if unknown:
        raise ValueError(f"no export is called {', '.join(unknown)}; choose from: {', '.join(EXPORTS)}, or none")
    return names


def _zone(name: str) -> str:
    if name:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone of the IANA database, such as Europe/Paris") from None
    return name


class ReportSettings(OptionGroup):
    """HTML reports and exports for editors."""

    language: Language = env(
        "REPORT_LANGUAGE", default="fr", doc="Language of the reports and of the pages of projects and review."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = env(
        "REPORT_TIMEZONE", default="", doc="Zone of the times in reports, Europe/Paris; empty: this machine's."
    )
    excluded: CommaList = env(
        "REPORT_EXCLUDED_FILENAMES", default=(), doc="File names left out of the monthly report, comma-separated."
    )
    exports: Annotated[CommaList, AfterValidator(_known)] = env(
        "REPORT_EXPORTS",
        default=(*_EXPORTS, "reframe_fcpxml", "reframe_resolve", "reframe_premiere", "reframe_clipboard"),
        doc="Exports written for each video, comma-separated; none switches them off.",
    )
    port: int = env(
        "REPORTS_PORT",
        default=8099,
        ge=1,
        le=65535,
        doc="Loopback port that serves reports to the UI.",
        operational=True,
    )
