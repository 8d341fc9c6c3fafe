"""Odd archives that honest people send: every file arrives exactly, under its own name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import struct
import subprocess
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from backports import zstd

from mediaflow_assets.archives.decoder import program
from mediaflow_assets.archives.extract import Limits, extract, is_archive, verify
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import (
    SevenZipFile,
    ZipMember,
    deflate,
    make_7z,
    make_rar4,
    make_rar5,
    make_tar,
    make_zip,
    pax,
    rar4_file,
    rar5_file,
    tar_member,
)

Files = dict[str, bytes]

VIDEO = bytes(range(256)) * 300
NAMES: Files = {
    unicodedata.normalize("NFD", "été à la plage.mp4"): b"decomposed",
    "Épisode 13 (final) [v2] {x}.mp4": b"brackets",
    "scène 👩‍👩‍👧 🎬.mov": b"emoji",
    "日本語/ビデオ.mp4": b"kanji",
    "עברית.txt": b"right to left",
    " leading space & ampersand 'quote' #1 100% ~$,;=+@!.txt": b"punctuation",
    "-rf": b"a name like an option",
    "@list.txt": b"a name like a list file",
    "x" * 251 + ".mp4": b"255 bytes",
    ".hidden/.config": b"hidden",
    "empty": b"",
    "sub/also empty.txt": b"",
    "sub/sub/sub/deep.bin": VIDEO,
}


def python_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """Where a program writes to that cannot seek: sizes then come after the content."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


def streamed_zip(files: Files, *, wide: bool = False) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:  # type: ignore[call-overload]
        for name, content in files.items():
            with package.open(name, "w", force_zip64=wide) as stream:
                stream.write(content)
    return bytes(pipe.data)


