"""A delivery is complete, verified, and replaces another one only then."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.delivery import swap
from mediaflow_assets.delivery.bag import inspect, read_manifest
from mediaflow_assets.formats.manifest import write_document
from tests.delivery.projects import Project, finalized, hidden, tree

ODD = [
    "quote's.txt",
    'double"quote.txt',
    "$(touch PWNED).txt",
    "`touch PWNED`.txt",
    "line\nbreak.txt",
    "carriage\rreturn.txt",
    "[1080p] *?.txt",
    "per%cent %0A.txt",
    "back\\slash.txt",
    "-rf.txt",
    " spaces  around .txt ",
    "é" * 125 + ".txt",
    "x" * 251 + ".txt",
    "ünïcode 日本語.txt",
    "sub folder/$HOME/~.txt",
    "con",
]


def test_contract_names_under_docs(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov", "sub/a.mp4"], others=["notes.txt", "sub/b.aep"])
    done = finalized(project)
    folder = project.home / "output" / project.key
    assert done.delivery.folder == folder
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "bag-info.txt",
        "bagit.txt",
        "docs/a.csv",
        "docs/a.mp4",
        "docs/a_audio.json",
        "docs/a_tracking.json",
        "docs/notes.txt",
        "docs/sub/a.csv",
        "docs/sub/a.mp4",
        "docs/sub/a_audio.json",
        "docs/sub/a_tracking.json",
        "docs/sub/b.aep",
        "manifest-sha256.txt",
    ]
    assert inspect(folder).intact
    assert hidden(folder.parent) == []


def test_the_same_again_is_left_alone(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    first = finalized(project).delivery
    inode = (first.folder / "docs/a.mp4").stat().st_ino
    second = finalized(project).delivery
    assert second.unchanged
    assert (second.folder / "docs/a.mp4").stat().st_ino == inode
    assert second.version == first.version


def test_a_changed_delivery_replaces_the_former_one(tmp_path: Path) -> None:
    finalized(Project(tmp_path / "home", others=["old.txt"]))
    new = Project(tmp_path / "home", content="!")
    done = finalized(new)
    assert not done.delivery.unchanged
    assert not (done.delivery.folder / "docs/old.txt").exists()
    assert inspect(done.delivery.folder).intact
    assert hidden(done.delivery.folder.parent) == []


def test_names_come_through_exact(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["$(touch PWNED) [1080p] 'x'.mov", "x" * 251 + ".mp4"], others=ODD)
    before = project.sources()
    folder = finalized(project).delivery.folder
    delivered = {path.relative_to(folder / "docs").as_posix() for path in (folder / "docs").rglob("*")}
    assert set(ODD) <= delivered
    assert {
        "$(touch PWNED) [1080p] 'x'.mp4",
        "$(touch PWNED) [1080p] 'x'_tracking.json",
        "x" * 251 + ".mp4",
    } <= delivered
    assert {f"docs/{name}" for name in ODD} <= read_manifest(folder).keys()
    assert inspect(folder).intact
    assert not list(tmp_path.rglob("PWNED"))
    assert project.sources() == before


def test_a_document_whose_name_is_too_long_is_shortened_and_listed(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["x" * 251 + ".mp4"])
    done = finalized(project)
    renamed = {file.kind: file.path for file in done.delivery.renamed}
    assert set(renamed) == {"audio", "tracking"}
    stems = {path.rpartition("_")[0] for path in renamed.values()}
    assert len(stems) == 1, "both documents are shortened to the same stem"
    listing = (done.delivery.folder / "renamed-files.csv").read_text(encoding="utf-8")
    assert all(path in listing for path in renamed.values())


def test_nothing_is_delivered_over_anything_else(tmp_path: Path) -> None:
    project = Project(
        tmp_path / "home",
        videos=["a.mov", "a.mp4", "docs/b.mp4"],
        others=["a.csv", "a_tracking.json", "b.mp4.txt", "docs/b.csv", "x.txt", "docs/x.txt"],
    )
    done = finalized(project)
    files = {file.wanted: file for file in done.delivery.files}
    assert len(done.delivery.files) == len({file.path for file in done.delivery.files}) == 3 * 4 + 6
    content = tree(done.delivery.folder / "docs")
    for file in done.delivery.files:
        assert content[str(done.delivery.folder / file.path)] == file.sha256
    own = {file.path for file in done.delivery.files if file.video == "v1"}
    assert own == {"docs/a.mp4", "docs/a.csv", "docs/a_audio.json", "docs/a_tracking.json"}
    assert {file.path for file in done.delivery.files if file.video == "v0"} == {
        "docs/a.mov.mp4",
        "docs/a.mov.csv",
        "docs/a.mov_audio.json",
        "docs/a.mov_tracking.json",
    }
    assert files["docs/b.mp4"].path == "docs/b.mp4", "a docs folder in the archive goes into ours"
    assert {file.wanted for file in done.delivery.renamed} >= {"docs/a.csv", "docs/a_tracking.json", "docs/b.csv"}


def test_tracking_may_have_the_name_of_the_legacy_scripts(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home"), tracking_name="{stem}.json").delivery.folder
    assert (folder / "docs/a.json").is_file()
    assert not (folder / "docs/a_tracking.json").exists()


@pytest.mark.parametrize(
    ("mode", "kinds", "named"),
    [
        ("strict", ["scenes", "audio"], "no tracking"),
        ("strict", ["tracking"], "no scenes"),
        ("lenient", [], "no analysis"),
    ],
)
def test_a_project_that_is_not_ready_is_refused_by_name(
    tmp_path: Path, mode: str, kinds: list[str], named: str
) -> None:
    finalized(Project(tmp_path / "home"))
    project = Project(tmp_path / "home", videos=["a.mov", "b.mov"], kinds=kinds, content="2")
    before = tree(project.home / "output"), project.sources()
    with pytest.raises(BadInput) as caught:
        finalized(project, finalize_mode=mode)
    assert "a.mov" in str(caught.value)
    assert "b.mov" in str(caught.value)
    assert named in str(caught.value)
    assert (tree(project.home / "output"), project.sources()) == before


def test_videos_suffice_when_that_is_asked_for(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=[])
    assert [file.path for file in finalized(project, finalize_mode="videos").delivery.files] == ["docs/a.mp4"]


def test_analyses_of_another_25_fps_video_do_not_count(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    Project(tmp_path / "home", kinds=[], content="2")  # the video was sent again and is not analysed yet
    with pytest.raises(BadInput, match="no analysis"):
        finalized(project)


def test_a_source_that_changed_is_never_delivered(tmp_path: Path) -> None:
    first = finalized(Project(tmp_path / "home")).delivery
    before = tree(first.folder)
    project = Project(tmp_path / "home", content="2")
    (project.folders.video / "v0.mp4").write_bytes(b"x" * project.payload)
    with pytest.raises(BadInput, match="not what was recorded"):
        finalized(project)
    assert tree(first.folder) == before


def test_a_bit_that_flips_on_its_way_to_the_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    really = os.fsync

    def failing_disk(descriptor: int) -> None:
        really(descriptor)
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "a.mp4":
            byte = os.pread(descriptor, 1, 1000)
            os.pwrite(descriptor, bytes([byte[0] ^ 4]), 1000)

    monkeypatch.setattr(os, "fsync", failing_disk)
    with pytest.raises(Interrupted, match="does not contain what was written"):
        finalized(project, attempts=2, retry_seconds=0)
    assert not (project.home / "output" / project.key).exists()
    monkeypatch.undo()
    assert inspect(finalized(project).delivery.folder).intact


def test_a_broken_copy_goes_on_where_it_stopped(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", others=["big.bin"])
    (project.folders.extracted / "big.bin").write_bytes(os.urandom(40 << 20))
    write_document(project.folders.extraction, project.extraction)
    incoming = swap.incoming(project.home / "output", project.key)
    (incoming / "docs").mkdir(parents=True)
    part = (project.folders.extracted / "big.bin").read_bytes()[: 30 << 20]
    (incoming / "docs/big.bin").write_bytes(part)
    (incoming / "docs/stale.txt").write_text("of another version")
    before = _written_bytes()
    done = finalized(project)
    assert _written_bytes() - before < 20 << 20, "the 30 MB that were there are not written again"
    assert inspect(done.delivery.folder).intact
    assert not (done.delivery.folder / "docs/stale.txt").exists()


def _written_bytes() -> int:
    """Bytes that this process has given to write calls."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["wchar"])


