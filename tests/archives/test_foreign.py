"""Archives as other people's programs write them: opened right, or named for what they are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from mediaflow_assets.archives import zip_end
from mediaflow_assets.archives.extract import extract, is_archive, verify
from mediaflow_assets.archives.zip_archive import ZipArchive
from mediaflow_assets.core.errors import BadInput
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import SevenZipFile as File
from tests.archives.crafted import ZipMember, deflate, make_7z, make_tar, make_zip, tar_member

SMALL_WRAP = 1 << 16


def finder_zip(members: list[tuple[str, bytes, int]], wrap: int) -> bytes:
    """What Archive Utility writes, with offsets and sizes modulo ``wrap``."""
    out, directory = bytearray(), bytearray()
    for name, content, method in members:
        packed = deflate(content) if method else content
        at, crc, flags = len(out), zlib.crc32(content), 8 if method else 0
        sums = crc, len(packed) % wrap, len(content) % wrap
        local = (0, 0, 0) if flags else sums
        raw = name.encode()
        out += struct.pack("<4s5HLLLHH", b"PK\3\4", 20, flags, method, 0, 0x5A21, *local, len(raw), 0) + raw + packed
        if flags:
            out += struct.pack("<4sLLL", b"PK\7\x08", *sums)
        directory += struct.pack(
            "<4s6HLLL5HLL",
            *(b"PK\1\2", 0x315, 20, flags, method, 0, 0x5A21, *sums, len(raw), 0, 0, 0, 0),
            *(0o100644 << 16, at % wrap),
        )
        directory += raw
    count = len(members)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(out) % wrap, 0)
    return bytes(out + directory + end)


def noise(size: int, seed: int) -> bytes:
    import random

    return random.Random(seed).randbytes(size)  # noqa: S311


@pytest.fixture
def small_wrap(monkeypatch: pytest.MonkeyPatch) -> int:
    """Sizes wrap at 64 KiB, so that archives of the Finder's kind need not have 4 GiB."""
    monkeypatch.setattr(zip_end, "WRAP", SMALL_WRAP)
    return SMALL_WRAP


@pytest.mark.parametrize("methods", [(0, 0, 0, 0), (8, 8, 8, 8), (8, 0, 8, 0)])
@pytest.mark.parametrize("sizes", [(200_000, 10, 70_000, 5), (10, 65_536, 0, 300_001), (5, 10, 15, 80_000)])
def test_a_zip_of_the_finder_that_wrapped_is_opened(
    sizes: tuple[int, ...], methods: tuple[int, ...], small_wrap: int, sandbox: Sandbox
) -> None:
    files = {f"Tournage/a{n}.mov": noise(size, n) for n, size in enumerate(sizes)}
    archive = finder_zip([(*item, method) for item, method in zip(files.items(), methods, strict=True)], small_wrap)
    findings = sandbox.extract(archive)
    assert sandbox.files() == {name.removeprefix("Tournage/"): content for name, content in files.items()}
    assert "wrapped sizes" in [finding.kind for finding in findings]


def test_content_that_looks_like_the_next_member_is_not_taken_for_it(small_wrap: int, sandbox: Sandbox) -> None:
    inner = finder_zip([("b.mov", b"wrong", 0)], small_wrap)
    files = {"a.mov": noise(100, 1) + inner + noise(150_000, 2), "b.mov": b"right"}
    sandbox.extract(finder_zip([(name, content, 0) for name, content in files.items()], small_wrap))
    assert sandbox.files() == files


def test_a_damaged_zip_of_the_finder_is_refused(small_wrap: int, sandbox: Sandbox) -> None:
    archive = bytearray(finder_zip([("a.mov", noise(200_000, 1), 8), ("b.mov", b"x", 8)], small_wrap))
    archive[100_000] ^= 1
    with pytest.raises(BadInput, match="damaged"):
        sandbox.extract(bytes(archive))
    assert not sandbox.folder.exists()


def test_true_sizes_beyond_4_gib_are_found_in_a_sparse_file(tmp_path: Path) -> None:
    """Only the structure is read: what is between the headers is a hole of 4.7 GB."""
    path, hole = tmp_path / "Archive.zip", 4_700_000_000
    names, directory = [b"a.mov", b"b.mov", b"c.txt"], b""
    with path.open("wb") as stream:
        for name, size in zip(names, (hole, 3, 4), strict=True):
            at = stream.tell()
            sums = 7, size % (1 << 32), size % (1 << 32)
            head = struct.pack("<4s5HLLLHH", b"PK\3\4", 20, 0, 0, 0, 0, *sums, len(name), 0)
            stream.write(head + name)
            stream.seek(size, io.SEEK_CUR)
            fields = 0x315, 20, 0, 0, 0, 0, *sums, len(name), 0, 0, 0, 0, 0o100644 << 16, at % (1 << 32)
            directory += struct.pack("<4s6HLLL5HLL", b"PK\1\2", *fields) + name
        at = stream.tell() % (1 << 32)
        stream.write(directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, len(directory), at, 0))
    members = ZipArchive(path, LIMITS).members()
    assert [(member.name, member.size) for member in members] == [("a.mov", hole), ("b.mov", 3), ("c.txt", 4)]