def wide_zip(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            with package.open(name, "w", force_zip64=True) as stream:
                stream.write(content)
    return out.getvalue()


def seven_zip(files: Files, kind: str, *options: str) -> bytes:
    """Made by 7-Zip itself."""
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, "in", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        command = [program(), "a", f"-t{kind}", *options, f"{folder}/out", "--", *files]
        subprocess.run(command, cwd=f"{folder}/in", check=True, capture_output=True)
        return (
            Path(folder, "out").read_bytes()
            if Path(folder, "out").exists()
            else Path(folder, f"out.{kind}").read_bytes()
        )


def python_tar(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as package:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o4777
            package.addfile(info, io.BytesIO(content))
    return out.getvalue()


PLAIN: Files = {"a.mp4": VIDEO, "b/c.txt": b"text", "b/empty": b""}
ONE_ROOT: Files = {f"13 Camille/{name}": content for name, content in PLAIN.items()}
MAC_JUNK: Files = {
    **ONE_ROOT,
    ".DS_Store": b"x",
    "13 Camille/.DS_Store": b"x",
    "13 Camille/b/Thumbs.db": b"x",
    "13 Camille/b/desktop.ini": b"x",
    "13 Camille/.dropbox.attr": b"x",
    "13 Camille/Icon\r": b"x",
    "__MACOSX/13 Camille/._a.mp4": b"x",
    "13 Camille/b/._c.txt": b"x",
    "13 Camille/__MACOSX/x": b"x",
}
MANY: Files = {f"folder {number % 50}/clip {number}.txt": str(number).encode() for number in range(5000)}
MAC = unicodedata.normalize("NFD", "été.mp4")


def unicode_path(raw: bytes, name: str) -> bytes:
    """Info-ZIP's extra field for the name in UTF-8."""
    data = b"\1" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


LATIN = "été.mp4".encode("cp1252")

NESTED: Files = {"in.zip": python_zip(PLAIN), "in/in.tar": make_tar(tar_member("../evil")), "a": b""}

HONEST: dict[str, tuple[Callable[[], bytes], Files]] = {
    "zip deflated": (lambda: python_zip(NAMES), NAMES),
    "zip stored": (lambda: python_zip(NAMES, zipfile.ZIP_STORED), NAMES),
    "zip bzip2": (lambda: python_zip(NAMES, zipfile.ZIP_BZIP2), NAMES),
    "zip lzma": (lambda: python_zip(NAMES, zipfile.ZIP_LZMA), NAMES),
    "zip streamed": (lambda: streamed_zip(NAMES), NAMES),
    "zip streamed, 64-bit": (lambda: streamed_zip(NAMES, wide=True), NAMES),
    "zip 64-bit": (lambda: wide_zip(NAMES), NAMES),
    "zip deflate64": (lambda: seven_zip(PLAIN, "zip", "-mm=Deflate64"), PLAIN),
    "zip ppmd": (lambda: seven_zip(PLAIN, "zip", "-mm=PPMd"), PLAIN),
    "zip zstd": (
        lambda: make_zip([ZipMember("a", VIDEO, 93, packed=zstd.compress(VIDEO)), ZipMember("b", b"x")]),
        {"a": VIDEO, "b": b"x"},
    ),
    "zip of five thousand files": (lambda: python_zip(MANY), MANY),
    "zip with one root folder": (lambda: python_zip(ONE_ROOT), PLAIN),
    "zip with junk": (lambda: python_zip(MAC_JUNK), PLAIN),
    "zip with a comment": (lambda: make_zip([ZipMember("a")], comment=b"from the studio"), {"a": b"content"}),
    "zip of macOS": (lambda: make_zip([ZipMember(MAC, flags=0)]), {MAC: b"content"}),
    "zip of old Windows": (lambda: make_zip([ZipMember("été.mp4".encode("cp437"), flags=0)]), {"été.mp4": b"content"}),
    "zip with a Unicode path": (
        lambda: make_zip([ZipMember(LATIN, flags=0, central={"extra": unicode_path(LATIN, "été.mp4")})]),
        {"été.mp4": b"content"},
    ),
    "zip with folders": (
        lambda: make_zip([ZipMember("d/", b"", 0, mode=0o40755), ZipMember("d/empty/", b"", 0), ZipMember("a")]),
        {"a": b"content"},
    ),
    "zip of Dropbox, with its root": (lambda: make_zip([ZipMember("/", b"", 0), ZipMember("a")]), {"a": b"content"}),
    "zip with dots": (lambda: make_zip([ZipMember("./a"), ZipMember("b/./c")]), {"a": b"content", "b/c": b"content"}),
    "zip with archives inside": (lambda: python_zip(NESTED), NESTED),
    "zip of one file": (lambda: python_zip({"a.mp4": VIDEO}), {"a.mp4": VIDEO}),
    "tar": (lambda: python_tar(NAMES), NAMES),
    "tar, GNU": (lambda: python_tar(NAMES, tarfile.GNU_FORMAT), NAMES),
    "tar, ustar": (lambda: python_tar(PLAIN, tarfile.USTAR_FORMAT), PLAIN),
    "tar with one root folder": (lambda: python_tar(MAC_JUNK), PLAIN),
    "tar gzip": (lambda: gzip.compress(python_tar(NAMES)), NAMES),
    "tar gzip in two members": (
        lambda: gzip.compress(python_tar(NAMES)[:700]) + gzip.compress(python_tar(NAMES)[700:]) + bytes(512),
        NAMES,
    ),
    "tar bzip2": (lambda: bz2.compress(python_tar(NAMES)), NAMES),
    "tar xz": (lambda: lzma.compress(python_tar(NAMES)), NAMES),
    "tar zstd": (lambda: zstd.compress(python_tar(NAMES)), NAMES),
    "tar of five thousand files": (lambda: gzip.compress(python_tar(MANY), 1), MANY),
    "tar of old Windows": (
        lambda: make_tar(tar_member("été.mp4".encode("cp1252").decode("utf-8", "surrogateescape"))),
        {"été.mp4": b"content"},
    ),
    "tar with sizes in pax": (lambda: make_tar(pax({"size": "7"}), tar_member("a", size=0)), {"a": b"content"}),
    "7z": (lambda: seven_zip(NAMES, "7z"), NAMES),
    "7z stored": (lambda: make_7z(SevenZipFile("a/b"), SevenZipFile("a/c", VIDEO)), {"b": b"content", "c": VIDEO}),
    "rar5": (
        lambda: make_rar5(*[rar5_file(name, content) for name, content in NAMES.items()]),
        NAMES,
    ),
    "rar4": (lambda: make_rar4(rar4_file("a.mp4", VIDEO), rar4_file("b/c", b"")), {"a.mp4": VIDEO, "b/c": b""}),
}


@pytest.mark.parametrize("what", HONEST)
def test_an_honest_archive_comes_through_exactly(what: str, sandbox: Sandbox) -> None:
    make, files = HONEST[what]
    content = make()
    archive = sandbox.archive(content)
    assert is_archive(archive)
    assert verify(archive, Limits(1 << 40, 10_000, 200)) >= len(files)
    assert extract(archive, sandbox.folder, Limits(1 << 40, 10_000, 200)) == []
    assert sandbox.files() == files
    assert archive.read_bytes() == content
    assert {path.name for path in sandbox.folder.parent.iterdir()} == {sandbox.folder.name}


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o007])
@pytest.mark.parametrize("form", ["zip", "tar", "7z", "rar5"])
def test_modes_are_those_of_any_file_made_here(form: str, umask: int, sandbox: Sandbox) -> None:
    wild = 0o104777  # setuid, and writable by everybody
    content = {
        "zip": lambda: make_zip([ZipMember("d/", b"", 0, mode=0o40700), ZipMember("d/a", mode=wild), ZipMember("b")]),
        "tar": lambda: python_tar({"d/a": b"content", "b": b"content"}),
        "7z": lambda: make_7z(SevenZipFile("d/a", attributes=0x8000 | wild << 16), SevenZipFile("b")),
        "rar5": lambda: make_rar5(rar5_file("d/a", mode=wild), rar5_file("b")),
    }[form]()
    archive = sandbox.archive(content)
    before = os.umask(umask)
    try:
        extract(archive, sandbox.folder, LIMITS)
    finally:
        os.umask(before)
    assert sandbox.files() == {"d/a": b"content", "b": b"content"}
    for path in [sandbox.folder, *sandbox.folder.rglob("*")]:
        assert path.stat().st_mode & 0o7777 == (0o666 if path.is_file() else 0o777) & ~umask


