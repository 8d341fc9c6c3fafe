"""Turning uploads into projects: a partition key, a folder, an origin document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.formats.manifest import Origin, OriginKind, read_document, write_document
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.naming import clean_name, partition_key, project_name
from mediaflow_assets.intake.uploads import Claim, Upload

_STAYS = ("file", "folder", "legacy")
"""Kinds whose content stays where its owner has it."""


@dataclass(frozen=True)
class UploadRequest:
    """Something that is to become a project.

    Args:
        kind: how it came.
        filename: name of the archive, or of the folder.
        identity: what makes it the same upload when it is reported again.
        path: where it is, for everything but a link.
        urls: what to try in order, for a link; the first is its identity.
        sent_at: the sender's time, ISO 8601 UTC.
        fingerprint: see :mod:`fingerprint`; what has the same one is the same project. Empty when the
            content is not here yet, or is to become a project of its own whatever was received before.
        name_is_guessed: whether nobody said ``filename``.
        ask: a new project of it waits for approval.
    """

    kind: OriginKind
    filename: str
    identity: str
    path: Path | None = None
    urls: tuple[str, ...] = ()
    sent_at: str | None = None
    fingerprint: str = ""
    name_is_guessed: bool = False
    ask: bool = False


class Registration(NamedTuple):
    """The project of an upload, and whether this call made it."""

    origin: Origin
    new: bool


def register(layout: Layout, history: History, arrival: UploadRequest, keyword: str = "") -> Registration:
    """Register one upload; see :func:`register_all`."""
    return register_all(layout, history, [arrival], keyword)[0]


def register_all(
    layout: Layout, history: History, arrivals: Sequence[UploadRequest], keyword: str = ""
) -> list[Registration]:
    """Register uploads once, however often and from however many processes they are reported.

    The history rows are made first and the origin documents after them; a process that dies between
    the two is repaired by the next call, which writes the missing documents. Content that has moved is
    found at its new place from then on.

    Raises:
        BadInput: an upload was fetched before by the replaced application; it has no project here.
    """
    now = datetime.now(UTC)
    claims = history.claim_all([_claim(arrival, now, keyword) for arrival in arrivals])
    return [
        Registration(_origin(layout, arrival, upload, keyword), new)
        for arrival, (upload, new) in zip(arrivals, claims, strict=True)
    ]


def restore_all(layout: Layout, history: History, documents: Sequence[Path]) -> list[Registration]:
    """Register projects again whose downloads folder is here and whose history row is lost.

    Raises:
        BadInput: a document is not where it belongs, or its key is that of another project.
    """
    origins = []
    for document in documents:
        origin = read_document(document, Origin)
        if layout.project(origin.project).origin != document.resolve():
            raise BadInput(document, "is not in the downloads folder", "Put the project's folder there first")
        origins.append(origin)
    claims = history.claim_all(
        [
            Claim(
                identity=origin.identity,
                choose_project=partial(_only, origin.project),
                kind=origin.kind,
                filename=origin.filename,
                sent_at=origin.sent_at,
            )
            for origin in origins
        ]
    )
    for origin, (_, new) in zip(origins, claims, strict=True):
        if new and layout.project(origin.project).received.exists():
            history.mark(origin.project, "received")
    return [Registration(origin, new) for origin, (_, new) in zip(origins, claims, strict=True)]


def _only(key: str, attempt: int) -> str:
    if attempt > 1:
        raise BadInput(key, "is the key of another project", "See mediaflow history list")
    return key


def _claim(arrival: UploadRequest, now: datetime, keyword: str) -> Claim:
    name = _name(arrival, keyword)
    return Claim(
        identity=arrival.identity,
        choose_project=lambda attempt: partition_key(name, now, attempt),
        kind=arrival.kind,
        filename=arrival.filename,
        fallback=arrival.urls[1] if len(arrival.urls) > 1 else "",
        fingerprint=arrival.fingerprint,
        sent_at=arrival.sent_at,
        ask=arrival.ask,
    )


def _origin(layout: Layout, arrival: UploadRequest, upload: Upload, keyword: str) -> Origin:
    if not upload.project:
        problem = f"was fetched before ({upload.reason or upload.state})"
        raise BadInput(arrival.filename, problem, f"To have it again: mediaflow history forget {upload.identity}")
    document = layout.project(upload.project).origin
    if document.exists():
        known = read_document(document, Origin)
        stays = known.kind in _STAYS and arrival.kind in _STAYS
        if not stays or arrival.path is None or known.path is None or Path(known.path).exists():
            return known
        moved = msgspec.structs.replace(known, path=str(arrival.path))
        write_document(document, moved)
        return moved
    origin = Origin(
        project=upload.project,
        name=_name(arrival, keyword),
        kind=arrival.kind,
        registered_at=upload.first_seen,
        identity=arrival.identity,
        filename=arrival.filename,
        name_is_guessed=arrival.name_is_guessed,
        path=str(arrival.path) if arrival.path else None,
        urls=arrival.urls,
        sent_at=arrival.sent_at,
    )
    write_document(document, origin)
    return origin


def _name(arrival: UploadRequest, keyword: str) -> str:
    if arrival.kind in ("folder", "legacy"):
        return clean_name(arrival.filename) or project_name("")
    return project_name(arrival.filename, keyword or "camille")
