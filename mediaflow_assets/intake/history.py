"""Upload history: which upload became which project, and what became of it.

SQLite in WAL mode, one row per identity, safe for several processes. The row is the claim: whoever
inserts it registers the project; everybody else finds it there. The second link of an upload gets a
row of its own only when the upload was received, so that a link that never worked blocks nothing;
until then it is remembered in the row of the first.
"""

from __future__ import annotations

import contextlib
import grp
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.uploads import CLAIMABLE, Claim, State, Upload
from mediaflow_assets.intake.url_identity import identity

_MIN_WRITE = 1 << 16
"""Bytes; SQLite writes whole pages and an index of its log."""

_COLUMNS = {
    "identity": "TEXT PRIMARY KEY",
    "project": "TEXT NOT NULL DEFAULT ''",
    "state": "TEXT NOT NULL",
    "reason": "TEXT NOT NULL DEFAULT ''",
    "sha256": "TEXT",
    "sent_at": "TEXT",
    "first_seen": "TEXT NOT NULL",
    "updated_at": "TEXT NOT NULL",
    "kind": "TEXT NOT NULL DEFAULT ''",
    "filename": "TEXT NOT NULL DEFAULT ''",
    "fallback": "TEXT NOT NULL DEFAULT ''",
    "fingerprint": "TEXT NOT NULL DEFAULT ''",
}
_ALL = ", ".join(_COLUMNS)
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS uploads ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}) STRICT;
CREATE INDEX IF NOT EXISTS uploads_by_project ON uploads (project);
CREATE INDEX IF NOT EXISTS uploads_by_sha256 ON uploads (sha256);
"""
_SIGNS_OF_DAMAGE = ("%;%", "%!%3B%", "%=", "%=&%")
"""What is in a key that is not the key of its link any more: remains of ``&amp;``, parameters without a value."""
_WRITE = "BEGIN IMMEDIATE"
"""Takes the lock at once: a transaction that reads first could not be upgraded while another writes."""
_SHARED_MODE = 0o664


def open_history(settings: IntakeSettings, state: Path) -> History:
    """The history of an installation whose state folder is ``state``."""
    return History(settings.history_path or state / "history.sqlite", settings.history_group)


class History:
    """The upload history in one SQLite file.

    Args:
        path: the database; created with its folder on first use.
        group: members of this group may write it as well.
        lock_timeout: seconds to wait for another process that has it locked. A sensor's tick has 60.
    """

    def __init__(self, path: Path, group: str | None = None, lock_timeout: float = 30) -> None:
        self.path = path
        self._group, self._lock_timeout = group, lock_timeout
        self._ready = False

    def patient(self, seconds: float) -> History:
        """The same history for a caller that has more time, such as the end of a run."""
        return History(self.path, self._group, seconds)

    @contextmanager
    def _connect(self, begin: str = "BEGIN") -> Iterator[sqlite3.Connection]:
        """A connection that commits what the block did, or nothing of it."""
        try:
            if not self._ready:
                self._prepare()
            with self._transaction(begin) as connection:
                yield connection
            self._share()
        except sqlite3.DatabaseError as error:
            # On a full disk SQLite speaks of an I/O error as often as of the disk.
            full = shutil.disk_usage(self.path.parent).free < _MIN_WRITE
            why = "its disk is full" if full else str(error)
            remedy = "See docs/faults.md"
            if getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and not full:
                why = f"another program has kept it locked for {self._lock_timeout:g} s"
                remedy = "End that program, or wait for it, and run it again"
            raise Unavailable(self.path, f"cannot be used ({why})", remedy) from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=self._lock_timeout, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self) -> None:
        """Make the tables, once per process and by one process at a time.

        SQLite does not wait for a lock while it switches a new file to WAL.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(f"{self.path}.lock"),
            closing(sqlite3.connect(self.path, timeout=self._lock_timeout)) as connection,
        ):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            there = {row[1] for row in connection.execute("PRAGMA table_info(uploads)")}
            for name in _COLUMNS.keys() - there:
                connection.execute(f"ALTER TABLE uploads ADD COLUMN {name} {_COLUMNS[name]}")
            connection.executescript(
                "CREATE INDEX IF NOT EXISTS uploads_by_fingerprint ON uploads (fingerprint);"
                "CREATE INDEX IF NOT EXISTS uploads_by_fallback ON uploads (fallback);"
            )
            _heal(connection)
            connection.commit()
            self._share()
        self._ready = True

    def _share(self) -> None:
        """Group and mode of the database and of the files that SQLite keeps beside it."""
        if self._group is None:
            return
        try:
            wanted = grp.getgrnam(self._group).gr_gid
        except KeyError:
            raise Unavailable(
                "DOWNLOAD_HISTORY_SHARED_GROUP", f"{self._group} is not a group here", "Name one that is, or none"
            ) from None
        for suffix in ("", "-wal", "-shm", ".lock"):
            path = Path(f"{self.path}{suffix}")
            if not path.exists() or (facts := path.stat()).st_uid != os.getuid():
                continue
            if facts.st_gid != wanted:
                shutil.chown(path, group=wanted)
            if facts.st_mode & 0o777 != _SHARED_MODE:
                path.chmod(_SHARED_MODE)

    # --- questions ---------------------------------------------------------------------------------

    def _select(self, where: str = "", *values: str) -> list[Upload]:
        with self._connect() as db:
            rows = db.execute(f"SELECT {_ALL} FROM uploads {where} ORDER BY first_seen, identity", values)  # noqa: S608
            return [Upload(*row) for row in rows]

    def of_project(self, project: str) -> list[Upload]:
        """The rows of one project: its upload, and the second link of that."""
        return self._select("WHERE project = ? AND project != ''", project)

    def with_content(self, sha256: str) -> list[Upload]:
        """Uploads whose archive has this content, oldest first."""
        return self._select("WHERE sha256 = ?", sha256)

    def all(self) -> list[Upload]:
        """Every row, oldest first."""
        return self._select()

    def in_state(self, state: State) -> list[Upload]:
        """Every row in one state, oldest first."""
        return self._select("WHERE state = ?", state)

    # --- changes -----------------------------------------------------------------------------------

    def claim(self, claim: Claim) -> tuple[Upload, bool]:
        """Register one upload; see :meth:`claim_all`."""
        return self.claim_all([claim])[0]

    def claim_all(self, claims: Iterable[Claim]) -> list[tuple[Upload, bool]]:
        """Register each upload unless its identity or its content is registered, in one transaction.

        Returns:
            For each claim the row, and whether it was made by this call. A row ``past`` has no project.
        """
        results = []
        with self._connect(_WRITE) as db:
            for claim in claims:
                known = _row(db, claim.identity) or _same_content(db, claim.fingerprint)
                if known is not None and known.state not in CLAIMABLE:
                    results.append((known, False))
                    continue
                attempt = 1
                while _is_project(db, project := claim.choose_project(attempt)):
                    attempt += 1
                now = _now()
                upload = Upload(
                    identity=claim.identity,
                    project=project,
                    state="to approve" if claim.ask else "registered",
                    sent_at=claim.sent_at,
                    first_seen=known.first_seen if known else now,
                    updated_at=now,
                    kind=claim.kind,
                    filename=claim.filename,
                    fallback=claim.fallback,
                    fingerprint=claim.fingerprint,
                )
                _write(db, [upload], replace=True)
                results.append((upload, True))
        return results

    def add(self, rows: Iterable[tuple[str, str | None]], state: State, reason: str = "", kind: str = "") -> int:
        """Add identities that have no project; a known one keeps its state and the earlier time.

        Args:
            rows: identity and the sender's time stamp.
            state: ``past`` or ``by hand``.
            reason: shown in the list.
            kind: where they come from.

        Returns:
            Number of new rows.
        """
        now = _now()
        with self._connect(_WRITE) as db:
            before = _count(db)
            uploads = [Upload(identity, "", state, reason, None, sent_at, now, now, kind) for identity, sent_at in rows]
            _write(db, uploads, replace=False)
            _keep_earliest(db, {upload.identity: upload.sent_at for upload in uploads if upload.sent_at})
            return _count(db) - before

    def keep_earliest(self, stamps: Mapping[str, str]) -> None:
        """Set the sender's time of each identity that has none or a later one."""
        with self._connect(_WRITE) as db:
            _keep_earliest(db, stamps)

    def mark(
        self, project: str, state: State, *, reason: str = "", sha256: str | None = None, fingerprint: str = ""
    ) -> None:
        """Set the state of a project; keeps the known sha256 and fingerprint when none is given.

        When the project is received, the second link of its upload gets a row.
        """
        now = _now()
        with self._connect(_WRITE) as db:
            db.execute(
                "UPDATE uploads SET state = ?, reason = ?, sha256 = COALESCE(?, sha256), updated_at = ?,"
                " fingerprint = CASE ? WHEN '' THEN fingerprint ELSE ? END WHERE project = ? AND project != ''",
                (state, reason, sha256, now, fingerprint, fingerprint, project),
            )
            if state in ("received", "delivered"):
                rows = db.execute(f"SELECT {_ALL} FROM uploads WHERE project = ? AND fallback != ''", (project,))  # noqa: S608
                found = [Upload(*row) for row in rows]
                _write(db, [row._replace(identity=row.fallback, fallback="") for row in found], replace=False)
                _keep_earliest(db, {row.fallback: row.sent_at for row in found if row.sent_at})
                db.execute("UPDATE uploads SET fallback = '' WHERE project = ?", (project,))

    def approve(self, project: str) -> Upload:
        """Let a project be started that waits for it.

        Raises:
            BadInput: it does not wait for approval.
        """
        rows = self.of_project(project)
        if not rows or rows[0].state not in ("to approve", "approved"):
            state = f"is {rows[0].state}" if rows else "is not in the upload history"
            raise BadInput(project, f"{state}, and does not wait for approval", "See: mediaflow approve")
        self.mark(project, "approved")
        return rows[0]

    def retry(self, project: str) -> Upload:
        """Ask for a new run of a project, whatever became of the last one.

        Raises:
            BadInput: there is no such project.
        """
        rows = self.of_project(project)
        if not rows:
            raise BadInput(project, "is not in the upload history", "See mediaflow history list")
        self.mark(project, "retry", reason=rows[0].reason)
        return rows[0]

    def forget(self, name: str) -> list[Upload]:
        """Remove the rows of an identity or a project, so that the same upload may come again.

        Nothing else of a project is removed.
        """
        with self._connect(_WRITE) as db:
            where = "identity = ? OR (project = ? AND project != '')"
            rows = db.execute(f"SELECT {_ALL} FROM uploads WHERE {where}", (name, name)).fetchall()  # noqa: S608
            db.execute(f"DELETE FROM uploads WHERE {where}", (name, name))  # noqa: S608
        return [Upload(*row) for row in rows]


