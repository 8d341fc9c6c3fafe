"""Numbers, dates and durations as each language writes them."""

from __future__ import annotations

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reporting import texts
from mediaflow_assets.settings import Settings


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00:00"), (59.99, "00:00:59"), (3661, "01:01:01"), (360000, "100:00:00"), (None, "–")],
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert texts.format_duration(seconds) == shown


def test_numbers() -> None:
    assert texts.format_number("fr", 12345.6, 1) == "12\u202f345,6"
    assert texts.format_number("en", 12345.6, 1) == "12,345.6"
    assert texts.format_percentage("fr", 51.14) == "51,1\u202f%"
    assert texts.format_percentage("en", None) == "–"
    assert texts.format_bytes("fr", 4_351_252) == "4,4\u202fMo"
    assert texts.format_bytes("en", 999) == "999\u202fB"


def test_dates() -> None:
    assert texts.format_date("fr", "2026-11-21T10:00:00+00:00") == "21 novembre 2026, 10:00 UTC"
    assert texts.format_date("en", "unknown") == "unknown"
    assert texts.format_month("fr", "2026-08") == "août 2026"


def test_dates_are_in_the_zone_that_is_set() -> None:
    summer, winter = "2026-07-01T22:30:00+00:00", "2026-11-21T10:00:00"
    assert texts.format_date("fr", summer, "Europe/Paris") == "2 juillet 2026, 00:30 CEST"
    assert texts.format_date("fr", winter, "Europe/Paris") == "21 novembre 2026, 11:00 CET"
    assert texts.format_date("en", winter, "America/New_York") == "21 November 2026, 05:00 EST"
    with pytest.raises(BadInput, match="Europe/Paris"):
        Settings.load(None, {"REPORT_TIMEZONE": "Paris"})


def test_what_is_counted_is_singular_or_plural() -> None:
    french = [texts.count("fr", number, "frames") for number in (0, 1, 2, 12345)]
    assert french == ["0 image", "1 image", "2 images", "12\u202f345 images"]
    assert [texts.count("en", number, "errors") for number in (0, 1, 2)] == ["0 errors", "1 error", "2 errors"]


def test_names_are_sorted_as_people_count() -> None:
    names = ["13 Camille", "9 camille", "9 Camille 2", "9 Camille 10", "Léa", "100"]
    assert sorted(names, key=texts.in_order) == ["9 camille", "9 Camille 2", "9 Camille 10", "13 Camille", "100", "Léa"]
