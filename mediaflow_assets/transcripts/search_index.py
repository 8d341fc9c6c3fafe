"""Full-text search over everything that was said: SQLite FTS5, made anew from the store whenever it is asked to.

The index is derived data and never truth. Accents and ligatures do not matter ("ete" finds "été",
"oeuvre" finds "œuvre"); what a user types is taken as words, whatever is in it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.core.files import atomic_path

_FOLD = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
_WORD = re.compile(r"\w+")
_SCHEMA = """
CREATE TABLE cue (
    id INTEGER PRIMARY KEY, project TEXT, delivered_at TEXT, video TEXT, video_sha256 TEXT,
    first INTEGER, last INTEGER, speaker TEXT, person TEXT, face TEXT, language TEXT, probability REAL, text TEXT
);
CREATE VIRTUAL TABLE cue_fts USING fts5(
    folded, content='', tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);
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


def build_index(path: Path, passages: Iterable[Hit]) -> int:
    """Write a new index whole, in place of the one that is there; returns how many passages it has."""
    count = 0
    with atomic_path(path) as temporary, closing(sqlite3.connect(temporary)) as database:
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        for number, hit in enumerate(passages, start=1):
            row = tuple(getattr(hit, name) for name in Hit.__dataclass_fields__)
            database.execute(f"INSERT INTO cue VALUES ({number}, {', '.join('?' * len(row))})", row)  # noqa: S608
            database.execute("INSERT INTO cue_fts (rowid, folded) VALUES (?, ?)", (number, hit.text.translate(_FOLD)))
            count = number
        database.execute("CREATE INDEX newest ON cue (delivered_at DESC)")
        database.commit()
    return count


def search(
    path: Path, text: str, *, person: str = "", project: str = "", since: str = "", limit: int = 100
) -> Iterator[Hit]:
    """Passages with all the words of ``text`` (the last one may be unfinished), newest delivery first.

    Args:
        path: of the index.
        text: what a user types; quotes and apostrophes are only separators.
        person: part of a person's or speaker's name.
        project: part of a project's name.
        since: ISO date; earlier deliveries are left out.
        limit: of hits.
    """
    words = _WORD.findall(text.translate(_FOLD))
    if not words:
        return
    query = " ".join(f'"{word}"' for word in words[:-1]) + f' "{words[-1]}"*'
    columns = ", ".join(f"cue.{name}" for name in Hit.__dataclass_fields__)
    statement = (
        f"SELECT {columns} FROM cue_fts JOIN cue ON cue.id = cue_fts.rowid "  # noqa: S608 - our own column names
        "WHERE cue_fts MATCH ? AND (cue.person LIKE ? OR cue.speaker LIKE ?) AND cue.project LIKE ? "
        "AND cue.delivered_at >= ? ORDER BY cue.delivered_at DESC, cue.project, cue.video, cue.first LIMIT ?"
    )
    values = (query.strip(), f"%{person}%", f"%{person}%", f"%{project}%", since, limit)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for row in database.execute(statement, values):
            yield Hit(*row)
