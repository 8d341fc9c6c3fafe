"""Numbers, dates and durations as each language writes them."""

from __future__ import annotations

import pytest

from mediaflow_assets.reporting import texts


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


def test_names_are_sorted_as_people_count() -> None:
    names = ["13 Camille", "9 camille", "9 Camille 2", "9 Camille 10", "Léa", "100"]
    assert sorted(names, key=texts.in_order) == ["9 camille", "9 Camille 2", "9 Camille 10", "13 Camille", "100", "Léa"]
