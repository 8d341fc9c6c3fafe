"""Webhook records: two schemas in, one shape out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Literal, NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput

_SURROGATE = re.compile("[\ud800-\udfff]")


class WebhookRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One link on the webhook."""

    url: str
    """The first URL to try: the proxy's if there is one, else the sender's."""
    fallback_url: str = ""
    original_filename: str = ""
    provider: str = ""
    """What the webhook says that the link is; a hint."""
    source: str = "webhook"
    url_type: str
    """``provider``, or what the URL looks like: dropbox, proxy, fromsmash, swisstransfer, external."""
    timestamp: str = ""
    """The sender's time stamp as it was sent."""
    new_schema: bool

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs to try in order."""
        return (self.url, self.fallback_url) if self.fallback_url else (self.url,)

    @property
    def sent_at(self) -> str | None:
        """The time stamp in ISO 8601 UTC; None when it has no zone or is no time."""
        return to_utc(self.timestamp)


class Payload(NamedTuple):
    """What a webhook answered."""

    records: list[WebhookRecord]
    problems: list[str]
    """Entries that are no records: which, and what they are instead."""


def read_records(payload: object) -> Payload:
    """Records of a webhook payload: a list of new or legacy records.

    Raises:
        BadInput: the payload is something else.
    """
    if not isinstance(payload, list):
        raise BadInput("webhook", f"answered with {_shape(payload)} instead of a list", "Check WEBHOOK_JSON_URL")
    result = Payload([], [])
    for number, item in enumerate(payload, start=1):
        record = _record(item) if isinstance(item, Mapping) else None
        if record is not None:
            result.records.append(record)
        else:
            what = "has no URL" if isinstance(item, Mapping) else f"is {_shape(item)}"
            result.problems.append(f"entry {number} {what}")
    return result


def to_utc(text: str, assumed: tzinfo | Literal["local"] | None = None) -> str | None:
    """ISO 8601 UTC of an ISO time stamp; None for anything else.

    Args:
        text: for instance ``2025-10-17T12:34:13+0200``.
        assumed: zone of a time stamp without one, or that of this machine; without this, such a time
            stamp gives None.
    """
    stamp = _parse_time(text)
    if stamp is None or (stamp.tzinfo is None and assumed is None):
        return None
    if stamp.tzinfo is None and isinstance(assumed, tzinfo):
        stamp = stamp.replace(tzinfo=assumed)
    try:
        return stamp.astimezone(UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return None


def classify(url: str) -> str:
    """What a URL looks like, by the words in it; decides nothing but the label."""
    lowered = url.lower()
    for word, label in (
        ("fromsmash.com", "fromsmash"),
        ("swisstransfer.com", "swisstransfer"),
        ("dropbox.com", "dropbox"),
        ("dl.dropboxusercontent.com", "dropbox"),
    ):
        if word in lowered:
            return label
    return "proxy" if "/dropbox/" in lowered and "worker" in lowered else "external"


def _record(item: Mapping[str, object]) -> WebhookRecord | None:
    proxy, sender = _text(item.get("r2_url")), _text(item.get("source_url"))
    if proxy or sender:
        url, provider = proxy or sender, _text(item.get("provider")).lower()
        return WebhookRecord(
            url=url,
            fallback_url=sender if proxy and sender and sender != proxy else "",
            original_filename=_text(item.get("original_filename")),
            provider=provider,
            url_type=provider or classify(url),
            timestamp=_text(item.get("created_at")),
            new_schema=True,
        )
    url = _text(item.get("url"))
    if not url:
        return None
    return WebhookRecord(
        url=url,
        source=_text(item.get("source")) or "webhook",
        url_type=_text(item.get("url_type")).lower() or classify(url),
        timestamp=_stamp(item.get("timestamp")),
        new_schema=False,
    )


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _text(value: object) -> str:
    """A text that can be stored and sent: JSON can hold halves of characters (surrogates), UTF-8 cannot."""
    return _SURROGATE.sub("\ufffd", value).strip() if isinstance(value, str) else ""


def _stamp(value: object) -> str:
    """A time stamp as it was sent; old records have whole numbers too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _shape(value: object) -> str:
    if isinstance(value, Mapping):
        keys = ", ".join(repr(str(key)[:30]) for key in list(value)[:5])
        return f"an object with the keys {keys}" if keys else "an empty object"
    names = {str: "a text", list: "a list", bool: "a truth value", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
