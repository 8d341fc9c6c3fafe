"""Full-text search over everything that was said: SQLite FTS5, brought up to date whenever it is asked.

The index is derived data and never truth: it can be deleted at any time. Accents and ligatures do not matter ("ete"
finds "été", "oeuvre" finds "œuvre"); what a user types is taken as words, whatever is in it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from mediaflow_assets.core.errors import Unavailable

_FOLD = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
_WORD = re.compile(r"\w+")
_VERSION = 2
_ROOM = 24
"""Bits of a number that tell the passages of one delivery apart: 16 million."""
_PATIENCE = 60.0
"""Seconds to wait for somebody else who writes the index."""
_SCHEMA = f"""
CREATE TABLE source (name TEXT PRIMARY KEY, stamp TEXT);
CREATE TABLE cue (
    id INTEGER PRIMARY KEY, source TEXT,
    project TEXT, delivered_at TEXT, video TEXT, video_sha256 TEXT, first INTEGER, last INTEGER,
    speaker TEXT, person TEXT, face TEXT, language TEXT, probability REAL, text TEXT
);
CREATE INDEX cue_source ON cue (source);
CREATE VIRTUAL TABLE cue_fts USING fts5(
    folded, content='', tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True)
class Hit:
    """A passage in which something was said; frames of the 25-fps video from 0, ``last`` excluded."""

    project: str
    """Partition key."""
    delivered_at: str
    """ISO date and time."""
    video: str
    """Name of the received video."""
    video_sha256: str
    first: int
    last: int
    speaker: str
    person: str
    face: str
    language: str
    probability: float | None
    text: str


class Source(Protocol):
    """Where passages come from: one transcript, with what tells its speakers."""

    @property
    def name(self) -> str:
        """Always the same for the same transcript."""
        ...

    @property
    def stamp(self) -> str:
        """Another one when its passages may be others."""
        ...

    def passages(self) -> Iterator[Hit]:
        """Its passages; nothing where a document cannot be read."""
        ...


_COLUMNS = tuple(Hit.__dataclass_fields__)


def update_index(path: Path, sources: Iterable[Source]) -> int:
    """Bring an index up to date: only transcripts that are new, changed or gone are touched; all of it or nothing.

    Args:
        path: of the index; one that is damaged or of an earlier version is made anew.
        sources: everything that can be found.

    Returns:
        How many transcripts were read.

    Raises:
        Unavailable: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = {source.name: source for source in sources}
    try:
        with FileLock(f"{path}.lock", timeout=_PATIENCE):
            if not _usable(path):
                path.unlink(missing_ok=True)
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                    for statement in _SCHEMA.split(";"):
                        database.execute(statement)
                known = dict(database.execute("SELECT name, stamp FROM source"))
                changed = _bring_up_to_date(database, known, wanted)
                database.execute("COMMIT")
    except Timeout:
        raise Unavailable(path, "is being written by another process", "Search again in a minute") from None
    except sqlite3.Error as error:
        raise Unavailable(path, f"cannot be written ({error})", "Delete it; it is made again") from error
    return changed


def _usable(path: Path) -> bool:
    """Whether there is an index of this version."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            version: int = database.execute("PRAGMA user_version").fetchone()[0]
            return version == _VERSION
    except sqlite3.Error:
        return False


def _bring_up_to_date(database: sqlite3.Connection, known: Mapping[str, str], wanted: Mapping[str, Source]) -> int:
    for name in known.keys() - wanted.keys():
        _forget(database, name)
    changed = 0
    places = ", ".join("?" * (len(_COLUMNS) + 2))
    for name, source in wanted.items():
        stamp = source.stamp
        if known.get(name) == stamp:
            continue
        _forget(database, name)
        for number, hit in _numbered(database, source.passages()):
            row = (number, name, *(getattr(hit, column) for column in _COLUMNS))
            database.execute(f"INSERT INTO cue (id, source, {', '.join(_COLUMNS)}) VALUES ({places})", row)  # noqa: S608
            database.execute("INSERT INTO cue_fts (rowid, folded) VALUES (?, ?)", (number, hit.text.translate(_FOLD)))
        database.execute("INSERT INTO source VALUES (?, ?)", (name, stamp))
        changed += 1
    return changed


def _numbered(database: sqlite3.Connection, passages: Iterable[Hit]) -> Iterator[tuple[int, Hit]]:
    """Passages with numbers that fall from the newest delivery to the oldest, and through each of them.

    The index finds in the order of these numbers without sorting, however many there are.
    """
    next_number: dict[str, int] = {}
    for hit in passages:
        if hit.delivered_at not in next_number:
            first = int(datetime.fromisoformat(hit.delivered_at).timestamp()) << _ROOM
            last = first + (1 << _ROOM)
            (least,) = database.execute("SELECT MIN(id) FROM cue WHERE id >= ? AND id < ?", (first, last)).fetchone()
            next_number[hit.delivered_at] = (last if least is None else least) - 1
        yield next_number[hit.delivered_at], hit
        next_number[hit.delivered_at] -= 1


def _forget(database: sqlite3.Connection, name: str) -> None:
    # An index without content of its own has to be told what it forgets.
    for number, text in database.execute("SELECT id, text FROM cue WHERE source = ?", (name,)).fetchall():
        database.execute(
            "INSERT INTO cue_fts (cue_fts, rowid, folded) VALUES ('delete', ?, ?)", (number, text.translate(_FOLD))
        )
    database.execute("DELETE FROM cue WHERE source = ?", (name,))
    database.execute("DELETE FROM source WHERE name = ?", (name,))


def search(
    path: Path, text: str, *, person: str = "", project: str = "", since: str = "", limit: int = 100
) -> Iterator[Hit]:
    """Passages with all the words of ``text`` (the last one may be unfinished), newest delivery first.

    Args:
        path: of the index.
        text: what a user types; quotes and apostrophes are only separators.
        person: part of a person's, speaker's or face's name.
        project: part of a project's name.
        since: ISO date; earlier deliveries are left out.
        limit: of hits.
    """
    words = _WORD.findall(text.translate(_FOLD))
    if not words:
        return
    query = " ".join(f'"{word}"' for word in words[:-1]) + f' "{words[-1]}"*'
    columns = ", ".join(f"cue.{name}" for name in _COLUMNS)
    someone = " OR ".join(f"cue.{name} LIKE :person ESCAPE '~'" for name in ("person", "speaker", "face"))
    # Not by rank: of a word that is everywhere, ranking takes seconds.
    statement = (
        f"SELECT {columns} FROM cue_fts JOIN cue ON cue.id = cue_fts.rowid "  # noqa: S608 - our own column names
        f"WHERE cue_fts MATCH :query AND ({someone}) AND cue.project LIKE :project ESCAPE '~' "
        "AND cue.delivered_at >= :since ORDER BY cue_fts.rowid DESC LIMIT :limit"
    )
    values = {
        "query": query.strip(),
        "person": _part(person),
        "project": _part(project),
        "since": since,
        "limit": limit,
    }
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_PATIENCE)) as database:
        for row in database.execute(statement, values):
            yield Hit(*row)


def _part(text: str) -> str:
    """A pattern that finds ``text`` anywhere, whatever is in it."""
    return "%" + re.sub("([~%_])", r"~\1", text) + "%"
