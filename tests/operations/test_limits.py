"""Pools and run limits, seen by what really overlaps under a real daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_graphql import DagsterGraphQLClient

from mediaflow_assets.orchestration.backfills import put_first
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.settings import Settings
from support.installation import REPOSITORY
from support.servers import answers, free_port, stop, wait_for, watchful_dagster

pytestmark = pytest.mark.slow

LOCATION = Path(__file__).with_name("limits_location.py")


@dataclass
class Daemon:
    """A running ``dagster dev`` on the limits location."""

    instance: dg.DagsterInstance
    journal: Path
    port: int

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(text) for path in self.journal.glob("*.json") if (text := path.read_text())]

    def submit(self, keys: list[str], **tags: str) -> None:
        """Queue one run per project, as the UI does."""
        self.instance.add_dynamic_partitions("projects", keys)
        client = DagsterGraphQLClient("127.0.0.1", port_number=self.port)
        for key in keys:
            client.submit_job_execution("both", tags={"dagster/partition": key, "mediaflow/project": key, **tags})

    def finished(self, keys: list[str]) -> bool:
        """Whether every project has been through both steps."""
        done = {entry["project"] for entry in self.entries() if entry["end"] and entry["pool"] == "inference"}
        return done >= set(keys)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LIMITS_JOURNAL": str(self.journal), "PYTHONPATH": str(REPOSITORY)}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    tmp_path = tmp_path_factory.mktemp("limits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIAFLOW_HOME", str(tmp_path / "home"))
        patch.setenv("MEDIAFLOW_DAGSTER_YAML", str(watchful_dagster(tmp_path)))
        instance = open_instance(Settings.load())
        journal = tmp_path / "journal"
        journal.mkdir()
        port = free_port()
        running = Daemon(instance, journal, port)
        log = (tmp_path / "daemon.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-f", str(LOCATION), "-h", "127.0.0.1", "-p", str(port)],
            env=running.environment,
            cwd=REPOSITORY,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for("the webserver", lambda: answers(port))
        yield running
    except BaseException as error:
        error.add_note((tmp_path / "daemon.log").read_text(errors="replace")[-4000:])
        raise
    finally:
        stop(process)
        log.close()
        instance.dispose()


def overlaps(entries: list[dict[str, Any]]) -> int:
    """The most entries that ran at one moment."""
    moments = sorted([(entry["start"], 1) for entry in entries] + [(entry["end"], -1) for entry in entries])
    most = running = 0
    for _, change in moments:
        running += change
        most = max(most, running)
    return most


def test_limits_hold_and_a_killed_run_gives_its_place_back(daemon: Daemon) -> None:
    keys = ["p1", "p2", "p3", "p4"]
    (daemon.journal / "hang-p1").touch()
    daemon.submit(["p1"])
    wait_for("p1 to be at work", lambda: any(entry["project"] == "p1" for entry in daemon.entries()))
    (hanging,) = daemon.entries()
    os.kill(hanging["pid"], signal.SIGKILL)
    (daemon.journal / "hang-p1").unlink()
    for path in daemon.journal.glob("*.json"):
        path.unlink()
    daemon.submit(keys[1:])

    # p1 comes back by itself: a killed run is started again once, and its pool slot is free by then.
    wait_for("all projects", lambda: daemon.finished(keys), 400)
    entries = [entry for entry in daemon.entries() if entry["end"]]
    assert overlaps([entry for entry in entries if entry["pool"] == "inference"]) == 1
    assert overlaps([entry for entry in entries if entry["pool"] == "encoding"]) == 1
    for key in keys:
        assert overlaps([entry for entry in entries if entry["project"] == key]) == 1


def test_new_projects_go_before_backfills_and_one_can_be_put_first(daemon: Daemon) -> None:
    (daemon.journal / "hang-q0").touch()
    daemon.submit(["q0"])
    wait_for("q0 to be at work", lambda: any(entry["project"] == "q0" for entry in daemon.entries()))
    daemon.submit(["old1", "old2"], **{"dagster/priority": "-10"})
    daemon.submit(["new"], **{"dagster/priority": "10"})
    daemon.submit(["urgent"], **{"dagster/priority": "-10"})
    assert put_first(daemon.instance, "urgent") == 1
    (hanging,) = [entry for entry in daemon.entries() if entry["project"] == "q0"]
    (daemon.journal / "hang-q0").unlink()
    os.kill(hanging["pid"], signal.SIGKILL)
    order = ["urgent", "new", "old1", "old2"]
    wait_for("all projects", lambda: daemon.finished([*order, "q0"]), 400)
    starts = {entry["project"]: entry["start"] for entry in daemon.entries() if entry["pool"] == "encoding"}
    assert sorted(order, key=lambda key: starts[key]) == order
