"""One state of each project, the same wherever it is listed, from what is written down about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords, LeftOutVideo, now
from mediaflow_assets.execution.failures import VideoFailure, keep_failure
from mediaflow_assets.execution.progress import ProgressFile
from mediaflow_assets.intake.history import History, open_history
from mediaflow_assets.intake.uploads import Claim
from mediaflow_assets.operations.alerts import Alert, Event, keep_last_run
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.orchestration.project_states import show_running
from mediaflow_assets.settings import Settings
from tests.delivery.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Analysed, not delivered."""
    return Project(tmp_path / "home", videos=["a.mov", "b.mov"])


@pytest.fixture
def history(project: Project) -> History:
    history = open_history(Settings.load().intake, project.layout.state)
    history.claim(Claim("one", lambda attempt: project.key))
    history.mark(project.key, "received")
    return history


def rows(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["projects", "--json", *arguments])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def state() -> tuple[str, str]:
    """As both lists have it."""
    (row,) = rows()
    (upload,) = CliRunner().invoke(app, ["history", "list", "--json"]).stdout.splitlines()
    shown = json.loads(upload)
    assert (shown["project_state"], shown["project_sentence"]) == (row["state"], row["sentence"])
    return row["state"], row["sentence"]


def alert(project: Project, event: Event, text: str, ago: timedelta = timedelta()) -> None:
    at = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    keep_last_run(project.folders.downloads, Alert(event=event, at=at, project=project.key, text=text))


def deliver(project: Project, *left_out: LeftOutVideo) -> None:
    folder = project.home / "output" / project.key
    folder.mkdir(parents=True)
    record = DeliveryRecord(
        project=project.key,
        name=project.name,
        archive_name="x",
        folder=str(folder),
        delivered_at=now(),
        manifest_sha256="",
        bytes=0,
        files=0,
        videos=(),
        left_out=left_out,
    )
    DeliveryRecords(project.layout.state).put(record)


def fail(project: Project) -> LeftOutVideo:
    """One of its videos, in the stage of faces."""
    master = project.masters[0]
    sentence = "a.mov: is damaged. Ask for it again."
    keep_failure(project.folders.tracking, master.id, VideoFailure(stage="tracking_json", sentence=sentence, at=now()))
    return LeftOutVideo(
        id=master.id, path="a.mov", sha256=master.source_sha256, stage="tracking_json", sentence=sentence
    )


def test_received_queued_and_failed_as_the_history_has_them(project: Project, history: History) -> None:
    assert state() == ("received", "")
    history.mark(project.key, "failed", reason="It burned.")
    assert state() == ("failed", "It burned.")
    history.retry(project.key)
    assert state()[0] == "queued"


def test_a_run_that_failed_is_seen_until_a_later_one_delivers(project: Project, history: History) -> None:
    alert(project, "project_failed", "The disk is full.", ago=timedelta(minutes=5))
    assert state() == ("failed", "The disk is full.")
    deliver(project)
    history.mark(project.key, "delivered")
    assert state() == ("delivered", "")


def test_a_bad_video_is_waited_for_and_then_left_out(project: Project, history: History) -> None:
    left_out = fail(project)
    alert(project, "project_waits", "It waits.")
    assert state() == ("waiting", "tracking_json: a.mov: is damaged. Ask for it again.")
    deliver(project, left_out)
    assert state() == ("partly delivered", "a.mov: is damaged. Ask for it again.")


def start(project: Project) -> str:
    """A run that is at work on it; returns its id."""
    with open_instance(Settings.load()) as instance:
        instance.add_dynamic_partitions("projects", [project.key])
        tags = {"dagster/partition": project.key}
        run = dg.DagsterRun(job_name="process_project", status=dg.DagsterRunStatus.STARTED, tags=tags)
        return instance.add_run(run).run_id


def status_file(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.folders.downloads / "status.json").read_bytes())
    return found


def test_a_run_at_work_is_seen_with_stage_percent_and_time_left(project: Project, history: History) -> None:
    run_id = start(project)
    assert state() == ("running", "")
    status = project.folders.downloads

    def at_half(run_id: str) -> None:
        lengths = {"a": 30.0, "b": 10.0}
        file = ProgressFile(status, run_id, lengths, lambda done: show_running(project.folders, done), 0)
        file.start("tracking_json", "a", 1, 2)
        file.finish("tracking_json", "a", "made", 60.0)
        file.start("tracking_json", "b", 2, 2)

    at_half("of a run that ended")
    (row,) = rows()
    assert (row["stage"], row["percent"], row["eta_seconds"]) == (None, None, None)
    at_half(run_id)
    (row,) = rows()
    (upload,) = CliRunner().invoke(app, ["history", "list", "--json"]).stdout.splitlines()
    written = status_file(project)
    for shown, prefix in ((row, ""), (json.loads(upload), "project_"), (written, "")):
        assert (shown[f"{prefix}stage"], shown[f"{prefix}percent"]) == ("tracking_json", 75)
        assert shown[f"{prefix}eta_seconds"] >= 0
    assert "state: running  work: tracking_json 75 %, about" in CliRunner().invoke(app, ["projects"]).stdout
    assert set(written) == {
        *("project", "name", "state", "stage", "percent", "eta_seconds"),
        *("sentence", "left_out", "delivery", "report", "updated_at"),
    }


def test_what_failed_waits_or_was_stopped_can_be_tried_again(project: Project, history: History) -> None:
    def retry() -> str:
        return str(CliRunner().invoke(app, ["history", "retry", "13"]).exception or "")

    for event in ("project_failed", "project_waits", "project_canceled"):
        history.mark(project.key, "received")
        alert(project, event, "It burned.")
        assert retry() == ""
        assert state()[0] == "queued"
        assert status_file(project)["state"] == "queued"
    run_id = start(project)
    assert "has a run that is running" in retry()
    with open_instance(Settings.load()) as instance:
        instance.report_run_failed(instance.get_run_by_id(run_id))
    deliver(project)
    history.mark(project.key, "delivered")
    assert "mediaflow backfill" in retry()


def test_the_list_is_narrowed_by_state_and_day(project: Project, history: History) -> None:
    new = datetime.now(UTC).isoformat(timespec="seconds")
    Project(project.home, key="14", name="14 Léa", registered_at=new, content="2")
    assert [row["key"] for row in rows("--today")] == ["14"]
    assert [row["key"] for row in rows("--since", "2026-11-20")] == [project.key, "14"]
    assert [row["key"] for row in rows("--state", "received")] == [project.key, "14"]
    assert rows("--state", "failed") == []
    for wrong in (["--state", "nothing"], ["--since", "yesterday"], ["--since", "2026-11-20", "--today"]):
        assert CliRunner().invoke(app, ["projects", *wrong]).exit_code == 2


def test_uploads_are_counted_by_state_and_kind(history: History) -> None:
    history.add([("https://www.dropbox.com/a", None), ("https://www.dropbox.com/b", None)], "past", kind="webhook")
    said = CliRunner().invoke(app, ["history", "summary"]).stdout.splitlines()
    assert said[0].startswith("3 uploads since 20")
    assert {" ".join(line.split()) for line in said[1:] if line} == {"2 past", "1 received", "2 webhook", "1 unknown"}
    told = json.loads(CliRunner().invoke(app, ["history", "summary", "--json"]).stdout)
    assert (told["uploads"], told["state"]) == (3, {"past": 2, "received": 1})


def test_an_empty_history_is_counted(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["history", "summary"]).stdout.split() == ["0", "uploads"]
