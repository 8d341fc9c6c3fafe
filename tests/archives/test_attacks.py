"""Hostile archives of every format: nothing outside, nothing partial, one clear sentence.

Each entry of a table is one archive, with what its sentence must say.
"""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import lzma
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from backports import zstd

from mediaflow_assets.archives.decoder import program
from mediaflow_assets.archives.extract import Limits
from mediaflow_assets.archives.model import RATIO_FLOOR
from mediaflow_assets.core.errors import MediaflowError
from tests.archives.conftest import LIMITS, Sandbox
from tests.archives.crafted import (
    SevenZipFile,
    ZipMember,
    deflate,
    local_header,
    make_7z,
    make_rar4,
    make_rar5,
    make_tar,
    make_zip,
    pax,
    ppmd,
    rar4_file,
    rar5_file,
    tar_member,
    zip64_end,
)

UNSAFE_NAMES = {
    "parent": "../evil",
    "parents": "../../../../../../tmp/evil",
    "parent inside": "a/../../evil",
    "parent at the end": "a/..",
    "parent after a dot": "./../evil",
    "backslash parent": "..\\..\\evil",
    "mixed slashes": "a/..\\../evil",
    "parent and a space": ".. /evil",
    "two dot leader": "\u2025/evil",
    "full-width dots": "\uff0e\uff0e/evil",
    "full-width slash": "..\uff0fevil",
    "absolute": "/tmp/evil",
    "absolute backslash": "\\evil",
    "two slashes": "//server/share/evil",
    "UNC": "\\\\server\\share\\evil",
    "device path": "\\\\?\\C:\\evil",
    "drive": "C:\\evil",
    "drive with a slash": "c:/evil",
    "too long": "/".join(["d" * 200] * 6),
}
OTHER_NAMES = ["parent", "parents", "parent inside", "backslash parent", "absolute", "two dot leader", "drive"]

GOOD = ZipMember("good.txt")
MANY = b"\0" * (2 << 20)
SMALL = dataclasses.replace(LIMITS, max_bytes=1 << 20)


def two_ends() -> bytes:
    """The comment of one archive is the directory and the end of another."""
    inner = make_zip([GOOD])
    directory = inner[inner.index(b"PK\1\2") : -22]
    outer = make_zip([GOOD], comment_size=len(directory) + 22)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(outer), 0)
    return outer + directory + end


def hostile(**attacks: tuple[Callable[[], bytes], str]) -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    return {name.replace("_", " "): (make, said, LIMITS) for name, (make, said) in attacks.items()}


def by_name() -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    table: dict[str, tuple[Callable[[], bytes], str, Limits]] = {}
    for name, path in UNSAFE_NAMES.items():
        said = "more than 1024 bytes" if name == "too long" else "unsafe name"
        table[f"zip {name}"] = (lambda p=path: make_zip([GOOD, ZipMember(p)]), said, LIMITS)
        table[f"tar {name}"] = (lambda p=path: make_tar(tar_member("good"), tar_member(p)), said, LIMITS)
    for name in OTHER_NAMES:
        path = UNSAFE_NAMES[name]
        table[f"7z {name}"] = (lambda p=path: make_7z(SevenZipFile("good"), SevenZipFile(p)), "unsafe name", LIMITS)
        table[f"rar5 {name}"] = (lambda p=path: make_rar5(rar5_file("good"), rar5_file(p)), "unsafe name", LIMITS)
    table["rar4 parent"] = (lambda: make_rar4(rar4_file("../evil")), "unsafe name", LIMITS)
    table["rar4 backslash parent"] = (lambda: make_rar4(rar4_file("..\\evil")), "unsafe name", LIMITS)
    table["zip NUL"] = (lambda: make_zip([ZipMember(b"a\0/../evil")]), "unsafe name", LIMITS)
    table["tar pax parent"] = (
        lambda: make_tar(pax({"path": "../evil"}), tar_member("good")),
        "unsafe name",
        LIMITS,
    )
    table["tar global pax parent"] = (
        lambda: make_tar(pax({"path": "../evil"}, tarfile.XGLTYPE), tar_member("good")),
        "unsafe name",
        LIMITS,
    )
    table["tar long name parent"] = (
        lambda: make_tar(tar_member("l", b"../evil\0", tarfile.GNUTYPE_LONGNAME), tar_member("good")),
        "unsafe name",
        LIMITS,
    )
    table["zip junk folder parent"] = (lambda: make_zip([GOOD, ZipMember("__MACOSX/../../evil")]), "unsafe", LIMITS)
    return table


