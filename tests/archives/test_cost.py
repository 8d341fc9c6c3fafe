"""An archive costs no more than its content: memory, time and folders are counted."""

from __future__ import annotations

import bz2
import gzip
import tarfile
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from mediaflow_assets.archives.extract import verify
from mediaflow_assets.archives.model import Member
from mediaflow_assets.archives.names import MAX_DEPTH, MAX_FINDINGS, plan
from mediaflow_assets.core.errors import BadInput
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import make_tar, pax, tar_member

MANY = replace(LIMITS, max_entries=100_000)
ARCHIVE = Path("received.zip")


def files(*names: str) -> list[Member]:
    return [Member(name, "file", 0) for name in names]


def deep(entries: int, folders: int) -> bytes:
    """Few bytes that imply many folders."""
    return gzip.compress(make_tar(*[tar_member(f"{n}/" + "a/" * folders + "f", b"") for n in range(entries)]), 9)


@pytest.mark.parametrize("folders", [30, 500])
def test_small_archives_of_deep_folders_take_little_memory(folders: int, sandbox: Sandbox) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=f"more than {MAX_DEPTH} folders|more than 1000 files and folders"):
            sandbox.extract(deep(900, folders))
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


def test_implied_folders_count_like_listed_ones() -> None:
    names = [f"{n}/f" for n in range(600)]
    with pytest.raises(BadInput, match="more than 1000 files and folders"):
        plan(ARCHIVE, files(*names), LIMITS)
    assert len(plan(ARCHIVE, files(*names[:500]), LIMITS).paths) == 500


def test_a_path_may_be_as_deep_as_the_limit() -> None:
    plan(ARCHIVE, files("d/" * (MAX_DEPTH - 1) + "f", "g"), LIMITS)
    with pytest.raises(BadInput, match="folders"):
        plan(ARCHIVE, files("d/" * MAX_DEPTH + "f", "g"), LIMITS)


def case_variants(count: int) -> list[str]:
    word = "abcdefghijklmnopq"
    return [
        "".join(letter.upper() if n >> bit & 1 else letter for bit, letter in enumerate(word)) for n in range(count)
    ]


@pytest.mark.parametrize("beginning", ["", "x" * 235], ids=["short", "as long as names may be"])
def test_names_that_differ_only_in_case_are_numbered_in_linear_time(beginning: str) -> None:
    """Quadratic work on 50,000 names would take an hour."""
    result = plan(ARCHIVE, files(*[f"{beginning}{name}" for name in case_variants(50_000)]), MANY)
    assert len({path.casefold() for path in result.paths.values()}) == 50_000
    assert len(result.findings) == MAX_FINDINGS + 1
    assert result.findings[-1].sentence == f"and {50_000 - 1 - MAX_FINDINGS} more of this kind"


def test_long_names_with_one_beginning_are_numbered_in_linear_time() -> None:
    names = [f"{'x' * 245}{n:05}" for n in range(20_000)]
    result = plan(ARCHIVE, files(*names, *[name.upper() for name in names]), MANY)
    assert len({path.casefold() for path in result.paths.values()}) == 40_000


def test_global_pax_headers_leave_nothing_behind(sandbox: Sandbox) -> None:
    headers = [pax({f"key{n}.{k}": "v" * 40_000 for k in range(20)}, tarfile.XGLTYPE) for n in range(100)]
    archive = gzip.compress(make_tar(*headers, tar_member("film.mov")))
    del headers
    tracemalloc.start()
    try:
        sandbox.extract(archive, replace(LIMITS, max_bytes=1 << 30))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert sandbox.files() == {"film.mov": b"content"}


def test_an_extended_header_of_many_short_records_is_read_once(sandbox: Sandbox) -> None:
    """Copying what is left after each of 170,000 records would move 80 GB."""
    data = b"6 a=b\n" * 170_000
    sandbox.extract(make_tar(tar_member("p", data, tarfile.XHDTYPE), tar_member("film.mov")))
    assert sandbox.files() == {"film.mov": b"content"}


def test_names_that_nobody_means_are_not_collected(sandbox: Sandbox) -> None:
    long = [
        tar_member("l", b"n" * 900_000 + b"%d\0" % n, tarfile.GNUTYPE_LONGNAME) + tar_member("f") for n in range(90)
    ]
    path = sandbox.archive(bz2.compress(make_tar(*long)))
    del long
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="names that are far too long"):
            verify(path, replace(MANY, max_bytes=1 << 30))
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()
