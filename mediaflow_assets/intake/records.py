"""Webhook records: two schemas in, one shape out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from mediaflow_assets.errors import BadInput


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One link on the webhook."""

    url: str
    fallback_url: str = ""
    original_filename: str = ""
    provider: str = ""
    sent_at: str | None = None
    """ISO 8601 UTC, or None when the record's time cannot be read."""
    new_schema: bool

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs to try in order."""
        return (self.url, self.fallback_url) if self.fallback_url else (self.url,)


def read_records(payload: object) -> list[Record]:
    """Records of a webhook payload; entries without a URL are left out.

    Raises:
        BadInput: the payload is not a list.
    """
    if not isinstance(payload, list):
        raise BadInput("webhook", f"answered with {type(payload).__name__} instead of a list", "Check WEBHOOK_JSON_URL")
    records = (_record(item) for item in payload if isinstance(item, Mapping))
    return [record for record in records if record is not None]


def _record(item: Mapping[str, Any]) -> Record | None:
    proxy, source = _text(item.get("r2_url")), _text(item.get("source_url"))
    if proxy or source:
        return Record(
            url=proxy or source,
            fallback_url=source if proxy and source and source != proxy else "",
            original_filename=_text(item.get("original_filename")),
            provider=_text(item.get("provider")).lower(),
            sent_at=to_utc(_text(item.get("created_at"))),
            new_schema=True,
        )
    url = _text(item.get("url"))
    return Record(url=url, sent_at=to_utc(_text(item.get("timestamp"))), new_schema=False) if url else None


def to_utc(text: str) -> str | None:
    """ISO 8601 UTC of an ISO time stamp with a zone; None for anything else."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp.astimezone(UTC).isoformat(timespec="seconds") if stamp.tzinfo else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