def links() -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    def tar_link(kind: bytes) -> Callable[[], bytes]:
        return lambda: make_tar(tar_member("good"), tar_member("evil", b"", kind, linkname="/etc/passwd"))

    return hostile(
        zip_symbolic_link=(lambda: make_zip([GOOD, ZipMember("evil", b"/etc", mode=0o120777)]), "symbolic link"),
        zip_device=(lambda: make_zip([GOOD, ZipMember("evil", b"", mode=0o060666)]), "special file"),
        zip_pipe=(lambda: make_zip([GOOD, ZipMember("evil", b"", mode=0o010666)]), "special file"),
        tar_symbolic_link=(tar_link(tarfile.SYMTYPE), "symbolic link"),
        tar_hard_link=(tar_link(tarfile.LNKTYPE), "hard link"),
        tar_character_device=(tar_link(tarfile.CHRTYPE), "device"),
        tar_block_device=(tar_link(tarfile.BLKTYPE), "device"),
        tar_pipe=(tar_link(tarfile.FIFOTYPE), "named pipe"),
        tar_unknown_type=(lambda: make_tar(tar_member("evil", b"", b"Q")), "special file"),
        tar_sparse=(lambda: make_tar(tar_member("evil", b"", tarfile.GNUTYPE_SPARSE)), "sparse"),
        tar_pax_sparse=(
            lambda: make_tar(pax({"GNU.sparse.major": "1", "GNU.sparse.realsize": str(1 << 50)}), tar_member("evil")),
            "sparse",
        ),
        tar_link_then_through_it=(
            lambda: make_tar(tar_member("d", b"", tarfile.SYMTYPE, linkname="/tmp"), tar_member("d/evil")),
            "symbolic link",
        ),
        seven_zip_symbolic_link=(
            lambda: make_7z(SevenZipFile("good"), SevenZipFile("evil", b"/etc", 0x8000 | 0o120777 << 16)),
            "symbolic link",
        ),
        seven_zip_device=(
            lambda: make_7z(SevenZipFile("good"), SevenZipFile("evil", b"x", 0x8000 | 0o060666 << 16)),
            "special file",
        ),
        rar5_symbolic_link=(lambda: make_rar5(rar5_file("evil", b"", redirect=(1, "/etc"))), "symbolic link"),
        rar5_junction=(lambda: make_rar5(rar5_file("evil", b"", redirect=(3, "\\??\\C:\\"))), "symbolic link"),
        rar5_hard_link=(lambda: make_rar5(rar5_file("g"), rar5_file("evil", b"", redirect=(4, "g"))), "hard link"),
        rar5_copy=(lambda: make_rar5(rar5_file("g"), rar5_file("evil", b"", redirect=(5, "g"))), "another member"),
        rar4_symbolic_link=(lambda: make_rar4(rar4_file("evil", b"/etc", mode=0o120777)), "symbolic link"),
    )


