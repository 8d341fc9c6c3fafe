"""Archives within an archive, and files that look like videos: opened or named, never passed over in silence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.archives.model import Limits
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.formats.manifest import Extraction, PassedOver, read_document, write_document
from mediaflow_assets.intake.contents import unpack
from mediaflow_assets.intake.nested import Nested
from tests.archives.crafted import SevenZipFile, ZipMember, make_7z, make_tar, make_zip, tar_member

LIMITS = Limits(max_bytes=1 << 30, max_entries=1000, max_ratio=200)
NOISE = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A short video."""
    import av
    import numpy as np

    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 40, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


@pytest.fixture
def folders(tmp_path: Path) -> ProjectFolders:
    return Layout(FolderSettings(home=tmp_path / "home")).project("13_Camille")


def unpacked(
    folders: ProjectFolders, members: dict[str, bytes], nested: Nested = "name", limits: Limits = LIMITS
) -> tuple[Extraction, bool]:
    archive = folders.work.parent / "13_Camille.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(make_zip([ZipMember(name, content, 0) for name, content in members.items()]))
    return unpack(archive, sha256_of(archive), folders, limits, nested)


def inner(film: bytes) -> dict[str, bytes]:
    return {
        "clip.mp4": film,
        "card_A.zip": make_zip(
            [ZipMember("DCIM/A001.mp4", film, 0), ZipMember("DCIM/deeper.zip", make_zip([ZipMember("x")]), 0)]
        ),
        "cards/card_B.tar": make_tar(tar_member("B001.mp4", film)),
        "cards/card_C.7z": make_7z(SevenZipFile("C001.mp4", film)),
    }


def test_archives_inside_are_named(folders: ProjectFolders, film: bytes) -> None:
    extraction, _ = unpacked(folders, inner(film))
    assert [video.path for video in extraction.videos] == ["clip.mp4"]
    assert extraction.remarks == ("3 archives inside were not opened: card_A.zip, cards/card_B.tar, cards/card_C.7z",)
    assert read_document(folders.extraction, Extraction) == extraction
    assert (folders.extracted / "card_A.zip").is_file()


def test_archives_inside_are_opened_one_level_deep(folders: ProjectFolders, film: bytes) -> None:
    extraction, _ = unpacked(folders, inner(film), "open")
    assert [video.path for video in extraction.videos] == [
        "card_A/A001.mp4",
        "cards/card_B/B001.mp4",
        "cards/card_C/C001.mp4",
        "clip.mp4",
    ]
    assert extraction.remarks == ("1 archive inside was not opened: card_A/deeper.zip",)
    assert not (folders.extracted / "card_A.zip").exists()
    assert [kind for kind, _ in extraction.findings].count("opened archive") == 3


def test_the_setting_decides_again_about_what_was_extracted(folders: ProjectFolders, film: bytes) -> None:
    assert unpacked(folders, inner(film))[1] is False
    assert unpacked(folders, inner(film))[1] is True
    opened, cached = unpacked(folders, inner(film), "open")
    assert (len(opened.videos), cached) == (4, False)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (make_zip([ZipMember("../evil.mp4")]), "unsafe name"),
        (make_zip([ZipMember("film.mp4", flags=1)]), "encrypted"),
        (make_zip([ZipMember("film.mp4", NOISE)])[:-40], "truncated"),
        (make_zip([ZipMember("film.mp4", bytes(80 << 20))]), "unpacks to more than"),
        (make_zip([ZipMember(f"{n}.mp4") for n in range(1001)]), "files and folders"),
    ],
    ids=["hostile", "encrypted", "truncated", "bomb", "too many"],
)
def test_one_that_cannot_be_opened_is_named_with_its_reason(
    content: bytes, reason: str, folders: ProjectFolders, film: bytes
) -> None:
    extraction, _ = unpacked(
        folders, {"clip.mp4": film, "card.zip": content, "good.zip": make_zip([ZipMember("a.txt")])}, "open"
    )
    (remark,) = extraction.remarks
    assert remark.startswith("1 archive inside was not opened: card.zip (")
    assert reason in remark
    assert sorted(path.name for path in folders.extracted.iterdir()) == ["card.zip", "clip.mp4", "good"]
    assert not [path for path in folders.work.rglob("*") if path.name.startswith((".extracting", ".unpack", "evil"))]


