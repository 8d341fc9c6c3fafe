"""Where in the analysis store a video is: an index that the folders can always rebuild.

The files of the store are the truth. The index lies in the ``state`` folder, because SQLite does
not work on every network share that a store may be on; when it is lost, damaged or out of date it
is read again from the folders.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec
from filelock import FileLock

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS videos (
    folder TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    master TEXT,
    PRIMARY KEY (folder, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS videos_by_sha256 ON videos (sha256);
CREATE INDEX IF NOT EXISTS videos_by_master ON videos (master);
CREATE TABLE IF NOT EXISTS store (root TEXT NOT NULL, mtime_ns INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS summaries (path TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, summary BLOB NOT NULL) STRICT;
"""


class Place(NamedTuple):
    """One video in the store."""

    folder: str
    """Name of the project's folder."""
    sha256: str
    """Of the received video; also the name of its folder."""


class _Inputs(msgspec.Struct):
    video: str | None = None


class _Recipe(msgspec.Struct):
    inputs: _Inputs = msgspec.field(default_factory=_Inputs)


class _Record(msgspec.Struct):
    recipe: _Recipe = msgspec.field(default_factory=_Recipe)


class _Metadata(msgspec.Struct):
    """The part of a video's ``metadata.json`` that the index needs."""

    records: dict[str, _Record] = msgspec.field(default_factory=dict)


class StoreIndex:
    """Args:
    root: the analysis store.
    path: the database; made with its folder on first use.
    """

    def __init__(self, root: Path, path: Path) -> None:
        self._root = root
        self._path = path

    def find(self, sha256: str) -> list[Place]:
        """Places of a received video, or of the received video behind a 25-fps one.

        An index that does not know the content, or whose store got or lost a project, is brought up
        to date before it answers.
        """
        with self._connect() as db:
            if not self._root_unchanged(db):
                self._refresh(db)
            found = self._query(db, sha256)
            if not found:
                self._refresh(db)
                found = self._query(db, sha256)
        return found

    def add(self, place: Place, master: str | None) -> None:
        """Note a video that was just stored."""
        with self._connect() as db:
            self._insert(db, place, master)

    def summary(self, path: str, fingerprint: str) -> bytes | None:
        """A summary kept for ``path`` while its documents were as ``fingerprint`` says."""
        with self._connect() as db:
            row = db.execute(
                "SELECT summary FROM summaries WHERE path = ? AND fingerprint = ?", (path, fingerprint)
            ).fetchone()
        return row[0] if row else None

    def keep_summary(self, path: str, fingerprint: str, summary: bytes) -> None:
        """Keep a summary that took long to make."""
        with self._connect() as db:
            db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)", (path, fingerprint, summary))

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a damaged database is made anew."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock", timeout=60):
            try:
                db = self._open()
            except sqlite3.DatabaseError:
                self._path.unlink(missing_ok=True)
                db = self._open()
            with closing(db), db:
                yield db

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        try:
            # It can be rebuilt, so it need not survive a power cut.
            db.execute("PRAGMA synchronous=OFF")
            db.executescript(_SCHEMA)
            row = db.execute("SELECT root FROM store").fetchone()
            if row != (str(self._root),):
                for table in ("folders", "videos", "summaries", "store"):
                    db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables
                db.execute("INSERT INTO store VALUES (?, -1)", (str(self._root),))
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _root_unchanged(self, db: sqlite3.Connection) -> bool:
        known: int = db.execute("SELECT mtime_ns FROM store").fetchone()[0]
        return known == _mtime(self._root)

    def _query(self, db: sqlite3.Connection, sha256: str) -> list[Place]:
        rows = db.execute("SELECT folder, sha256 FROM videos WHERE sha256 = ? OR master = ?", (sha256, sha256))
        return [place for place in map(Place._make, rows) if (self._root / place.folder / place.sha256).is_dir()]

    def _refresh(self, db: sqlite3.Connection) -> None:
        """Read the project folders that changed since they were last read."""
        seen = _mtime(self._root)
        known = dict(db.execute("SELECT name, mtime_ns FROM folders"))
        with os.scandir(self._root) if self._root.is_dir() else contextlib.nullcontext(()) as entries:
            present = {entry.name: entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
        for name in known.keys() - present.keys():
            db.execute("DELETE FROM videos WHERE folder = ?", (name,))
            db.execute("DELETE FROM folders WHERE name = ?", (name,))
        for name, mtime in present.items():
            if known.get(name) == mtime:
                continue
            db.execute("DELETE FROM videos WHERE folder = ?", (name,))
            for child in (self._root / name).iterdir():
                if _SHA256.fullmatch(child.name):
                    self._insert(db, Place(name, child.name), _master(child))
            db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?)", (name, mtime))
        db.execute("UPDATE store SET mtime_ns = ?", (seen,))

    @staticmethod
    def _insert(db: sqlite3.Connection, place: Place, master: str | None) -> None:
        db.execute("INSERT OR REPLACE INTO videos VALUES (?, ?, ?)", (*place, master))


def _mtime(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def _master(folder: Path) -> str | None:
    """SHA-256 of the 25-fps video that the stored documents were made from, if it is known."""
    try:
        metadata = msgspec.json.decode((folder / "metadata.json").read_bytes(), type=_Metadata)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    masters = [record.recipe.inputs.video for record in metadata.records.values()]
    return next((master for master in masters if master), None)
