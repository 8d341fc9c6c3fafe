"""Past projects: what is one, what belongs to it, and that it is recognised again."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.archives.model import Limits
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.intake.contents import unpack
from mediaflow_assets.intake.fingerprint import SAMPLE, SAMPLES, fingerprint
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.legacy_projects import arrival_of, find, project_files
from mediaflow_assets.intake.receive import content_of, receive
from mediaflow_assets.intake.register import register, register_all, restore_all
from tests.intake.servers import package

FILM = b"not really a film"
RESULTS = ("a.csv", "a_scenes.csv", "a.json", "a_audio.json", "a_tracking.json", "a_audio.json.gz")


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILM + name.encode())
    return folder


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """A project folder of the replaced application with the results of its analysis."""
    content = ["a.mov", "rushes/b.mp4", "notes.txt", "a_notes.json", "rushes/data.csv"]
    junk = [".DS_Store", "__MACOSX/._a.mov", "rushes/a.temp_conversion.mov"]
    return make(tmp_path / "13 Camille" / "docs", *content, *RESULTS, *junk).parent


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(FolderSettings(home=tmp_path / "home"))


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite")


def test_results_and_junk_are_not_what_was_received(legacy: Path) -> None:
    expected = ["docs/a.mov", "docs/a_notes.json", "docs/notes.txt", "docs/rushes/b.mp4", "docs/rushes/data.csv"]
    assert project_files(legacy) == expected


def test_links_are_not_followed(legacy: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.mov").write_bytes(FILM)
    (legacy / "docs" / "link.mov").symlink_to(tmp_path / "secret.mov")
    (legacy / "docs" / "folder").symlink_to(tmp_path)
    assert not any("link" in file or "folder" in file for file in project_files(legacy))


def test_every_kind_is_found_and_everything_else_is_named(legacy: Path, tmp_path: Path) -> None:
    make(tmp_path / "14_Lea_2026-11-21_10-00-00" / "docs", "a.mp4")
    (tmp_path / "14_Lea_2026-11-21_10-00-00" / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    make(tmp_path / "15 loose", "x.mp4")
    make(tmp_path / "empty" / "docs", "nothing.txt")
    (tmp_path / "16_Camille.zip").write_bytes(package())
    (tmp_path / "notes.txt").write_text("hello")
    found = find([tmp_path, tmp_path / "nowhere"])
    assert {(arrival.filename, arrival.kind) for arrival in found.arrivals} == {
        ("13 Camille", "legacy"),
        ("14_Lea_2026-11-21_10-00-00", "folder"),
        ("15 loose", "legacy"),
        ("16_Camille.zip", "file"),
    }
    assert len(found.problems) == 3
    assert all(name in str(found.problems) for name in ("notes.txt", "empty", "nowhere"))


def test_what_cannot_be_read_hides_nothing_else(legacy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "endless").symlink_to("endless")
    os.mkfifo(tmp_path / "pipe")
    make(tmp_path / "locked", "a.mp4")
    forbid(monkeypatch, tmp_path / "locked")
    found = find([tmp_path, tmp_path / "locked"])
    assert [arrival.filename for arrival in found.arrivals] == [legacy.name]
    names = ["dangling: does not exist", "endless", "pipe", "locked: cannot be read", "locked: cannot be read"]
    for problem, name in zip(sorted(found.problems), sorted(names), strict=True):
        assert name in problem


def forbid(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take the permission to list a folder away, also from a superuser, who would not miss it."""
    iterdir = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refused)


def test_the_same_content_is_known_wherever_it_is_imported_from(
    legacy: Path, tmp_path: Path, layout: Layout, history: History
) -> None:
    first, _ = register(layout, history, arrival_of(legacy))
    assert first.name == "13 Camille"
    shutil.copytree(legacy, tmp_path / "copy")
    (tmp_path / "copy" / "docs" / "b_tracking.json").unlink(missing_ok=True)
    (tmp_path / "copy" / "docs" / "a.csv").write_text("analysed again")
    assert register(layout, history, arrival_of(tmp_path / "copy")) == (first, False)
    (tmp_path / "copy" / "docs" / "notes.txt").write_text("changed")
    assert register(layout, history, arrival_of(tmp_path / "copy")).new


