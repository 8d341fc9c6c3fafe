"""The sensor asks for exactly the runs that are needed: none at a first start, none twice, none forgotten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import msgspec
import pytest

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.delivery.analysis_store import Metadata
from mediaflow_assets.delivery.record import DeliveredVideo, DeliveryRecord, DeliveryRecords
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.edits import Base, Cut
from mediaflow_assets.review.journal import Journal, journals
from mediaflow_assets.review.record import undo
from mediaflow_assets.review.state import NOTHING, fold
from mediaflow_assets.sensors import corrections as sensor

BASE = Base(video="cd" * 32, total_frames=50)


class Studio:
    """Delivered projects of one video each, as far as the sensor looks at them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.instance = dg.DagsterInstance.ephemeral()

    def video(self, number: int) -> str:
        return hashlib.sha256(str(number).encode()).hexdigest()

    def key(self, number: int) -> str:
        return f"p{number}_2026-11-21_10-00-00"

    def journal(self, number: int) -> Journal:
        return Journal(self.home / "archives", self.home / "state", self.video(number))

    def add(self, number: int) -> None:
        """A project that the store knows, delivered with what is said now."""
        folder = self.home / "archives" / f"p{number} 2026-11-21_10-00-00" / self.video(number)
        metadata = Metadata(video_path="a.mov", project=self.key(number))
        write_atomic(folder / "metadata.json", msgspec.json.encode(metadata))
        self.instance.add_dynamic_partitions(str(projects.name), [self.key(number)])
        self.deliver(number)

    def deliver(self, number: int) -> None:
        digest = fold(self.journal(number).versions()).digest
        master = Master(
            id="a",
            source_path="a.mov",
            source_sha256=self.video(number),
            path="a.mp4",
            sha256="cd" * 32,
            bytes=1,
            total_frames=50,
            width=640,
            height=360,
            has_audio=True,
        )
        DeliveryRecords(self.home / "state").put(
            DeliveryRecord(
                project=self.key(number),
                name=f"p{number}",
                archive_name=f"p{number} 2026-11-21_10-00-00",
                folder=str(self.home / "output"),
                delivered_at="2026-11-21T10:00:00+00:00",
                manifest_sha256="",
                bytes=0,
                files=0,
                videos=(DeliveredVideo(master=master, paths={"video": "docs/a.mp4"}),),
                review=msgspec.UNSET if digest == NOTHING else {"a": digest},
            )
        )

    def say(self, number: int, frame: int = 20) -> None:
        self.journal(number).append(base=BASE, by="camille", via="cli", edits=[Cut(id="e1", frame=frame)])
        self.quiet(number)

    def undo(self, number: int) -> None:
        undo(self.journal(number), by="camille", via="cli")
        self.quiet(number)

    def quiet(self, number: int) -> None:
        """As if it had been said a while ago; each version at a time of its own."""
        path = self.journal(number).path
        then = 1_700_000_000 + path.stat().st_size
        os.utime(path, (then, then))

    def tick(self) -> dict[str, str]:
        """Project to the run key that is asked for."""
        context = dg.build_sensor_context(instance=self.instance)
        result = sensor.corrections_sensor(context, workspace=Workspace())
        requests = result.run_requests if isinstance(result, dg.SensorResult) else None
        return {str(request.partition_key): str(request.run_key) for request in requests or ()}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    sensor._MEMORY.clear()
    made = Studio(tmp_path / "home")
    yield made
    made.instance.dispose()


def test_a_first_start_over_many_projects_asks_for_what_is_missing_only(studio: Studio) -> None:
    for number in range(300):
        if number % 2:
            studio.say(number)
        studio.add(number)
    assert len(list(journals(studio.home / "archives"))) == 150
    assert studio.tick() == {}
    studio.say(7, frame=30)
    assert list(studio.tick()) == [studio.key(7)]


def test_many_projects_at_once_are_a_run_each(studio: Studio) -> None:
    for number in range(20):
        studio.add(number)
        studio.say(number)
    asked = studio.tick()
    assert sorted(asked) == sorted(studio.key(number) for number in range(20))
    for number in range(20):
        studio.deliver(number)
    assert studio.tick() == {}


def test_said_and_taken_back_before_a_run_needs_none(studio: Studio) -> None:
    studio.add(1)
    studio.say(1)
    studio.undo(1)
    assert studio.tick() == {}


def test_what_was_said_delivered_taken_back_and_said_again_is_asked_for_again(studio: Studio) -> None:
    """Dagster remembers run keys for ever: a key made of the state would be dropped."""
    studio.add(1)
    keys = []
    for act in (studio.say, studio.undo, studio.say, studio.undo):
        act(1)
        (key,) = studio.tick().values()
        keys.append(key)
        studio.deliver(1)
        assert studio.tick() == {}
    assert len(set(keys)) == 4


def test_the_same_is_asked_for_with_the_same_key(studio: Studio) -> None:
    """So a run that failed is not started again until somebody says something."""
    studio.add(1)
    studio.say(1)
    assert studio.tick() == studio.tick()


def test_a_project_with_a_run_under_way_waits_and_is_not_forgotten(studio: Studio) -> None:
    studio.add(1)
    tags = {"dagster/partition": studio.key(1)}
    run = studio.instance.create_run_for_job(
        dg.GraphDefinition(name="chain").to_job(), tags=tags, status=dg.DagsterRunStatus.STARTED
    )
    studio.say(1)
    assert studio.tick() == {}
    studio.instance.delete_run(run.run_id)
    assert list(studio.tick()) == [studio.key(1)]


def test_whoever_is_still_correcting_is_waited_for(studio: Studio) -> None:
    studio.add(1)
    studio.say(1)
    os.utime(studio.journal(1).path)
    assert studio.tick() == {}
    studio.quiet(1)
    assert list(studio.tick()) == [studio.key(1)]


def test_a_damaged_journal_stops_nobody_else(studio: Studio) -> None:
    for number in (1, 2):
        studio.add(number)
        studio.say(number)
    path = studio.journal(1).path
    path.write_bytes(path.read_bytes().replace(b"camille", b"camilla"))
    studio.quiet(1)
    assert list(studio.tick()) == [studio.key(2)]


def test_nothing_is_started_where_a_person_decides(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_APPLY", "ask")
    studio.add(1)
    studio.say(1)
    assert studio.tick() == {}
