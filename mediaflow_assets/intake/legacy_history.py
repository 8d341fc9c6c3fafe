"""The upload history of the replaced application: a SQLite file, or the JSON list before that."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import Literal, NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.records import to_utc
from mediaflow_assets.intake.url_identity import identity

_SQLITE = b"SQLite format 3\0"


class LegacyHistory(NamedTuple):
    """What was fetched before."""

    rows: dict[str, str | None]
    """Identity to the earliest time stamp, ISO 8601 UTC."""
    problems: list[str]
    """Entries that are no links."""


def read_legacy(path: Path, zone: tzinfo | Literal["local"]) -> LegacyHistory:
    """Read either form; the file is not changed.

    Args:
        path: ``download_history.sqlite3`` or ``download_history.json``.
        zone: of its time stamps, which it wrote in local time without saying so.

    Raises:
        BadInput: it is neither.
    """
    with path.open("rb") as stream:
        is_database = stream.read(len(_SQLITE)) == _SQLITE
    result = LegacyHistory({}, [])
    for url, stamp in _database(path) if is_database else _document(path):
        try:
            key = identity(url)
        except BadInput as error:
            result.problems.append(error.sentence)
            continue
        times = [time for time in (result.rows.get(key), to_utc(stamp, zone)) if time]
        result.rows[key] = min(times, default=None)
    return result


def _database(path: Path) -> Iterable[tuple[str, str]]:
    """Read a copy: SQLite would put files beside a database that another program has in use."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, path.name)
            for suffix in ("", "-wal"):
                source = path.with_name(path.name + suffix)
                if source.is_file():
                    shutil.copyfile(source, copy.with_name(copy.name + suffix))
            with closing(sqlite3.connect(copy)) as db:
                rows = db.execute("SELECT url, timestamp FROM download_history")
                return [(str(url), str(stamp or "")) for url, stamp in rows]
    except sqlite3.Error as error:
        raise BadInput(path, f"is not a download history ({error})", "Name download_history.sqlite3") from None


def _document(path: Path) -> Iterable[tuple[str, str]]:
    try:
        entries = json.loads(path.read_bytes())
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise BadInput(path, "is not a download history", "Name download_history.sqlite3 or download_history.json")
    for entry in entries:
        if isinstance(entry, dict):
            yield str(entry.get("url") or ""), str(entry.get("timestamp") or "")
        else:
            yield str(entry), ""
