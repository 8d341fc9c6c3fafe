"""``source_archive`` and ``extracted_archive`` in Dagster: what they tell and what they leave in the history."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from mediaflow_assets.assets import extracted_archive, source_archive
from mediaflow_assets.cli import app
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.execution.progress import WATCHER
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.legacy_projects import arrival_of
from mediaflow_assets.intake.register import UploadRequest, register
from mediaflow_assets.resources.downloads import Downloads
from mediaflow_assets.resources.workspace import Workspace
from tests.intake import servers

ASSETS = [source_archive.source_archive, extracted_archive.extracted_archive]
Process = Callable[[UploadRequest], tuple[dg.ExecuteInProcessResult, str]]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "home" / "state" / "history.sqlite")


@pytest.fixture
def process(tmp_path: Path, history: History) -> Process:
    """Registers an upload and materializes both assets."""

    def run(arrival: UploadRequest) -> tuple[dg.ExecuteInProcessResult, str]:
        origin, _ = register(Layout(FolderSettings(home=tmp_path / "home")), history, arrival)
        instance = dg.DagsterInstance.ephemeral()
        instance.add_dynamic_partitions("projects", [origin.project])
        workspace = Workspace()
        result = dg.materialize(
            [*ASSETS, extracted_archive.no_security_findings],
            partition_key=origin.project,
            instance=instance,
            resources={"workspace": workspace, "downloads": Downloads(workspace=workspace)},
            raise_on_error=False,
        )
        return result, origin.project

    return run


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return path


def test_findings_are_counted_by_kind(tmp_path: Path, process: Process) -> None:
    members = {"film.mov": b"film", "con.txt": b"1", "aux.txt": b"2", "a:b.txt": b"3"}
    result, _ = process(arrival_of(packed(tmp_path / "13_Camille.zip", **members)))
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.description == "2 reserved name, 1 stream"
    (event,) = result.asset_materializations_for_node("extracted_archive")
    assert event.metadata["findings"].value == {"reserved name": 2, "stream": 1}


def test_an_ordinary_archive_has_no_findings(tmp_path: Path, process: Process, history: History) -> None:
    result, key = process(arrival_of(packed(tmp_path / "13_Camille.zip", **{"film.mov": b"film"})))
    (check,) = result.get_asset_check_evaluations()
    assert check.passed
    (upload,) = history.of_project(key)
    assert (upload.state, bool(upload.sha256), bool(upload.fingerprint)) == ("received", True, True)


def test_a_refused_archive_is_a_failure_with_its_reason(tmp_path: Path, process: Process, history: History) -> None:
    result, key = process(arrival_of(packed(tmp_path / "13_Camille.zip", **{"../../film.mov": b"film"})))
    assert not result.success
    (upload,) = history.of_project(key)
    assert upload.state == "failed"
    assert "unsafe name" in upload.reason
    assert not list(tmp_path.rglob("film.mov"))


def test_a_download_that_failed_is_kept_with_its_reason_and_can_be_retried(
    process: Process, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"HTTP_HOSTS": "127.0.0.1", "LONGEST_WAIT": "0", "ATTEMPTS": "2"}.items():
        monkeypatch.setenv(f"DOWNLOAD_{name}", value)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("film.mov", b"film")
    with servers.misbehaving() as server:
        url = server.serve("/a.zip", servers.whole(b"", 503))
        arrival = UploadRequest(kind="webhook", filename="a.zip", identity=url, urls=(url,))
        result, key = process(arrival)
        assert not result.success
        (upload,) = history.of_project(key)
        assert upload.state == "failed"
        assert "503" in upload.reason
        history.retry(key)
        server.serve("/a.zip", servers.whole(stream.getvalue()))
        result, again = process(arrival)
        assert (result.success, again) == (True, key)
    assert history.of_project(key)[0].state == "received"


def test_a_download_with_damaged_content_can_be_had_again(
    tmp_path: Path, process: Process, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
    whole = packed(tmp_path / "whole.zip", **{"film.mov": b"the content"}).read_bytes()
    damaged = whole.replace(b"the content", b"an accident")
    with servers.misbehaving() as server:
        url = server.serve("/a.zip", servers.whole(damaged), servers.whole(whole))
        arrival = UploadRequest(kind="webhook", filename="a.zip", identity=url, urls=(url,))
        result, key = process(arrival)
        assert not result.success
        command = f"mediaflow history retry --again {key}"
        assert command in history.of_project(key)[0].reason
        done = CliRunner().invoke(app, command.split()[1:])
        assert done.exit_code == 0, done.output
        assert history.of_project(key)[0].state == "retry"
        result, _ = process(arrival)
        assert result.success
    downloads = tmp_path / "home" / "downloads" / key
    assert (downloads / "a.zip").read_bytes() == whole
    assert (downloads / "a.zip.refused").read_bytes() == damaged


def test_only_a_failed_download_is_had_again(tmp_path: Path, process: Process, history: History) -> None:
    archive = packed(tmp_path / "13_Camille.zip", **{"film.mov": b"film"})
    _, key = process(arrival_of(archive))
    for state in ("failed", "delivered"):
        history.mark(key, state)  # type: ignore[arg-type]
        assert CliRunner().invoke(app, ["history", "retry", "--again", key]).exit_code != 0
        assert history.of_project(key)[0].state == state
        assert (tmp_path / "home" / "downloads" / key / archive.name).exists()


def test_an_error_that_nobody_foresaw_is_a_visible_failure(
    tmp_path: Path, process: Process, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
    monkeypatch.setenv("DOWNLOAD_MAX_RATE", "1000000000")
    (tmp_path / "home" / "state" / "bandwidth").mkdir(parents=True)
    with servers.misbehaving() as server:
        url = server.serve("/a.zip", servers.whole(servers.package()))
        result, key = process(UploadRequest(kind="webhook", filename="a.zip", identity=url, urls=(url,)))
    assert not result.success
    (upload,) = history.of_project(key)
    assert (upload.state, upload.reason) == ("failed", "IsADirectoryError: see the run")


class Watcher:
    """Notes what a terminal would show."""

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []

    def start(self, stage: str, video: str, index: int, total: int) -> None:
        self.seen.append(("start", stage, video))

    def advance(self, fraction: float, note: str = "") -> None:
        self.seen.append(("advance", fraction))

    def finish(self, stage: str, video: str, status: str, seconds: float) -> None:
        self.seen.append(("finish", status))


def test_a_download_is_watched(tmp_path: Path, process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
    watcher = Watcher()
    token = WATCHER.set(watcher)
    try:
        with servers.misbehaving() as server:
            url = server.serve("/a.zip", servers.whole(servers.package(600_000)))
            process(UploadRequest(kind="webhook", filename="a.zip", identity=url, urls=(url,)))
    finally:
        WATCHER.reset(token)
    assert watcher.seen[0] == ("start", "source_archive", "a.zip")
    end = watcher.seen.index(("finish", "made")) + 1
    assert watcher.seen[end - 2 : end] == [("advance", 1.0), ("finish", "made")]
    assert end > 4