def test_the_limits_hold_for_all_together(folders: ProjectFolders, film: bytes) -> None:
    bomb = make_zip([ZipMember("zeros.bin", bytes(40 << 20))])
    extraction, _ = unpacked(folders, {"clip.mp4": film, "a.zip": bomb, "b.zip": bomb}, "open")
    assert [file.path for file in extraction.passed_over or ()] == ["b.zip"]


@pytest.mark.parametrize("there", [["card"], ["card", "card (2)"]])
def test_the_folder_of_an_archive_is_its_own(there: list[str], folders: ProjectFolders, film: bytes) -> None:
    members = {f"{folder}/mine.txt": b"mine" for folder in there}
    unpacked(folders, {"clip.mp4": film, **members, "card.zip": make_zip([ZipMember("a.mp4", film, 0)])}, "open")
    assert (folders.extracted / f"card ({len(there) + 1})" / "a.mp4").is_file()
    assert all((folders.extracted / folder / "mine.txt").read_bytes() == b"mine" for folder in there)


def test_only_archives_inside_are_named_in_the_refusal(folders: ProjectFolders) -> None:
    card = make_zip([ZipMember("a.txt")])
    with pytest.raises(BadInput) as refused:
        unpacked(folders, {"card_A.zip": card, "card_B.zip": card})
    assert refused.value.sentence == (
        "13_Camille.zip: holds no video (2 archives inside were not opened: card_A.zip, card_B.zip). "
        "Send the videos themselves, or set EXTRACT_NESTED=open."
    )


def test_documents_that_are_zips_are_no_archives(folders: ProjectFolders, film: bytes) -> None:
    document = make_zip([ZipMember("word/document.xml")])
    names = ("script.docx", "budget.xlsx", "template.mogrt", "notes.odt", "game.jar")
    extraction, _ = unpacked(folders, {"clip.mp4": film, **dict.fromkeys(names, document)}, "open")
    assert extraction.remarks == ()
    assert len(extraction.others) == len(names)


def test_what_looks_like_a_video_and_is_not_read_is_named(folders: ProjectFolders, film: bytes) -> None:
    members = {
        "clip.mp4": film,
        "A001.mlv": NOISE,
        "cam.dav": NOISE,
        "seg1.m4s": b"\0\0\0\x18stypmsdh" + NOISE,
        "app.ts": b"const a = 1;\n",
        "notes.mod": b"text\n",
    }
    extraction, _ = unpacked(folders, members)
    assert extraction.remarks == ("3 files look like videos and were not read: A001.mlv, cam.dav, seg1.m4s",)


def test_of_very_many_the_first_are_named() -> None:
    passed = tuple(PassedOver(path=f"{n}.zip", kind="archive") for n in range(40))
    extraction = Extraction(project="p", archive="a", archive_sha256="", videos=(), passed_over=passed)
    assert extraction.remarks == ("40 archives inside were not opened: 0.zip, 1.zip, 2.zip, 3.zip, 4.zip and 35 more",)


def test_a_manifest_of_an_earlier_version_is_completed(folders: ProjectFolders, film: bytes) -> None:
    extraction, _ = unpacked(folders, inner(film))
    write_document(folders.extraction, msgspec.structs.replace(extraction, passed_over=None))
    again, cached = unpacked(folders, inner(film))
    assert cached
    assert again == extraction


def test_progress_is_told(folders: ProjectFolders, film: bytes) -> None:
    archive = folders.work.parent / "13_Camille.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(make_zip([ZipMember("clip.mp4", film), ZipMember("noise.bin", NOISE * 50, 0)]))
    seen: list[float] = []
    unpack(archive, sha256_of(archive), folders, replace(LIMITS), "name", seen.append)
    assert seen == sorted(seen)
    assert len(set(seen)) > 5
    assert 0 <= seen[0] < seen[-1] <= 1
    shutil.rmtree(folders.work)
