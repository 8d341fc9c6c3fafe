"""Webhook records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.records import WebhookRecord, read_records


def legacy_row(record: WebhookRecord, zone: tzinfo) -> dict[str, str]:
    """The row that the replaced application made of a record, with local time."""
    local = f"{datetime.fromisoformat(record.sent_at).astimezone(zone):%Y-%m-%d %H:%M:%S}" if record.sent_at else ""
    row = {
        "url": record.url,
        "timestamp": local or record.timestamp,
        "source": record.source,
        "url_type": record.url_type,
    }
    if record.new_schema:
        row |= {name: getattr(record, name) for name in ("fallback_url", "original_filename", "provider")}
    return row


def test_rows_are_the_golden_ones(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("webhook_validate_and_format"):
        if isinstance(case["input"], list):
            zone = ZoneInfo(case.get("tz", "UTC"))
            rows = [legacy_row(record, zone) for record in read_records(case["input"]).records]
            assert rows == case["output"], case["input"]
        else:
            with pytest.raises(BadInput):
                read_records(case["input"])


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2025-10-17T12:34:13+0200", "2025-10-17T10:34:13+00:00"),
        ("2025-10-17T12:34:13+02:00", "2025-10-17T10:34:13+00:00"),
        ("2025-10-17T10:34:13.999Z", "2025-10-17T10:34:13+00:00"),
        ("2025-10-17 12:34:13", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        (None, None),
        (17, None),
    ],
)
def test_times_keep_their_zone_and_are_stored_in_utc(stamp: object, utc: str | None) -> None:
    (record,) = read_records([{"source_url": "https://x.example/a", "created_at": stamp}]).records
    assert record.sent_at == utc


def test_a_number_as_time_stamp_of_an_old_record_is_kept() -> None:
    (record,) = read_records([{"url": "https://x.example/a", "timestamp": 1700000000}]).records
    assert record.timestamp == "1700000000"
    (record,) = read_records([{"url": "https://x.example/a", "timestamp": True}]).records
    assert record.timestamp == ""


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"links": []}, "an object with the keys 'links'"),
        ({}, "an empty object"),
        ("text", "a text"),
        (None, "null"),
        (3, "a number"),
        (True, "a truth value"),
    ],
)
def test_another_shape_is_an_error_that_says_what_was_found(payload: object, found: str) -> None:
    with pytest.raises(BadInput, match=f"answered with {found} instead of a list"):
        read_records(payload)


def test_entries_that_are_no_records_are_named_and_hide_nothing() -> None:
    good = {"source_url": "https://x.example/a"}
    payload = read_records(["text", good, {}, {"r2_url": 3}, None, good])
    assert len(payload.records) == 2
    assert payload.problems == ["entry 1 is a text", "entry 3 has no URL", "entry 4 has no URL", "entry 5 is null"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["url", "source_url", "r2_url", "provider", "created_at"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read_or_refused(payload: object) -> None:
    try:
        result = read_records(payload)
    except BadInput:
        assert not isinstance(payload, list)
    else:
        assert isinstance(payload, list)
        assert len(result.records) + len(result.problems) == len(payload)
        assert all(record.url for record in result.records)
        assert msgspec.json.decode(msgspec.json.encode(result.records), type=list[WebhookRecord]) == result.records
