"""Dagster's SQLite files are waited for when another program has one locked: a backup, somebody who looks into it.

SQLite waits five seconds by default, and a run that has worked for an hour would fail for that.
"""

from __future__ import annotations

import sqlite3
from functools import cache

from sqlalchemy import event
from sqlalchemy.engine import Engine

SECONDS = 30


@cache
def wait_for_locked_databases(seconds: float = SECONDS) -> None:
    """Let every connection to SQLite that this process opens from now on wait so long for a lock."""

    @event.listens_for(Engine, "connect")
    def wait(connection: object, record: object) -> None:
        raw = getattr(connection, "driver_connection", connection)
        if isinstance(raw, sqlite3.Connection):
            raw.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")
