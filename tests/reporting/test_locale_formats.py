"""Numbers, dates and durations as each language writes them."""

from __future__ import annotations

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reporting.locale_formats import (
    format_bytes,
    format_date,
    format_duration,
    format_month,
    format_number,
    format_percentage,
    language_tag,
)
from mediaflow_assets.settings import Settings


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00:00"), (59.99, "00:00:59"), (3661, "01:01:01"), (360000, "100:00:00"), (None, "–")],
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert format_duration(seconds) == shown


def test_numbers() -> None:
    assert format_number("fr", 12345.6, 1) == "12\u202f345,6"
    assert format_number("en", 12345.6, 1) == "12,345.6"
    assert format_percentage("fr", 51.14) == "51,1\u00a0%"
    assert format_percentage("en", None) == "–"
    assert format_bytes("fr", 4_351_252) == "4,4\u202fMo"
    assert format_bytes("en", 999) == "999 bytes"
    assert format_bytes("en", 1.2e12) == "1.2 TB"
    assert format_number("en", 2.675, 2) == "2.68", "as it is written, not as binary has it"


def test_dates() -> None:
    assert format_date("fr", "2026-11-21T10:00:00+00:00") == "21 novembre 2026, 10:00 UTC"
    assert format_date("en", "unknown") == "unknown"
    assert format_month("fr", "2026-08") == "août 2026"
    assert format_month("en", "2026-03") == "March 2026"


def test_a_language_of_a_country() -> None:
    assert [language_tag(language) for language in ("fr", "en", "pt_BR")] == ["fr", "en-GB", "pt-BR"]
    assert format_date("pt_BR", "2026-11-21T10:00:00") == "21 de novembro de 2026 10:00 UTC"
    with pytest.raises(BadInput, match="français"):
        language_tag("français")


def test_dates_are_in_the_zone_that_is_set() -> None:
    summer, winter = "2026-07-01T22:30:00+00:00", "2026-11-21T10:00:00"
    assert format_date("fr", summer, "Europe/Paris") == "2 juillet 2026, 00:30 CEST"
    assert format_date("fr", winter, "Europe/Paris") == "21 novembre 2026, 11:00 CET"
    assert format_date("en", winter, "America/New_York") == "21 November 2026, 05:00 EST"
    with pytest.raises(BadInput, match="Europe/Paris"):
        Settings.load(None, {"REPORT_TIMEZONE": "Paris"})
