"""Upload history: which upload became which project, and what became of it.

SQLite in WAL mode, one row per identity, safe for several processes. The row is the claim: whoever
inserts it registers the project; everybody else finds it there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from filelock import FileLock

State = Literal["registered", "received", "failed", "delivered"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    identity   TEXT PRIMARY KEY,
    project    TEXT NOT NULL,
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    sha256     TEXT,
    sent_at    TEXT,
    first_seen TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS uploads_by_project ON uploads (project);
CREATE INDEX IF NOT EXISTS uploads_by_sha256 ON uploads (sha256);
"""
_COLUMNS = "identity, project, state, reason, sha256, sent_at, first_seen, updated_at"


class Upload(NamedTuple):
    """One row of the history; times are ISO 8601 UTC."""

    identity: str
    project: str
    state: State
    reason: str
    sha256: str | None
    sent_at: str | None
    first_seen: str
    updated_at: str


class History:
    """The upload history in one SQLite file.

    Args:
        path: the database; created with its folder on first use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ready = False

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        if not self._ready:
            self._prepare()
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            yield connection

    def _prepare(self) -> None:
        """Make the tables, once per process and by one process at a time.

        SQLite does not wait for a lock while it switches a new file to WAL.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock"), closing(sqlite3.connect(self.path, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
        self._ready = True

    def claim(
        self, identity: str, choose_project: Callable[[int], str], sent_at: str | None = None
    ) -> tuple[Upload, bool]:
        """Register ``identity`` unless it is registered.

        Args:
            identity: canonical URL key, ``sha256:…`` or another stable name of the upload.
            choose_project: partition key for attempt 1, 2 …; asked until one is unused.
            sent_at: the sender's time stamp.

        Returns:
            The row, and whether it was made by this call.
        """
        now = _now()
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                row = db.execute(f"SELECT {_COLUMNS} FROM uploads WHERE identity = ?", (identity,)).fetchone()  # noqa: S608
                if row is not None:
                    return Upload(*row), False
                attempt = 1
                project = choose_project(attempt)
                while db.execute("SELECT 1 FROM uploads WHERE project = ?", (project,)).fetchone():
                    attempt += 1
                    project = choose_project(attempt)
                upload = Upload(identity, project, "registered", "", None, sent_at, now, now)
                db.execute(f"INSERT INTO uploads ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", upload)  # noqa: S608
            finally:
                db.execute("COMMIT")
        return upload, True

    def get(self, identity: str) -> Upload | None:
        """The row of one identity."""
        with self._connect() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM uploads WHERE identity = ?", (identity,)).fetchone()  # noqa: S608
        return Upload(*row) if row else None

    def with_content(self, sha256: str) -> list[Upload]:
        """Uploads whose archive has this content, oldest first."""
        with self._connect() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM uploads WHERE sha256 = ? ORDER BY first_seen",  # noqa: S608
                (sha256,),
            ).fetchall()
        return [Upload(*row) for row in rows]

    def all(self) -> list[Upload]:
        """Every row, oldest first."""
        with self._connect() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM uploads ORDER BY first_seen").fetchall()  # noqa: S608
        return [Upload(*row) for row in rows]

    def mark(self, project: str, state: State, *, reason: str = "", sha256: str | None = None) -> None:
        """Set the state of a project's upload; keeps the known sha256 when none is given."""
        with self._connect() as db:
            db.execute(
                "UPDATE uploads SET state = ?, reason = ?, sha256 = COALESCE(?, sha256), updated_at = ?"
                " WHERE project = ?",
                (state, reason, sha256, _now(), project),
            )

    def forget(self, identity: str) -> bool:
        """Remove a row, so that the same upload may come again; True when there was one."""
        with self._connect() as db:
            return db.execute("DELETE FROM uploads WHERE identity = ?", (identity,)).rowcount > 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