def bombs() -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    huge = b"\0" * (RATIO_FLOOR + (1 << 20))
    few = dataclasses.replace(LIMITS, max_entries=10)
    names = [f"f{number}" for number in range(11)]

    def full_overlap() -> bytes:
        """Every entry is the same member (Fifield 2019, "overlapping files")."""
        first = ZipMember("f0", MANY)
        return make_zip([first] + [ZipMember("f0", MANY, at=0, central={"name": b"f%d" % n}) for n in range(1, 9)])

    def quoted_overlap() -> bytes:
        """Each member's deflate stream quotes the headers of the next in a stored block."""
        kernel = ZipMember("f1", MANY)
        quoted = local_header(kernel)
        block = b"\0" + struct.pack("<HH", len(quoted), len(quoted) ^ 0xFFFF) + quoted
        content = quoted + MANY
        outer = ZipMember("f0", content, packed=block + deflate(MANY))
        at = len(local_header(outer)) + len(block) - len(quoted)
        return make_zip([outer, dataclasses.replace(kernel, at=at)])

    def seven_zip(level: str) -> bytes:
        return packed_7z({"zeros": huge}, level)

    table: dict[str, tuple[Callable[[], bytes], str, Limits]] = {
        "zip ratio": (lambda: make_zip([ZipMember("zeros", huge)]), "unpacks to more", LIMITS),
        "zip one member's ratio": (
            lambda: make_zip([ZipMember("zeros", huge), ZipMember("x", zlib.compress(b"x") * 60000, 0)]),
            "unpacks to more",
            LIMITS,
        ),
        "zip total": (lambda: make_zip([ZipMember(name, MANY[: 1 << 17]) for name in names]), "unpacks to more", SMALL),
        "zip entries": (lambda: make_zip([ZipMember(name) for name in names]), "more than 10 files", few),
        "zip full overlap": (full_overlap, "contradict|bomb", LIMITS),
        "zip full overlap with equal names": (
            lambda: make_zip([ZipMember("f0", MANY), *[ZipMember("f0", MANY, at=0)] * 8]),
            "bomb",
            LIMITS,
        ),
        "zip quoted overlap": (quoted_overlap, "bomb", LIMITS),
        "zip declares less": (
            lambda: make_zip([ZipMember("zeros", MANY, local={"size": 9}, central={"size": 9})]),
            "not what was packed",
            LIMITS,
        ),
        "zip declares more": (
            lambda: make_zip([ZipMember("zeros", b"abc", local={"size": 9}, central={"size": 9})]),
            "not what was packed",
            LIMITS,
        ),
        "zip declares petabytes": (
            lambda: make_zip(
                [
                    ZipMember(
                        f"f{n}",
                        local={"size": 0xFFFFFFFF, "extra": struct.pack("<HHQQ", 1, 16, 1 << 52, 9)},
                        central={"size": 0xFFFFFFFF, "extra": struct.pack("<HHQ", 1, 8, 1 << 52)},
                    )
                    for n in range(3)
                ]
            ),
            "unpacks to more",
            LIMITS,
        ),
        "tar entries": (lambda: make_tar(*[tar_member(name) for name in names]), "more than 10 files", few),
        "tar extended headers": (
            lambda: make_tar(*[pax({"comment": "x"})] * 50, tar_member("x")),
            "little but extended headers",
            few,
        ),
        "tar huge extended header": (
            lambda: make_tar(tar_member("p", b"x", tarfile.XHDTYPE, size=1 << 34), tar_member("x")),
            "extended header of 17179869184 bytes",
            LIMITS,
        ),
        "tar huge long name": (
            lambda: make_tar(tar_member("p", b"x" * (2 << 20), tarfile.GNUTYPE_LONGNAME), tar_member("x")),
            "extended header of 2097152 bytes",
            LIMITS,
        ),
        "tar declares more": (lambda: make_tar(tar_member("x", b"abc", size=1 << 30)), "ends too early", LIMITS),
        "tar declares petabytes": (lambda: make_tar(tar_member("x", b"", size=1 << 51)), "unpacks to more", LIMITS),
        "tar declares less than nothing": (lambda: make_tar(tar_member("x", b"", size=-512)), "negative", LIMITS),
        "7z ratio": (lambda: seven_zip("-mx=5"), "unpacks to more", LIMITS),
        "7z entries": (lambda: make_7z(*[SevenZipFile(name) for name in names]), "more than 10 files", few),
        "7z declares less": (lambda: make_7z(SevenZipFile("x", MANY), size=9), "damaged", LIMITS),
        "7z declares more": (
            lambda: make_7z(SevenZipFile("x", b"abc"), size=1 << 30),
            "unpacks to more|damaged",
            LIMITS,
        ),
        "7z asks for memory": (
            lambda: make_7z(SevenZipFile("x"), coder=ppmd(600 << 20)),
            "memory",
            dataclasses.replace(LIMITS, max_memory=512 << 20),
        ),
        "rar5 entries": (lambda: make_rar5(*[rar5_file(name) for name in names]), "more than 10 files", few),
        "rar5 declares more": (lambda: make_rar5(rar5_file("x", b"abc", size=1 << 20)), "damaged", LIMITS),
        "rar5 declares petabytes": (lambda: make_rar5(rar5_file("x", b"abc", size=1 << 52)), "unpacks to more", LIMITS),
    }
    for name, pack in COMPRESSORS.items():
        table[f"tar {name} ratio"] = (lambda p=pack: p(make_tar(tar_member("zeros", huge))), "unpacks to more", LIMITS)
        table[f"tar {name} of nothing but zeros"] = (
            lambda p=pack: p(make_tar(tar_member("x"), end=bytes(8 << 20))),
            "unpacks to more",
            dataclasses.replace(LIMITS, max_bytes=1 << 20),
        )
    return table


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, 1),
    "bz2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
    "zst": lambda data: zstd.compress(data, 1),
}