def test_a_passing_fault_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    faults = iter([5, 110])  # EIO, ETIMEDOUT
    really = os.fsync

    def weak_network(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "a.mp4" and (number := next(faults, 0)):
            raise OSError(number, os.strerror(number))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", weak_network)
    done = finalized(project, attempts=3, retry_seconds=0)
    assert inspect(done.delivery.folder).intact
    assert [note for note in done.record.notes if "try" in note] == ["a.mp4: try 2 of 3", "a.mp4: try 3 of 3"]


def test_somebodys_file_in_the_former_delivery_is_kept(tmp_path: Path) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder
    (folder / "docs/edit.aep").write_text("hours of work")
    done = finalized(Project(tmp_path / "home", content="2"))
    (aside,) = folder.parent.glob(f"{folder.name}__replaced_*")
    assert (aside / "docs/edit.aep").read_text() == "hours of work"
    assert any("docs/edit.aep" in note for note in done.record.notes)
    assert inspect(done.delivery.folder).intact


def test_a_folder_without_a_manifest_is_kept_aside(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    folder = project.home / "output" / project.key
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/of_the_replaced_application.mp4").write_text("video")
    done = finalized(project)
    (aside,) = folder.parent.glob(f"{folder.name}__replaced_*")
    assert (aside / "docs/of_the_replaced_application.mp4").exists()
    assert done.record.notes


def test_a_destination_that_cannot_be_written_is_passed_over_loudly(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    (tmp_path / "file").write_text("not a folder")
    done = finalized(project, output=tmp_path / "file" / "out", fallback_output=tmp_path / "fallback")
    assert done.delivery.folder == tmp_path / "fallback" / project.key
    assert any(str(tmp_path / "file" / "out") in note for note in done.record.notes)
    done = finalized(project, output=tmp_path / "main", fallback_output=tmp_path / "fallback")
    assert done.delivery.folder == tmp_path / "main" / project.key
    assert any("fallback" in note for note in done.record.notes), "the other copy is named"


def test_a_destination_that_had_to_be_made_is_said(tmp_path: Path) -> None:
    """The disk that should be there may not be mounted."""
    project = Project(tmp_path / "home")
    said = f"{tmp_path / 'disk'} did not exist and was made; is its disk mounted?"
    assert finalized(project, output=tmp_path / "disk").record.notes == (said,)
    assert finalized(Project(tmp_path / "home", content="2"), output=tmp_path / "disk").record.notes == ()
    assert finalized(Project(tmp_path / "other")).record.notes == (), (
        "the installation's own folder is made as it should"
    )


def test_a_destination_that_wakes_up_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    faults = iter([5, 110])  # EIO, ETIMEDOUT
    really = Path.mkdir

    def sleeping_share(path: Path, *arguments: bool, **settings: bool) -> None:
        if path.name.endswith(".probe") and path.parent == tmp_path and (number := next(faults, 0)):
            raise OSError(number, os.strerror(number), str(path))
        really(path, *arguments, **settings)

    monkeypatch.setattr(Path, "mkdir", sleeping_share)
    done = finalized(project, output=tmp_path, attempts=3, retry_seconds=0)
    assert done.delivery.folder.parent == tmp_path


def test_asc_mhl_on_request(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", others=['quote\'s "x" [1].txt'])
    folder = finalized(project, asc_mhl=True).delivery.folder
    (history,) = folder.glob("ascmhl/0001_*.mhl")
    assert project.key in history.name
    tool = Path(sys.executable).parent / "ascmhl-debug"
    checked = subprocess.run([tool, "verify", folder], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (folder / "docs/a.mp4").write_bytes(b"changed")
    assert subprocess.run([tool, "verify", folder], capture_output=True, check=False).returncode != 0
    assert finalized(project, asc_mhl=True).delivery.unchanged is False, "a damaged delivery is replaced"


def test_a_former_delivery_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", others=["notes.txt"])
    folder = finalized(project).delivery.folder
    (folder / "docs/notes.txt").unlink()
    (folder / "docs/notes.txt").symlink_to(tmp_path / "home")
    done = finalized(project)
    assert not done.delivery.unchanged
    assert inspect(folder).intact
    assert any("docs/notes.txt" in note for note in done.record.notes), "the former one is kept aside"


def test_a_former_delivery_that_cannot_be_removed_does_not_stop_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder
    stuck = folder.parent / f".{folder.name}.trash"
    (stuck / "in use").mkdir(parents=True)

    def immovable(path: Path, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise OSError(16, os.strerror(16), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(swap.shutil, "rmtree", immovable)
        done = finalized(Project(tmp_path / "home", content="2"))
    assert inspect(done.delivery.folder).intact
    assert any("cannot be removed (Device or resource busy)" in note for note in done.record.notes)
    assert inspect(finalized(Project(tmp_path / "home", content="3")).delivery.folder).intact
    assert hidden(folder.parent) == [], "it goes as soon as it can"


def test_a_former_delivery_that_stays_hidden_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = finalized(Project(tmp_path / "home")).delivery.folder

    def failing(former: Path) -> list[str]:
        raise OSError(5, os.strerror(5), str(former))

    with monkeypatch.context() as patch:
        patch.setattr(swap, "foreign_files", failing)
        done = finalized(Project(tmp_path / "home", content="2"))
    assert inspect(folder).intact
    assert any("still hidden here" in note for note in done.record.notes)
    finalized(Project(tmp_path / "home", content="2"))
    assert hidden(folder.parent) == []


def test_a_file_that_is_too_large_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home")
    really = os.fsync

    def fat(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "a.mp4":
            raise OSError(27, os.strerror(27))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fat)
    with pytest.raises(Unavailable, match=r"a\.mp4: is on a disk that cannot hold a file of this size"):
        finalized(project)


def test_the_folders_are_on_the_disk_before_they_get_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = []
    monkeypatch.setattr(swap, "flush", lambda folder: flushed.append(folder.name))
    finalized(Project(tmp_path / "home", videos=["sub/a.mov"]))
    assert flushed == ["sub", "docs", ".13_Camille_2026-11-21_10-00-00.incoming", "output"]


def test_what_did_not_change_is_linked_and_what_was_touched_is_copied(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", videos=["a.mov"], others=["notes.txt", "touched.txt"])
    folder = finalized(project).delivery.folder
    before = {path.name: path.stat() for path in (folder / "docs").iterdir()}
    touched = folder / "docs" / "touched.txt"
    touched.write_text("x" * before["touched.txt"].st_size)
    project.analyse(project.masters[0], "audio", label="SPEAKER_07")
    project.reduce(project.masters[0])
    finalized(project)
    after = {path.name: path.stat().st_ino for path in (folder / "docs").iterdir()}
    same = {name for name, facts in before.items() if after[name] == facts.st_ino}
    assert same == {"a.mp4", "a.csv", "a_tracking.json", "notes.txt"}
    assert inspect(folder).intact


def test_where_there_are_no_links_everything_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "home", videos=["a.mov"], others=["notes.txt"])
    folder = finalized(project).delivery.folder
    before = (folder / "docs" / "a.mp4").stat().st_ino

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    project.analyse(project.masters[0], "audio", label="SPEAKER_07")
    project.reduce(project.masters[0])
    finalized(project)
    assert (folder / "docs" / "a.mp4").stat().st_ino != before
    assert inspect(folder).intact