def test_an_archive_that_came_by_a_link_is_known_on_import(tmp_path: Path, layout: Layout, history: History) -> None:
    archive = tmp_path / "13_Camille.zip"
    archive.write_bytes(package())
    (tmp_path / "inbox.zip").write_bytes(package())
    from mediaflow_assets.intake.register import UploadRequest

    origin, _ = register(
        layout, history, UploadRequest(kind="inbox", filename="i.zip", identity="i", path=tmp_path / "inbox.zip")
    )
    received, _ = receive(layout.project(origin.project), lambda *_: archive)
    history.mark(origin.project, "received", sha256=received.sha256, fingerprint=received.fingerprint)
    assert register(layout, history, arrival_of(archive)) == (origin, False)


def test_a_folder_is_received_where_it_is_and_taken_over(legacy: Path, layout: Layout, history: History) -> None:
    origin, _ = register(layout, history, arrival_of(legacy))
    folders = layout.project(origin.project)
    receive(folders, lambda *_: legacy)
    received, content = content_of(folders)
    assert content == legacy
    limits = Limits(max_bytes=1, max_entries=1, max_ratio=2)
    extraction, cached = unpack(content, received.sha256, folders, limits)
    assert not cached
    assert [video.path for video in extraction.videos] == ["a.mov", "rushes/b.mp4"]
    assert [file.path for file in extraction.others] == ["a_notes.json", "notes.txt", "rushes/data.csv"]
    assert (folders.extracted / "a.mov").read_bytes() == (legacy / "docs" / "a.mov").read_bytes()
    assert unpack(content, received.sha256, folders, limits)[1]


def test_a_folder_that_changed_or_went_is_said(legacy: Path, layout: Layout, history: History) -> None:
    origin, _ = register(layout, history, arrival_of(legacy))
    folders = layout.project(origin.project)
    make(legacy / "docs", "new.mov")
    with pytest.raises(BadInput, match="has changed"):
        receive(folders, lambda *_: legacy)
    (legacy / "docs" / "new.mov").unlink()
    elsewhere = legacy.rename(legacy.with_name("elsewhere"))
    with pytest.raises(BadInput, match="does not exist any more"):
        receive(folders, lambda *_: legacy)
    moved, new = register(layout, history, arrival_of(elsewhere))
    assert (moved.project, new) == (origin.project, False)
    assert receive(folders, lambda *_: legacy)[1] == elsewhere


def test_projects_survive_the_loss_of_the_history(
    legacy: Path, tmp_path: Path, layout: Layout, history: History
) -> None:
    origin, _ = register(layout, history, arrival_of(legacy))
    receive(layout.project(origin.project), lambda *_: legacy)
    empty = History(tmp_path / "new.sqlite")
    for times in (True, False):
        found = find([layout.downloads])
        assert restore_all(layout, empty, found.origins) == [(origin, times)]
    (upload,) = empty.all()
    assert (upload.project, upload.state) == (origin.project, "received")


def test_registering_again_repairs_what_a_kill_left_out(legacy: Path, layout: Layout, history: History) -> None:
    (first,) = register_all(layout, history, [arrival_of(legacy)])
    layout.project(first.origin.project).origin.unlink()
    (again,) = register_all(layout, history, [arrival_of(legacy)])
    assert again == (first.origin, False)
    assert layout.project(first.origin.project).origin.exists()


@given(st.integers(0, 3 * SAMPLES), st.integers(-1, 1), st.data())
def test_a_fingerprint_sees_every_change_of_a_small_file_and_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, quarters: int, more: int, data: st.DataObject
) -> None:
    size = max(1, quarters * SAMPLE // 2 + more)
    path = tmp_path_factory.getbasetemp() / "fingerprinted"
    path.write_bytes(bytes(size))
    before = fingerprint(path)
    path.write_bytes(bytes(size + 1))
    assert fingerprint(path) != before
    place = data.draw(st.integers(0, min(size, SAMPLE) - 1) if size > SAMPLE * SAMPLES else st.integers(0, size - 1))
    content = bytearray(size)
    content[place] = 1
    path.write_bytes(content)
    assert fingerprint(path) != before
