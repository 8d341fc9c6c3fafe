"""The proof of a delivery: exact for every name, verifiable by others, and it finds what changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.delivery.bag import MANIFEST, foreign_files, inspect, manifest_text, read_manifest, write_view
from tests.delivery.projects import Project, finalized
from tests.delivery.test_deliver import ODD

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1).map("docs/{}".format)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(files=st.dictionaries(NAMES, DIGESTS))
def test_every_name_comes_back_from_the_manifest(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = manifest_text((digest, path) for path, digest in files.items())
        (Path(folder) / MANIFEST).write_text(manifest, encoding="utf-8", newline="")
        assert read_manifest(Path(folder)) == files


@pytest.mark.parametrize("damage", ["", "no manifest", "half a line\n"])
def test_a_folder_without_a_readable_manifest_is_refused(tmp_path: Path, damage: str) -> None:
    if damage.endswith("\n"):
        (tmp_path / MANIFEST).write_text(damage)
    with pytest.raises(BadInput, match=r"has no manifest|is damaged in line 1"):
        read_manifest(tmp_path)


def test_bagit_verifies_it(tmp_path: Path) -> None:
    # bagit 1.9 reads neither a space at the end of a name nor %25.
    others = [name for name in ODD if name == name.strip() and "%0A" not in name]
    folder = finalized(Project(tmp_path / "home", others=others)).delivery.folder
    write_view(folder, tmp_path / "view")
    assert bagit.Bag(str(tmp_path / "view")).validate()


def test_bagit_finds_a_flipped_bit(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder
    write_view(folder, tmp_path / "view")
    flip(folder / "docs/a.mp4")
    with pytest.raises(bagit.BagValidationError, match=r"a\.mp4"):
        bagit.Bag(str(tmp_path / "view")).validate()


def test_the_manifest_is_one_that_sha256sum_reads(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home", others=["with space.txt", "sub/ünïcode.txt"])).delivery.folder
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", MANIFEST], cwd=folder, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_changed_is_named(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home", others=["kept.txt", "lost.txt"])).delivery.folder
    flip(folder / "docs/a.mp4")
    (folder / "docs/lost.txt").unlink()
    (folder / "docs/new.txt").write_text("new")
    found = inspect(folder)
    assert (found.changed, found.missing, found.unexpected) == (
        ("docs/a.mp4",),
        ("docs/lost.txt",),
        ("docs/new.txt",),
    )
    assert not found.intact


def test_without_reading_only_sizes_and_names_are_compared(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder
    flip(folder / "docs/a.mp4")
    assert inspect(folder, content=False).intact
    with (folder / "docs/a.mp4").open("ab") as stream:
        stream.write(b"!")
    assert not inspect(folder, content=False).intact


def mediaflow(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mediaflow_assets.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_mediaflow_verify(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")  # MEDIAFLOW_HOME of every test
    folder = finalized(project).delivery.folder
    intact = mediaflow("verify", project.key, "--bag", tmp_path / "view")
    assert (intact.returncode, intact.stdout.split()[0]) == (0, "intact"), intact.stderr
    assert bagit.Bag(str(tmp_path / "view")).validate()
    flip(folder / "docs/a.mp4")
    damaged = mediaflow("verify", project.key)
    assert damaged.returncode == 1
    assert "changed  'docs/a.mp4'" in damaged.stdout
    assert mediaflow("verify", folder).returncode == 1
    unknown = mediaflow("verify", "nothing")
    assert unknown.returncode == 1
    assert project.key in unknown.stderr


def test_every_delivery_is_verified_and_each_that_is_damaged_named(tmp_path: Path) -> None:
    assert mediaflow("verify", "--all").stdout == "nothing is delivered yet\n"
    folders = [
        finalized(Project(tmp_path / "home", key=key, name=key, content=key)).delivery.folder
        for key in ("13_Camille_2026-11-21_10-00-00", "14_Lea_2026-11-22_10-00-00", "15_Ana_2026-11-23_10-00-00")
    ]
    intact = mediaflow("verify", "--all", "--fast")
    assert (intact.returncode, intact.stdout.count("intact by name and size")) == (0, 3), intact.stderr
    flip(folders[0] / "docs/a.mp4")
    shutil.rmtree(folders[1])
    found = mediaflow("verify", "--all")
    assert found.returncode == 1
    verdicts = {line.rpartition(" in ")[2]: line.split()[0] for line in found.stdout.splitlines() if " in /" in line}
    assert (verdicts[str(folders[0])], verdicts[str(folders[2])]) == ("DAMAGED", "intact")
    assert str(folders[1]) in found.stderr
    for wrong in (["13", "--all"], [], ["--all", "--bag", tmp_path / "bag"]):
        assert mediaflow("verify", *wrong).returncode == 2


def test_a_manifest_that_was_written_anew_is_not_the_record(tmp_path: Path) -> None:
    """Somebody who changes a file and its line still does not have what was delivered."""
    project = Project(tmp_path / "home")
    folder = finalized(project).delivery.folder
    before = sha256_of(folder / "docs/a.mp4")
    flip(folder / "docs/a.mp4")
    manifest = folder / MANIFEST
    manifest.write_text(manifest.read_text().replace(before, sha256_of(folder / "docs/a.mp4")))
    assert inspect(folder).intact
    found = mediaflow("verify", project.key)
    assert found.returncode == 1
    assert MANIFEST in found.stdout


@pytest.mark.parametrize("fast", [True, False])
def test_what_cannot_be_read_counts_as_changed(tmp_path: Path, fast: bool) -> None:
    project = Project(tmp_path / "home", others=["notes.txt"])
    folder = finalized(project).delivery.folder
    (folder / "docs/notes.txt").unlink()
    (folder / "docs/notes.txt").symlink_to(tmp_path / "home")
    found = inspect(folder, content=not fast)
    assert found.changed == ("docs/notes.txt",)
    assert foreign_files(folder) == ["docs/notes.txt"]
    verified = mediaflow("verify", project.key, *(["--fast"] if fast else []))
    assert (verified.returncode, "Traceback" in verified.stderr) == (1, False)
    assert "changed  'docs/notes.txt'" in verified.stdout
    (folder / "docs/notes.txt").unlink()
    bag = mediaflow("verify", project.key, "--bag", tmp_path / "bag")
    assert (bag.returncode, bag.stderr.splitlines()) == (
        1,
        [f"{folder / 'docs/notes.txt'}: No such file or directory."],
    )


def test_a_failing_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).mkdir()  # reading it is an OSError, as on a failing disk
    with pytest.raises(BadInput, match="cannot be read"):
        inspect(folder)
    assert "docs/a.mp4" in foreign_files(folder)


def test_what_people_add_is_foreign_and_what_file_managers_leave_is_not(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home"), asc_mhl=True).delivery.folder
    for name in (".DS_Store", "docs/Thumbs.db", "docs/desktop.ini", "docs/._a.mp4"):
        (folder / name).write_bytes(b"")
    assert foreign_files(folder) == []
    (folder / "ascmhl/0002_dit.mhl").write_text("<hashlist/>")
    (folder / "grades").mkdir()
    (folder / "grades/a.cdl").write_text("grade")
    assert foreign_files(folder) == ["ascmhl/0002_dit.mhl", "grades/a.cdl"]
