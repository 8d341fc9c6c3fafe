"""Project names and partition keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.naming import (
    KEY_PATTERN,
    check_key,
    free_path,
    partition_key,
    project_name,
    safe_filename,
    with_archive_suffix,
)
from tests.intake.servers import package

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def test_names_are_the_golden_ones(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("get_project_folder_name"):
        assert project_name(case["input"]) == case["output"]


def test_a_key_is_readable() -> None:
    assert partition_key("13 Camille", NOON) == "13_Camille_2026-11-21_12-00-00"
    assert partition_key("13 Camille", NOON, attempt=3) == "13_Camille_2026-11-21_12-00-00-3"
    assert partition_key("é Élodie", NOON) == "e_Elodie_2026-11-21_12-00-00"


@given(st.text(max_size=300))
def test_every_file_name_gives_a_legal_key(filename: str) -> None:
    key = partition_key(project_name(filename), NOON)
    assert KEY_PATTERN.fullmatch(key)
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key", ["", "..", "../x", "a...b", "a/b", "a|b", "a,b", "[a]", "a\n", ".a", "-a", "a" * 101, "é"]
)
def test_hostile_keys_are_refused(key: str) -> None:
    with pytest.raises(BadInput):
        check_key(key)


def test_file_names_are_the_golden_ones(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("filesystem_sanitize_filename"):
        assert safe_filename(case["input"]) == case["output"]


@given(st.text(max_size=400))
def test_every_file_name_becomes_a_harmless_one(name: str) -> None:
    safe = safe_filename(name)
    assert safe == PurePosixPath(safe).name
    assert safe not in ("", ".", "..")
    assert len(safe.encode()) <= 255


def test_an_archive_has_the_suffix_of_one(tmp_path: Path) -> None:
    archive = tmp_path / "a"
    archive.write_bytes(package(1000))
    names = ["a.zip", "a.TAR", "a.mov", "a", "received.json"]
    expected = ["a.zip", "a.TAR", "a.mov.zip", "a.zip", "received.json.zip"]
    assert [with_archive_suffix(name, archive) for name in names] == expected


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    for expected in ("a.zip", "a_1.zip", "a_2.zip"):
        path = free_path(tmp_path, "a.zip")
        assert path.name == expected
        path.touch()
