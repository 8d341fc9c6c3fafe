"""Telling people: a status file beside each project, and a message to a URL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.core.files import write_atomic

Event = Literal[
    "project_finished",
    "project_failed",
    "project_waits",
    "project_canceled",
    "file_rejected",
    "links_by_hand",
    "health",
]
ATTEMPTS = 3
"""A sensor tick has 60 seconds for everything that it reports."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    event: Event
    at: str
    """ISO 8601, UTC."""
    project: str | None = None
    run_id: str | None = None
    text: str
    """One or more sentences for people."""
    details: Mapping[str, object] = msgspec.field(default_factory=dict)


def mask(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every secret replaced by ``***``; longer secrets first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def keep_last_run(folder: Path, alert: Alert) -> Path:
    """``last_run.json`` in a project's downloads folder: what became of its newest run."""
    return write_atomic(folder / "last_run.json", msgspec.json.format(msgspec.json.encode(alert), indent=1))


def last_run(folder: Path) -> Alert | None:
    """What became of a project's newest run, as :func:`keep_last_run` or a version before it wrote it down."""
    for name in ("last_run.json", "status.json"):
        try:
            return msgspec.json.decode((folder / name).read_bytes(), type=Alert)
        except (FileNotFoundError, msgspec.DecodeError):
            continue  # none yet, or a status of today's form; a damaged one only repeats an alert
    return None


def post(alert: Alert, url: str, timeout: float) -> None:
    """POST the alert as JSON; tried three times with growing pauses.

    Raises:
        Interrupted: it could not be delivered. The URL may hold a secret and is not named.
    """
    body = msgspec.json.encode(alert)
    attempts = Retrying(
        retry=retry_if_exception_type((requests.ConnectionError, requests.Timeout, _TryAgain)),
        wait=wait_exponential_jitter(initial=0.5, max=5),
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    try:
        for attempt in attempts:
            with attempt:
                _post_once(body, url, timeout)
    except requests.RequestException as error:
        status = getattr(error.response, "status_code", None)
        why = f"status {status}" if status else type(error).__name__
        raise Interrupted("alert", f"could not be posted to ALERT_URL ({why})", "Check ALERT_URL") from None


def _post_once(body: bytes, url: str, timeout: float) -> None:
    response = requests.post(
        url, data=body, timeout=timeout, headers={"Content-Type": "application/json"}, allow_redirects=False
    )
    if response.status_code == 429 or response.status_code >= 500:
        raise _TryAgain(response=response)
    response.raise_for_status()


class _TryAgain(requests.HTTPError):
    """The receiver is busy or broken; it may answer the next time."""
