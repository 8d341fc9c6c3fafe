"""What is done with each record, and why. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import unquote

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.hosts import BY_HAND
from mediaflow_assets.intake.naming import ARCHIVE_SUFFIXES
from mediaflow_assets.intake.records import WebhookRecord
from mediaflow_assets.intake.register import UploadRequest
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.url_identity import Link, identity, is_dropbox, legacy_identity, parse

Action = Literal["fetch", "known", "by hand", "ignored", "refused"]


class LinkDecision(NamedTuple):
    """What to do with one record."""

    action: Action
    reason: str
    record: WebhookRecord
    urls: tuple[str, ...] = ()
    """Canonical URLs to try in order; the first is the identity of the upload."""
    filename: str = ""
    """Name of the archive, as far as it is known before the download."""
    link: str = ""
    """The URL that is not fetched from, as it was sent; if a person has to open one, that one."""

    @property
    def by_hand(self) -> bool:
        """Whether a person has to open the link."""
        return self.action == "by hand"


def decide(
    records: Iterable[WebhookRecord], settings: IntakeSettings, known: Mapping[str, str] | None = None
) -> list[LinkDecision]:
    """A decision and a reason for every record, in order.

    A link counts as handled only by a record that is fetched: one that is not eligible never hides
    another that is.

    Args:
        records: from :func:`records.read_records`.
        settings: which hosts, schemas and names are accepted.
        known: identities that need not be fetched again, with the reason.
    """
    seen = dict(known or {})
    decisions = []
    for number, record in enumerate(records, start=1):
        decision = _decide(record, settings)
        if decision.action == "fetch":
            before = (*decision.urls, *map(legacy_identity, decision.urls))
            reason = next((seen[url] for url in before if url in seen), None)
            if reason is not None:
                decision = decision._replace(action="known", reason=reason)
            else:
                seen |= dict.fromkeys(decision.urls, f"same link as record {number}")
        decisions.append(decision)
    return decisions


def _decide(record: WebhookRecord, settings: IntakeSettings) -> LinkDecision:
    urls: list[str] = []
    rejected: list[LinkDecision] = []
    for url in record.urls:
        try:
            settings.allowed_hosts.check(url)
            urls.append(identity(url))
        except BadInput as error:
            rejected.append(LinkDecision(*_not_fetched(url, error), record, link=url))
    if not urls:
        # The sender's own link is the last one.
        return next((decision for decision in reversed(rejected) if decision.by_hand), rejected[0])
    if not record.new_schema and not settings.fetch_legacy:
        return LinkDecision("ignored", "legacy record, which WEBHOOK_FETCH_LEGACY does not allow", record)
    filename = archive_name(record.original_filename, urls[0])
    if not filename:
        return LinkDecision("ignored", f"{_shown_name(record)} does not look like an archive", record)
    if reason := keyword_missing(filename, settings.keyword):
        return LinkDecision("ignored", reason, record)
    reason = "; ".join(["eligible", *(f"but not from its other link: {decision.reason}" for decision in rejected)])
    return LinkDecision("fetch", reason, record, tuple(dict.fromkeys(urls)), filename)


def arrival_of_link(url: str, settings: IntakeSettings) -> UploadRequest:
    """A link that a person wants to have fetched, whatever its name is.

    Raises:
        BadInput: it may not be fetched.
    """
    try:
        settings.allowed_hosts.check(url)
        link = identity(url)
    except BadInput as error:
        remedy = "Give an https link of Dropbox or of a host of DOWNLOAD_PROXY_HOSTS, or the downloaded file"
        raise BadInput(error.subject, error.problem, remedy) from None
    filename = archive_name("", link) or PurePosixPath(unquote(parse(link).path)).name or "download.zip"
    return UploadRequest(kind="webhook", filename=filename, identity=link, urls=(link,), name_is_guessed=True)


def keyword_missing(filename: str, keyword: str) -> str | None:
    """Why a name is not accepted by the project keyword, or None."""
    if keyword.casefold() in filename.casefold():
        return None
    return f"{filename} does not contain {keyword!r} (PROJECT_KEYWORD)"


def archive_name(original: str, url: str) -> str:
    """The archive's file name: as the record says, else from the link; empty when it is no archive.

    Dropbox sends a folder as a ZIP, so that the name of a folder link gets that suffix.
    """
    link = parse(url)
    path = PurePosixPath(unquote(link.path))
    name = PurePosixPath(original.replace("\\", "/")).name or path.name
    if PurePosixPath(name).suffix.lower() in ARCHIVE_SUFFIXES:
        return name
    if is_dropbox_folder(link):
        return f"{PurePosixPath(original).name or f'Dropbox {path.parts[-2][:12]}'}.zip"
    return ""


def is_dropbox_folder(link: Link) -> bool:
    """Whether a link is one of a Dropbox folder, which is sent as a ZIP made on the fly.

    ``/scl/fo/<id>/<hash>`` or ``/sh/<id>/<hash>``, also with a path inside the folder that has no
    suffix; with one, it is a link to a single file.
    """
    parts = link.path.rstrip("/").split("/")[1:]
    if parts[:2] == ["scl", "fo"]:
        parts = parts[1:]
    elif parts[:1] != ["sh"]:
        return False
    return is_dropbox(link.host) and len(parts) >= 3 and (len(parts) == 3 or "." not in parts[-1])


def _not_fetched(url: str, error: BadInput) -> tuple[Action, str]:
    """An ordinary link of somebody else's is for a person to open; anything odd is refused."""
    try:
        link = parse(url)
    except BadInput:
        return "refused", error.sentence
    if is_dropbox(link.host):
        return "refused", error.sentence
    if any(link.host == name or link.host.endswith(f".{name}") for name in BY_HAND):
        return "by hand", f"{link.host} links are opened by a person"
    if "dropbox" in unquote(url).lower():
        return "refused", f"{error.sentence} It names Dropbox but is not of Dropbox."
    public_name = "." in link.host and ":" not in link.host and not link.host.rpartition(".")[2].isdigit()
    return ("by hand" if link.scheme == "https" and public_name else "refused"), error.sentence


def _shown_name(record: WebhookRecord) -> str:
    name = record.original_filename or PurePosixPath(record.url.partition("?")[0]).name
    return repr(name[:80]) if name else "it"