def test_more_than_65535_files_without_the_64_bit_form(sandbox: Sandbox) -> None:
    members = [ZipMember(f"{n}", b"", 0) for n in range(65_540)]
    path = sandbox.archive(make_zip(members, entries=4, here=4))
    from dataclasses import replace

    assert verify(path, replace(LIMITS, max_entries=100_000)) == 65_540


@pytest.mark.parametrize("after", [b"x", b"\r\n", bytes(512), bytes(100_000), b"signature " * 50])
def test_bytes_after_the_end_are_passed_over_and_said(after: bytes, sandbox: Sandbox) -> None:
    findings = sandbox.extract(make_zip([ZipMember("film.mov")], suffix=after))
    assert sandbox.files() == {"film.mov": b"content"}
    assert findings == [("bytes after the end", f"{len(after)} bytes after its end were not read")]


@pytest.mark.parametrize("before", [b"", b"see PK\5\6 "])
def test_a_comment_that_holds_the_magic_bytes_of_an_end(before: bytes, sandbox: Sandbox) -> None:
    comment = before + b"PK\5\6" + bytes(18) + b"and so on"
    sandbox.extract(make_zip([ZipMember("film.mov")], comment=comment))
    assert sandbox.files() == {"film.mov": b"content"}


def test_a_zip_stored_as_the_last_member_is_no_second_end(sandbox: Sandbox) -> None:
    inner = make_zip([ZipMember("inner.mov")])
    sandbox.extract(make_zip([ZipMember("film.mov"), ZipMember("inner.zip", inner, 0)]))
    assert sandbox.files() == {"film.mov": b"content", "inner.zip": inner}


def zip_with(size: int = 50_000) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("film.mov", noise(size, 3))
    return target.getvalue()


WHOLE_ZIP, WHOLE_7Z = zip_with(), make_7z(File("film.mov", noise(50_000, 3)))
LAST_PART = WHOLE_ZIP[40_000:-22] + struct.pack("<4s4H2LH", b"PK\5\6", 2, 2, 1, 1, 46, 10_000, 0)
PARTS = {
    "film.zip.001": WHOLE_ZIP[:20_000],
    "film.zip.002": WHOLE_ZIP[20_000:40_000],
    "film.z01": b"PK\7\x08" + WHOLE_ZIP[:20_000],
    "film.z02": WHOLE_ZIP[20_000:40_000],
    "film.zip": LAST_PART,
    "first of a spanned one.zip": b"PK\7\x08" + WHOLE_ZIP[:20_000],
    "film.7z.001": WHOLE_7Z[:20_000],
    "film.7z.002": WHOLE_7Z[20_000:],
    "film.tar.001": make_tar(tar_member("film.mov", noise(50_000, 3)))[:20_000],
    "film.r01": noise(20_000, 4),
}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_of_a_split_archive_is_called_one(name: str, sandbox: Sandbox) -> None:
    path = sandbox.archive(PARTS[name], name)
    for look in (lambda: verify(path, LIMITS), lambda: extract(path, sandbox.folder, LIMITS)):
        with pytest.raises(BadInput) as refused:
            look()
        assert refused.value.sentence == f"{name}: is one part of a split archive. Ask for it in one piece."


@pytest.mark.parametrize("content", [WHOLE_ZIP, WHOLE_7Z], ids=["zip", "7z"])
def test_a_single_part_that_is_the_whole_archive_is_opened(content: bytes, sandbox: Sandbox) -> None:
    path = sandbox.archive(content, "film.001")
    assert is_archive(path)
    extract(path, sandbox.folder, LIMITS)
    assert sandbox.files() == {"film.mov": noise(50_000, 3)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MZ" + bytes(100) + WHOLE_ZIP, "is a program or a self-extracting archive"),
        (b"\x7fELF" + bytes(100), "is a program or a self-extracting archive"),
        (b"#!/bin/sh\nexit 0\n", "is a program or a self-extracting archive"),
        (noise(2000, 1)[:-512] + b"koly" + bytes(508), "is a disk image of macOS"),
        (bytes(0x8001) + b"CD001" + bytes(3000), "is a disk image (ISO)"),
        (b"%PDF-1.7\n" + bytes(100), "is a file of type PDF and not an archive"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "is a file of type JPG and not an archive"),
        (b"", "is empty"),
    ],
)
def test_what_is_sent_in_place_of_an_archive_is_named(content: bytes, said: str, sandbox: Sandbox) -> None:
    path = sandbox.archive(content, "rushes.zip")
    with pytest.raises(BadInput) as refused:
        verify(path, LIMITS)
    assert said in refused.value.problem
    assert refused.value.remedy
