"""Turning an upload into a project: a partition key, a folder, an origin document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.formats.manifest import Origin, OriginKind, read_document, write_document
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.naming import partition_key, project_name
from mediaflow_assets.layout import Layout


class Registration(NamedTuple):
    """The project of an upload, and whether this call made it."""

    origin: Origin
    new: bool


def register(
    layout: Layout,
    history: History,
    *,
    kind: OriginKind,
    filename: str,
    identity: str,
    path: Path | None = None,
    urls: Sequence[str] = (),
    sent_at: str | None = None,
    keyword: str = "",
) -> Registration:
    """Register an upload once, however often and from however many processes it is reported.

    The history row is made first and the origin document after it; a process that dies between
    the two is repaired by the next call, which writes the missing document.
    """
    now = datetime.now(UTC)
    name = project_name(filename, keyword or "camille")

    def key(attempt: int) -> str:
        return partition_key(name, now, attempt)

    upload, new = history.claim(identity, key, sent_at)
    folders = layout.project(upload.project)
    if folders.origin.exists():
        return Registration(read_document(folders.origin, Origin), new)
    origin = Origin(
        project=upload.project,
        name=name,
        kind=kind,
        registered_at=upload.first_seen,
        identity=identity,
        filename=filename,
        path=str(path) if path else None,
        urls=tuple(urls),
        sent_at=sent_at,
    )
    write_document(folders.origin, origin)
    return Registration(origin, new)
