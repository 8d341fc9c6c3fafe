"""The policy on names, for any name at all."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.archives.model import Member
from mediaflow_assets.archives.names import MAX_NAME, is_junk, plan
from mediaflow_assets.core.errors import BadInput
from tests.archives.conftest import LIMITS

ARCHIVE = Path("received.zip")

ORDINARY = "a A é E\u0301 ~ - (2) mp4 .mp4 ſ ß SS ﬁ İ i 🎬".split()
HOSTILE = ". .. ... / // \\ : ? * < CON con.txt nul COM1 lpt¹.x \u202e \u200f \u2025 \uff0f".split()
CONTROL = ["\n", "\t", "\0", "\ud800", "Icon\r"]
LONG = ["x" * 130, "é" * 90, " "]
WORDS = st.sampled_from([*ORDINARY, *LONG, *HOSTILE, *CONTROL])
NAMES = st.one_of(st.lists(WORDS, min_size=1, max_size=6).map("".join), st.text(min_size=1, max_size=30))


def paths(*names: str) -> list[str]:
    members = [Member(name, "file", 0) for name in names]
    return list(plan(ARCHIVE, members, LIMITS).paths.values())


def kinds(*names: str) -> list[str]:
    return [finding.kind for finding in plan(ARCHIVE, [Member(name, "file", 0) for name in names], LIMITS).findings]


def test_only_a_folder_may_be_the_root() -> None:
    assert list(plan(ARCHIVE, [Member("/", "folder", 0), Member("a", "file", 0)], LIMITS).paths.values()) == ["a"]
    with pytest.raises(BadInput, match="unusable name"):
        paths("/", "a")


@given(st.lists(NAMES, min_size=1, max_size=12))
def test_whatever_is_accepted_is_safe_unique_and_stable(names: list[str]) -> None:
    members = [Member(name, "file", 0) for name in names]
    try:
        result = plan(ARCHIVE, members, LIMITS)
    except BadInput as refused:
        assert str(refused).isprintable()
        return
    assert result == plan(ARCHIVE, members, LIMITS)
    seen = set()
    for path in result.paths.values():
        parts = PurePosixPath(path).parts
        assert "/".join(parts) == path
        assert not PurePosixPath(path).is_absolute()
        for part in parts:
            assert part not in (".", "..")
            assert len(part.encode()) <= MAX_NAME
            assert part == part.rstrip(". ")
            assert not set(part) & set('<>:"|?*\\\0\n\r\t\u202e\u2066')
            assert part.split(".")[0].strip().casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        assert key not in seen
        seen.add(key)
    for finding in result.findings:
        assert finding.sentence.isprintable()
    # No name of one file is a folder of another.
    assert not set(result.paths.values()) & {
        str(parent) for path in result.paths.values() for parent in PurePosixPath(path).parents
    }


@pytest.mark.parametrize(
    ("names", "expected", "reported"),
    [
        (["a?.mp4", "a*.mp4"], ["a_.mp4", "a_ (2).mp4"], ["forbidden character", "forbidden character", "collision"]),
        (["A.mp4", "a.mp4", "a (2).mp4"], ["A.mp4", "a (2).mp4", "a (2) (2).mp4"], ["collision", "collision"]),
        (["é.mp4", "e\u0301.mp4"], ["é.mp4", "e\u0301 (2).mp4"], ["collision"]),
        (["Docs/a", "docs/b", "x"], ["Docs/a", "Docs/b", "x"], ["collision"]),
        (["Docs/a", "docs/A", "x"], ["Docs/a", "Docs/A (2)", "x"], ["collision", "collision"]),
        (["docs", "DOCS/a"], ["docs (2)", "DOCS/a"], ["collision"]),
        (["CON.mp4", "x"], ["_CON.mp4", "x"], ["reserved name"]),
        (["nul", "x"], ["_nul", "x"], ["reserved name"]),
        (["Console.mp4"], ["Console.mp4"], []),
        (["a\u202egpj.mp4"], ["a_gpj.mp4"], ["direction mark"]),
        (["a\nb.mp4"], ["a_b.mp4"], ["control character"]),
        (["a.mp4:evil.exe"], ["a.mp4_evil.exe"], ["stream"]),
        (["a. ", "b/c..", "x"], ["a", "b/c", "x"], ["trailing dot or space", "trailing dot or space"]),
        (["d\\a", "d\\b", "x"], ["d/a", "d/b", "x"], ["backslash", "backslash"]),
        (["root/a", "root/b/c"], ["a", "b/c"], []),
        (["root/a", "__MACOSX/root/._a", ".DS_Store"], ["a"], []),
        (["...", ". ."], ["_", "_ (2)"], ["trailing dot or space", "trailing dot or space", "collision"]),
    ],
)
def test_changed_names(names: list[str], expected: list[str], reported: list[str]) -> None:
    assert paths(*names) == expected
    assert kinds(*names) == reported


def test_a_long_name_is_shortened_by_its_content() -> None:
    first, second = paths("x" * 300 + "1.mp4", "x" * 300 + "2.mp4")
    assert first != second
    assert len(first) == len(second) == MAX_NAME
    assert first.endswith(".mp4")
    (accents,) = paths("é" * 200 + ".mp4")
    assert len(accents.encode()) <= MAX_NAME


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "a/.ds_store", "Thumbs.db", "b/desktop.ini", "._a.mp4", "__MACOSX/a", "a/__macosx/b", "Icon\r"],
)
def test_junk_is_left_out_at_every_level(name: str) -> None:
    assert is_junk(name)


@pytest.mark.parametrize("name", ["DS_Store", "a._b", "Icon", "thumbs.db.mp4", "MACOSX/a", ".a"])
def test_other_files_are_not_junk(name: str) -> None:
    assert not is_junk(name)