def _row(db: sqlite3.Connection, identity: str) -> Upload | None:
    row = db.execute(f"SELECT {_ALL} FROM uploads WHERE identity = ?", (identity,)).fetchone()  # noqa: S608
    return Upload(*row) if row else None


def _heal(db: sqlite3.Connection) -> None:
    """Give links that earlier versions took over with the damage of mail programs their right key."""
    suspicious = (
        "{0} LIKE 'http%' AND ({0} LIKE '%;%' OR {0} LIKE '%!%3B%' ESCAPE '!' OR {0} LIKE '%=' OR {0} LIKE '%=&%')"
    )
    for column in ("identity", "fallback"):
        rows = db.execute(f"SELECT {column} FROM uploads WHERE {suspicious.format(column)}").fetchall()  # noqa: S608
        for (old,) in rows:
            with contextlib.suppress(BadInput):
                if (key := identity(old)) != old:
                    db.execute(f"UPDATE OR IGNORE uploads SET {column} = ? WHERE {column} = ?", (key, old))  # noqa: S608


def _same_content(db: sqlite3.Connection, fingerprint: str) -> Upload | None:
    where = "fingerprint = ? AND fingerprint != '' AND project != '' ORDER BY first_seen"
    row = db.execute(f"SELECT {_ALL} FROM uploads WHERE {where}", (fingerprint,)).fetchone()  # noqa: S608
    return Upload(*row) if row else None


def _is_project(db: sqlite3.Connection, project: str) -> bool:
    return db.execute("SELECT 1 FROM uploads WHERE project = ?", (project,)).fetchone() is not None


def _count(db: sqlite3.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM uploads").fetchone()[0]
    return count


def _write(db: sqlite3.Connection, uploads: Sequence[Upload], *, replace: bool) -> None:
    verb = "REPLACE" if replace else "INSERT OR IGNORE"
    marks = ", ".join("?" * len(_COLUMNS))
    db.executemany(
        f"{verb} INTO uploads ({_ALL}) VALUES ({marks})",
        [tuple(getattr(upload, name) for name in _COLUMNS) for upload in uploads],
    )


def _keep_earliest(db: sqlite3.Connection, stamps: Mapping[str, str | None]) -> None:
    db.executemany(
        "UPDATE uploads SET sent_at = ? WHERE identity = ? AND (sent_at IS NULL OR sent_at > ?)",
        [(stamp, identity, stamp) for identity, stamp in stamps.items()],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