def packed_7z(files: dict[str, bytes], *options: str) -> bytes:
    """A 7z made by 7-Zip itself."""
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        command = [program(), "a", *options, "out.7z", *files]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return Path(folder, "out.7z").read_bytes()


def contradictions() -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    def one(**changes: object) -> Callable[[], bytes]:
        return lambda: make_zip([dataclasses.replace(GOOD, **changes)])  # type: ignore[arg-type]

    two_ways = "two ways that contradict"
    return hostile(
        zip_other_name=(one(local={"name": b"evil.txt"}), two_ways),
        zip_other_name_of_equal_length=(one(local={"name": b"evil.txt"[:8]}), two_ways),
        zip_other_method=(one(local={"method": 0}), two_ways),
        zip_other_size=(one(local={"size": 3}), two_ways),
        zip_other_packed_size=(one(local={"packed": 3}), two_ways),
        zip_other_sum=(one(local={"crc": 3}), two_ways),
        zip_other_encryption=(one(local={"flags": 1}), two_ways),
        zip_missing_descriptor=(
            one(flags=8 | 1 << 11, local={"crc": 0, "packed": 0, "size": 0}),
            two_ways,
        ),
        zip_other_descriptor=(
            one(flags=8 | 1 << 11, local={"crc": 0, "size": 0}, descriptor=b"PK\7\10" + bytes(12)),
            two_ways,
        ),
        zip_same_name_twice=(lambda: make_zip([GOOD, GOOD]), "twice"),
        zip_same_name_by_slashes=(lambda: make_zip([ZipMember("a/b"), ZipMember("a//b")]), "twice"),
        zip_same_name_by_backslash=(lambda: make_zip([ZipMember("a/b"), ZipMember("a\\b")]), "twice"),
        zip_file_and_folder=(lambda: make_zip([ZipMember("a"), ZipMember("a/b")]), "as a file and as a folder"),
        zip_folder_with_content=(lambda: make_zip([ZipMember("a/", b"hidden")]), "content of its own"),
        zip_header_after_its_end=(lambda: make_zip([GOOD], suffix=local_header(GOOD)), "after its end"),
        zip_two_ends_that_fit=(two_ends, "two ends that contradict"),
        zip_second_zip_behind=(lambda: make_zip([GOOD]) + make_zip([GOOD]), "after its end"),
        zip_prefix=(lambda: b"PK\3\4junk" + make_zip([GOOD]), "not where its end says"),
        zip_directory_elsewhere=(lambda: make_zip([GOOD], offset=0), "not where its end says"),
        zip_directory_size=(lambda: make_zip([GOOD], size=10), "not where its end says"),
        zip_more_entries_than_said=(
            lambda: make_zip([GOOD, ZipMember("b")], entries=1, here=1),
            "more entries than its end says",
        ),
        zip_fewer_entries_than_said=(lambda: make_zip([GOOD], entries=2, here=2), "damaged directory"),
        zip_split=(lambda: make_zip([GOOD], disk=1), "split"),
        zip_split_member=(one(central={"disk": 2}), "split"),
        zip_points_into_its_directory=(one(central={"offset": 60}), "no content|contradict|all there"),
        zip_points_behind_its_end=(one(central={"offset": 1 << 20}), "no content where"),
        zip_wide_end_contradicts=(
            lambda: make_zip([GOOD], between=lambda count, size, offset: zip64_end(count + 1, size, offset)),
            "contradict",
        ),
        zip_wide_size_missing=(one(central={"size": 0xFFFFFFFF, "extra": struct.pack("<HH", 1, 0)}), "64-bit size"),
        zip_wide_size_twice=(one(central={"extra": struct.pack("<HHQHHQ", 1, 8, 5, 1, 8, 6)}), "twice"),
        zip_extra_field_too_long=(one(central={"extra": struct.pack("<HH", 0x5455, 500)}), "extra field"),
        tar_same_name_twice=(lambda: make_tar(tar_member("a"), tar_member("./a")), "twice"),
        tar_file_and_folder=(lambda: make_tar(tar_member("a"), tar_member("a/b")), "as a file and as a folder"),
        tar_folder_with_content=(lambda: make_tar(tar_member("a", b"hidden", tarfile.DIRTYPE)), "content of its own"),
        tar_after_its_end=(lambda: make_tar(tar_member("a")) + make_tar(tar_member("b")), "after its end"),
        tar_gz_after_its_end=(
            lambda: gzip.compress(make_tar(tar_member("a"))) + gzip.compress(make_tar(tar_member("b"))),
            "after its end",
        ),
        tar_damaged_record=(lambda: make_tar(tar_member("p", b"99 path=x\n", tarfile.XHDTYPE)), "extended header"),
        tar_size_is_no_number=(lambda: make_tar(pax({"size": "-1"}), tar_member("x")), "with the size '-1'"),
        seven_zip_same_name_twice=(lambda: make_7z(SevenZipFile("a"), SevenZipFile("a")), "twice"),
        rar5_same_name_twice=(lambda: make_rar5(rar5_file("a"), rar5_file("a")), "twice"),
    )


