"""Which records are fetched automatically, each with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from mediaflow_assets.errors import BadInput
from mediaflow_assets.intake.records import Record
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.url_identity import identity, is_dropbox

ARCHIVE_SUFFIXES = frozenset({".zip", ".zipx", ".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst"})


class Decision(NamedTuple):
    """What to do with one record."""

    action: Literal["fetch", "by_hand", "ignore"]
    reason: str
    record: Record
    identity: str = ""
    filename: str = ""


def decide(records: Iterable[Record], settings: IntakeSettings) -> list[Decision]:
    """A decision and a reason for every record, in order."""
    return [_decide(record, settings) for record in records]


def check_host(url: str, settings: IntakeSettings) -> None:
    """Refuse a URL that may not be fetched.

    Raises:
        BadInput: scheme or host is not allowed.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    allowed = is_dropbox(host) or host in settings.proxy_hosts or host in settings.http_hosts
    if not allowed:
        raise BadInput(host or repr(url), "is not a host that may be fetched from", "See DOWNLOAD_PROXY_HOSTS")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in settings.http_hosts):
        raise BadInput(host, f"would be reached by {parts.scheme or 'no scheme'}", "See DOWNLOAD_HTTP_HOSTS")


def _decide(record: Record, settings: IntakeSettings) -> Decision:
    try:
        key = identity(record.url)
        check_host(record.url, settings)
    except BadInput as error:
        host = (urlsplit(record.url).hostname or "").lower()
        manual = host.endswith(("fromsmash.com", "swisstransfer.com"))
        return Decision("by_hand" if manual else "ignore", error.sentence, record)
    if not record.new_schema:
        return Decision("ignore", "legacy record: not fetched automatically", record)
    filename = record.original_filename or PurePosixPath(urlsplit(record.url).path).name
    folder_link = "/scl/fo/" in record.url
    if PurePosixPath(filename).suffix.lower() not in ARCHIVE_SUFFIXES and not folder_link:
        return Decision("ignore", f"{filename or 'it'} does not look like an archive", record)
    if settings.keyword and settings.keyword.casefold() not in filename.casefold():
        return Decision("ignore", f"{filename} does not contain {settings.keyword!r}", record)
    return Decision("fetch", "eligible", record, key, filename or "download.zip")
