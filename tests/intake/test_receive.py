"""Receiving: once, whole, and the same after a kill -9 as without one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.receive import Received, receive
from mediaflow_assets.intake.register import UploadRequest, register
from support.installation import REPOSITORY
from tests.intake import servers
from tests.intake.poller import poll
from tests.intake.servers import Server, package

DATA = package(600_000)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serves a webhook with one link, to ``/a.zip``."""
    with servers.misbehaving() as running:
        record = {"source_url": f"{running.url}/a.zip", "original_filename": "13_Camille.zip"}
        monkeypatch.setenv(
            "WEBHOOK_JSON_URL", running.serve("/links.json", servers.whole(json.dumps([record]).encode()))
        )
        monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
        monkeypatch.setenv("DOWNLOAD_LONGEST_WAIT", "0")
        monkeypatch.setenv("MIN_FREE_BYTES", "0")
        yield running


def layout(home: Path) -> Layout:
    return Layout(FolderSettings(home=home))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Polls in this process."""

    def undisturbed(home: Path, *arguments: str) -> None:
        monkeypatch.setenv("MEDIAFLOW_HOME", str(home))
        assert poll(*arguments)

    return undisturbed


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.intake.poller", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "MEDIAFLOW_HOME": str(home), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output.split()


def kill_when(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Kill a process while ``condition`` holds: it is stopped first, and goes on when that was too late."""
    deadline = time.monotonic() + 60
    while True:
        while not condition():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        if condition():
            break
        process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def files(folder: Path) -> dict[str, str]:
    """What a folder holds, without lock files."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def one_project(home: Path) -> ProjectFolders:
    (folder,) = layout(home).downloads.iterdir()
    return layout(home).project(folder.name)


def content(home: Path) -> dict[str, str]:
    """Everything of the only project but what names it and its time."""
    folders = one_project(home)
    return files(folders.extracted) | {
        name: digest for name, digest in files(folders.downloads).items() if name not in ("origin.json", "status.json")
    }


def test_a_killed_download_is_resumed_and_ends_like_an_undisturbed_one(
    server: Server, tmp_path: Path, run: Callable[..., None]
) -> None:
    server.serve("/a.zip", servers.ranged(DATA))
    run(tmp_path / "undisturbed")
    server.serve("/a.zip", servers.silent_after(DATA, 250_000), servers.ranged(DATA))
    home = tmp_path / "disturbed"
    parts = layout(home).downloads
    kill_when(start(home), lambda: any(path.stat().st_size == 250_000 for path in parts.glob("*/*.part")))
    assert not list(parts.glob("*/*.zip"))
    run(home)
    assert content(home) == content(tmp_path / "undisturbed")
    assert server.asked("/a.zip")[-1]["Range"] == "bytes=250000-"


def test_a_killed_extraction_leaves_nothing_and_is_done_again(
    server: Server, tmp_path: Path, run: Callable[..., None]
) -> None:
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for number in range(4000):
            target.writestr(f"{number:04}.txt", f"{number}" * 500)
        target.writestr("film.mov", bytes(60_000_000))  # stored, and written when the small files are there
    server.serve("/a.zip", servers.whole(archive.read_bytes()))
    run(tmp_path / "undisturbed", "unpack")
    home = tmp_path / "disturbed"
    kill_when(start(home, "unpack"), lambda: any(layout(home).work.glob("*/.unpack-*/.extracting-*/0100.txt")))
    folders = one_project(home)
    assert not folders.extracted.exists()
    assert not folders.extraction.exists()
    run(home, "unpack")
    assert content(home) == content(tmp_path / "undisturbed")
    assert not list(folders.work.glob(".unpack-*"))


def test_two_processes_that_poll_at_once_download_once(server: Server, tmp_path: Path) -> None:
    server.serve("/a.zip", servers.ranged(DATA))
    pollers = [start(tmp_path / "home") for _ in range(2)]
    results = [finish(poller) for poller in pollers]
    assert [*results[0], *results[1]]
    assert len(list(layout(tmp_path / "home").downloads.iterdir())) == 1
    assert len(server.asked("/a.zip")) == 1


# --- in this process ----------------------------------------------------------------------------


@pytest.fixture
def registered(tmp_path: Path) -> Callable[..., ProjectFolders]:
    """Registers an archive and returns its project's folders."""

    def make(path: Path, kind: str = "file", identity: str = "") -> ProjectFolders:
        where = layout(tmp_path / "home")
        arrival = UploadRequest(kind=kind, filename=path.name, identity=identity or f"x:{path}", path=path)  # type: ignore[arg-type]
        origin, _ = register(where, History(tmp_path / "history.sqlite"), arrival)
        return where.project(origin.project)

    return make