def damage() -> dict[str, tuple[Callable[[], bytes], str, Limits]]:
    stored = ZipMember("a", b"content", 0)
    encrypted = "encrypted"
    return hostile(
        zip_stored_damage=(lambda: make_zip([dataclasses.replace(stored, packed=b"CONTENT")]), "not what was packed"),
        zip_deflate_damage=(lambda: make_zip([ZipMember("a", packed=b"\xff" * 9)]), "damaged"),
        zip_deflate_ends_early=(lambda: make_zip([ZipMember("a", MANY, packed=deflate(MANY)[:-9])]), "too early"),
        zip_hidden_bytes=(lambda: make_zip([ZipMember("a", packed=deflate(b"content") + b"hidden")]), "hides bytes"),
        zip_unknown_method=(lambda: make_zip([dataclasses.replace(stored, method=97)]), "cannot be decoded|damaged"),
        zip_encrypted=(lambda: make_zip([ZipMember("a", flags=1)]), encrypted),
        zip_strongly_encrypted=(lambda: make_zip([ZipMember("a", flags=0x41)]), encrypted),
        zip_aes=(lambda: make_zip([dataclasses.replace(stored, method=99)]), encrypted),
        zip_one_of_two_encrypted=(lambda: make_zip([GOOD, ZipMember("a", flags=1)]), encrypted),
        zip_empty=(lambda: make_zip([]), "no file"),
        zip_only_folders=(lambda: make_zip([ZipMember("a/", b"", 0)]), "no file"),
        zip_only_junk=(lambda: make_zip([ZipMember("__MACOSX/._a"), ZipMember(".DS_Store")]), "no file"),
        tar_damaged_header=(lambda: make_tar(tar_member("a"), b"\xff" * 512), "damaged"),
        tar_without_end=(lambda: make_tar(tar_member("a"), end=b""), "too early"),
        tar_with_half_an_end=(lambda: make_tar(tar_member("a"), end=bytes(512)), "too early"),
        gzip_of_no_tar=(lambda: gzip.compress(b"text" * 1000), "not an archive"),
        gzip_sum=(lambda: gzip.compress(make_tar(tar_member("a")))[:-8] + bytes(8), "damaged"),
        zstd_window=(lambda: b"\x28\xb5\x2f\xfd\x00\xff" + bytes(600), "damaged"),
        seven_zip_sum=(lambda: make_7z(SevenZipFile("a", crc=1)), "not what was packed"),
        seven_zip_encrypted=(lambda: packed_7z({"a": b"x"}, "-psecret"), encrypted),
        seven_zip_encrypted_names=(lambda: packed_7z({"a": b"x"}, "-psecret", "-mhe=on"), encrypted),
        rar5_sum=(lambda: make_rar5(rar5_file("a", crc=1)), "not what was packed"),
        rar5_encrypted=(lambda: make_rar5(rar5_file("a", encrypted=True)), encrypted),
        rar5_split=(lambda: make_rar5(rar5_file("a", flags=0x10), main_flags=1), "split"),
        rar5_without_end=(lambda: make_rar5(rar5_file("a"), end=b""), "end is missing"),
        rar5_false_method=(lambda: make_rar5(rar5_file("a", method=3)), "damaged"),
        rar4_sum=(lambda: make_rar4(rar4_file("a", crc=1)), "not what was packed"),
        rar4_encrypted=(lambda: make_rar4(rar4_file("a", flags=4)), encrypted),
        rar4_encrypted_names=(lambda: make_rar4(rar4_file("a"), main_flags=0x80), encrypted),
        web_page=(lambda: b"<!DOCTYPE html><html>Link expired</html>", "web page"),
        json_answer=(lambda: b'{"error": "not_found"}', "JSON"),
        text=(lambda: b"hello", "not an archive"),
        nothing=(lambda: b"", "is empty"),
        zeros=(lambda: bytes(4096), "not an archive"),
    )


ATTACKS = by_name() | links() | bombs() | contradictions() | damage()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_ends_in_one_sentence_and_leaves_nothing(attack: str, sandbox: Sandbox) -> None:
    make, said, limits = ATTACKS[attack]
    with pytest.raises(MediaflowError, match=said) as refused:
        sandbox.extract(make(), limits)
    assert sandbox.everything() == ["deep", "deep/project", "in", "in/received.bin"]
    sentence = str(refused.value)
    assert sentence.startswith("received.bin: ")
    assert sentence.isprintable()
    assert len(sentence) < 400


def test_the_suite_covers_every_format_widely() -> None:
    assert len(ATTACKS) >= 60
    for word, fewest in {"zip": 40, "tar": 40, "7z": 8, "seven": 5, "rar5": 15, "rar4": 5}.items():
        assert sum(name.startswith(word) for name in ATTACKS) >= fewest, word
