"""Settings of the reports."""

from __future__ import annotations

from typing import Literal

from mediaflow_assets.options import CommaList, OptionGroup, env


class ReportSettings(OptionGroup):
    """HTML reports."""

    language: Literal["fr", "en"] = env("REPORT_LANGUAGE", default="fr", doc="Language of the reports.")
    excluded: CommaList = env(
        "REPORT_EXCLUDED_FILENAMES", default=(), doc="File names left out of the monthly report, comma-separated."
    )
    port: int = env("REPORTS_PORT", default=8099, ge=1, le=65535, doc="Loopback port that serves reports to the UI.")