def nothing(*_: object) -> Path:
    raise AssertionError("nothing is downloaded")


def bring(folders: ProjectFolders) -> tuple[Received, Path]:
    return receive(folders, nothing)


@pytest.mark.parametrize("kind", ["inbox", "file"])
def test_a_local_archive_is_taken_once(tmp_path: Path, registered: Callable[..., ProjectFolders], kind: str) -> None:
    source = tmp_path / "13_Camille.zip"
    source.write_bytes(DATA)
    folders = registered(source, kind)
    received, path = bring(folders)
    assert path.read_bytes() == DATA
    assert source.exists() == (kind == "file")
    assert bring(folders) == (received, path)


def test_an_archive_that_arrived_before_the_kill_is_not_fetched_again(
    tmp_path: Path, registered: Callable[..., ProjectFolders]
) -> None:
    source = tmp_path / "13_Camille.zip"
    source.write_bytes(DATA)
    folders = registered(source, "inbox")
    source.rename(folders.downloads / source.name)
    assert bring(folders)[1].read_bytes() == DATA


def test_an_archive_never_takes_the_name_of_a_document(
    tmp_path: Path, registered: Callable[..., ProjectFolders]
) -> None:
    source = tmp_path / "origin.json"
    source.write_bytes(DATA)
    folders = registered(source, "inbox")
    origin = folders.origin.read_bytes()
    assert bring(folders)[1].name == "origin.json.zip"
    assert folders.origin.read_bytes() == origin


def test_a_damaged_archive_is_kept_and_brought_again(tmp_path: Path, registered: Callable[..., ProjectFolders]) -> None:
    source = tmp_path / "13_Camille.zip"
    source.write_bytes(DATA)
    folders = registered(source)
    path = bring(folders)[1]
    path.unlink()
    path.write_bytes(b"damaged")
    assert bring(folders)[1].name == "13_Camille_1.zip"
    assert path.read_bytes() == b"damaged"


def test_a_source_that_is_gone_or_changed_is_said(tmp_path: Path, registered: Callable[..., ProjectFolders]) -> None:
    source = tmp_path / "13_Camille.zip"
    source.write_bytes(DATA)
    with pytest.raises(BadInput, match="has changed"):
        bring(registered(source, identity="sample:" + "0" * 64))
    folders = registered(source, identity="other")
    source.unlink()
    with pytest.raises(BadInput, match="does not exist any more"):
        bring(folders)


@pytest.mark.parametrize("kind", ["file", "inbox"])
def test_the_received_archive_is_a_file_of_its_own(kind: Literal["file", "inbox"], tmp_path: Path) -> None:
    """Whoever still holds the sender's file, or another name of it, cannot change what was received."""
    source, other_name = tmp_path / "13_Camille.zip", tmp_path / "kept by the sender.zip"
    source.write_bytes(DATA)
    other_name.hardlink_to(source)
    there, history = layout(tmp_path / "home"), History(tmp_path / "home" / "history.sqlite")
    origin, _ = register(there, history, UploadRequest(kind=kind, filename=source.name, identity="x", path=source))
    received, path = receive(there.project(origin.project), _nothing)
    assert path.stat().st_nlink == 1
    other_name.write_bytes(b"changed")
    assert sha256_of(path) == received.sha256


def test_a_hard_link_of_an_earlier_version_is_made_a_file(tmp_path: Path) -> None:
    source = tmp_path / "13_Camille.zip"
    source.write_bytes(DATA)
    there, history = layout(tmp_path / "home"), History(tmp_path / "home" / "history.sqlite")
    origin, _ = register(there, history, UploadRequest(kind="file", filename=source.name, identity="x", path=source))
    folders = there.project(origin.project)
    _, path = receive(folders, _nothing)
    path.unlink()
    path.hardlink_to(source)
    assert receive(folders, _nothing)[1].stat().st_nlink == 1


def _nothing(origin: Origin, folder: Path) -> Path:
    raise AssertionError