def test_the_list_is_long() -> None:
    assert len(HONEST) >= 20


def test_an_existing_folder_is_never_filled(sandbox: Sandbox) -> None:
    sandbox.folder.mkdir(parents=True)
    (sandbox.folder / "mine").write_bytes(b"mine")
    with pytest.raises(Exception, match="cannot be unpacked here"):
        sandbox.extract(python_zip(PLAIN))
    assert sandbox.files() == {"mine": b"mine"}


@pytest.mark.slow
def test_a_member_of_more_than_four_gibibytes(tmp_path: Path) -> None:
    """Mostly zeros with a little noise, as a screen recording has; written and compared in pieces."""
    noise = hashlib.shake_128(b"noise").digest(16 << 10)
    piece = noise + bytes((1 << 20) - len(noise))
    count = (4 << 10) + 100
    archive = tmp_path / "large.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        with package.open("large.mov", "w", force_zip64=True) as stream:
            for _ in range(count):
                stream.write(piece)
        package.writestr("small.txt", b"after it")
    assert extract(archive, tmp_path / "out", Limits(1 << 40, 10, 200)) == []
    large = tmp_path / "out" / "large.mov"
    assert large.stat().st_size == count << 20
    with large.open("rb") as stream:
        assert all(stream.read(1 << 20) == piece for _ in range(count))
    assert (tmp_path / "out" / "small.txt").read_bytes() == b"after it"


def test_a_deflated_member_of_pieces(sandbox: Sandbox) -> None:
    """Output that does not fit one read, and input that ends exactly at one."""
    noise = bytes(value * value % 251 for value in range(3 << 20))
    packed = deflate(noise)
    sandbox.extract(make_zip([ZipMember("noise", noise, packed=packed)]))
    assert sandbox.files() == {"noise": noise}


def test_limits_are_of_what_is_written(sandbox: Sandbox) -> None:
    content = python_zip({"a": bytes(1000), "b": bytes(1000)})
    assert sandbox.extract(content, Limits(2000, 2, 1000)) == []
    assert LIMITS.max_entries > 2
