"""What the replaced application fetched is never fetched again, however it wrote the link down."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.eligibility import decide
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.legacy_history import read_legacy
from mediaflow_assets.intake.records import read_records
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.uploads import known_links
from mediaflow_assets.intake.url_identity import identity

FILE = "https://www.dropbox.com/scl/fo/x1/y2"

LEGACY_KEYS = [
    # link on the webhook, what the replaced application wrote into its history
    (f"{FILE}?rlkey=k1&dl=0", f"{FILE}?dl=1&rlkey=k1"),
    (f"{FILE}?rlkey=k1&dl=0", f"{FILE}?rlkey=k1&dl=0"),
    (f"{FILE}?rlkey=k1&amp%3Bdl=0&dl=1", f"{FILE}?%3Bdl=0&dl=1&rlkey=k1"),
    (f"{FILE}?rlkey=k1&amp%3Bdl=0", f"{FILE}?%3Bdl=0&rlkey=k1"),
    (f"{FILE}?rlkey=k1&amp;dl=0", f"{FILE}?;dl=0&rlkey=k1"),
    (f"{FILE}?rlkey=k1&amp;amp;dl=0", f"{FILE}?amp%3Bdl=0&dl=1&rlkey=k1"),
    (f"{FILE}?amp%3Brlkey=k1&dl=0", f"{FILE}?%3Brlkey=k1&dl=1"),
    (f"{FILE}?rlkey=&dl=0", f"{FILE}?dl=1"),
    (f"{FILE}?dl=0", f"{FILE}?dl=1&rlkey="),
    (f"{FILE}?rlkey=a%26b%3Bc&dl=0", f"{FILE}?dl=1&rlkey=a"),
    (f"{FILE}?rlkey=a%26b%3Bc&dl=0", f"{FILE}?dl=1&rlkey=a%26b%3Bc"),
    (f"{FILE}?rlkey=a%2Fb&dl=0", f"{FILE}?dl=1&rlkey=a%2Fb"),
    (f"{FILE}?rlkey=a%2Fb&dl=0", f"{FILE}?dl=1&rlkey=a/b"),
    ("https://www.dropbox.com/s/a%2Fb/x.zip?dl=0", "https://www.dropbox.com/s/a/b/x.zip?dl=1"),
    ("https://www.dropbox.com/s/q/%C3%89t%C3%A9.zip?dl=0", "https://www.dropbox.com/s/q/Été.zip?dl=1"),
    (f"{FILE.replace('www.', '')}?rlkey=k1", f"{FILE}?dl=1&rlkey=k1"),
]


def history_of(path: Path, *urls: str) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE download_history (url TEXT PRIMARY KEY, timestamp TEXT)")
        db.executemany("INSERT INTO download_history VALUES (?, '2025-10-17 12:34:13')", [(url,) for url in urls])
        db.commit()
    return path


def action(url: str, history: History) -> str:
    payload = read_records([{"source_url": url, "original_filename": "13_Camille.zip"}])
    (decision,) = decide(payload.records, IntakeSettings(), known_links(history.all()))
    return decision.action


@pytest.mark.parametrize(("link", "key"), LEGACY_KEYS)
def test_a_link_that_was_fetched_is_known(link: str, key: str, tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    assert action(link, history) == "fetch"
    legacy = read_legacy(history_of(tmp_path / "download_history.sqlite3", key), "local")
    history.add(legacy.rows.items(), "past")
    assert action(link, history) == "known"
    assert action(f"{FILE.replace('x1', 'other')}?rlkey=k1&dl=0", history) == "fetch"


@pytest.mark.parametrize(("link", "key"), [case for case in LEGACY_KEYS if identity(case[1]) != case[1]])
def test_keys_that_an_earlier_version_took_over_are_healed(link: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    History(path).all()
    with closing(sqlite3.connect(path)) as db:
        row = (key.replace("%3B", ";"), "past", "2025-10-17T10:34:13+00:00", "2025-10-17T10:34:13+00:00")
        db.execute("INSERT INTO uploads (identity, state, first_seen, updated_at) VALUES (?, ?, ?, ?)", row)
        db.commit()
    if ";" in key or "%3B" in key or key.endswith("="):
        assert action(link, History(path)) == "known"
    assert len(History(path).all()) == 1


def test_every_golden_link_is_known_once_it_was_fetched(
    golden: Callable[[str], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The links of the golden webhook records, as the replaced application normalized them."""
    cases = golden("webhook_validate_and_format")
    rows = [row for case in cases for side in ("input", "output") for row in case[side] if isinstance(row, dict)]
    links = {value.strip() for row in rows for value in row.values() if isinstance(value, str)}
    found = [link for link in sorted(links) if link.startswith("http") and "dropbox.com" in link]
    assert found
    history = History(tmp_path / "history.sqlite")
    legacy = read_legacy(history_of(tmp_path / "legacy.sqlite3", *found), "local")
    history.add(legacy.rows.items(), "past")
    for link in found:
        try:
            identity(link)
        except BadInput:
            continue
        assert action(link, history) != "fetch"
