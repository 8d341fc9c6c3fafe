"""kill -9 of the daemon, the UI, the code server and of all at once while a run is at work and another one waits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
from dagster_graphql import DagsterGraphQLClient

from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.settings import Settings
from support.servers import answers, free_port, wait_for, watchful_dagster

REPOSITORY = Path(__file__).resolve().parents[2]
EVERYTHING = ""
"""As in a power cut, the process of the run too."""
LOCATION = REPOSITORY / "tests" / "operations" / "limits_location.py"


class Services:
    """``dagster dev`` on a location of quick assets, which can be started again and again."""

    def __init__(self, folder: Path) -> None:
        self.instance = open_instance(Settings.load())
        self.journal = folder / "journal"
        self.journal.mkdir()
        self.log = folder / "dev.log"
        self.process: psutil.Popen | None = None

    def start(self) -> None:
        """Start everything and wait for the UI."""
        self.port = free_port()
        environment = {**os.environ, "LIMITS_JOURNAL": str(self.journal)}
        command = [sys.executable, "-m", "dagster", "dev", "-f", str(LOCATION), "-h", "127.0.0.1"]
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                [*command, "-p", str(self.port)],
                env=environment,
                cwd=REPOSITORY,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for("the UI", lambda: answers(self.port))

    def family(self) -> list[psutil.Process]:
        """The processes of this session that are alive."""
        assert self.process is not None
        session = self.process.pid
        found = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        return found

    def kill(self, part: str) -> None:
        """kill -9 of the services whose command line contains ``part``."""
        victims = [process for process in self.family() if part in " ".join(process.cmdline())]
        assert victims, part
        for victim in victims:
            victim.kill()

    def stop(self) -> None:
        """As systemd does: everything gets a SIGTERM, and what is left a SIGKILL."""
        for number, seconds in ((signal.SIGTERM, 40), (signal.SIGKILL, 10)):
            for process in self.family():
                with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself
                    process.send_signal(number)
            deadline = time.monotonic() + seconds
            while self.family() and time.monotonic() < deadline:
                time.sleep(0.2)

    def submit(self, *keys: str) -> None:
        self.instance.add_dynamic_partitions("projects", list(keys))
        client = DagsterGraphQLClient("127.0.0.1", port_number=self.port)
        for key in keys:
            client.submit_job_execution("both", tags={"dagster/partition": key, "mediaflow/project": key})

    def entries(self, key: str) -> list[dict[str, Any]]:
        """What the steps of a project wrote down."""
        texts = [path.read_text() for path in self.journal.glob(f"*-{key}-*.json")]
        return [json.loads(text) for text in texts if text]

    def ended(self, key: str) -> bool:
        return any(entry["end"] and entry["pool"] == "inference" for entry in self.entries(key))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("MEDIAFLOW_DAGSTER_YAML", str(watchful_dagster(tmp_path)))
    running = Services(tmp_path)
    try:
        yield running
    except BaseException as error:
        error.add_note(running.log.read_text(errors="replace")[-6000:])
        raise
    finally:
        running.stop()
        running.instance.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("service", ["dagster._daemon", "dagster_webserver", "api grpc", EVERYTHING])
def test_a_killed_service(services: Services, service: str) -> None:
    """After a restart, the run that was at work and the one that waited both end well, once."""
    services.start()
    (services.journal / "hang-first").touch()
    services.submit("first")
    wait_for("the first project to be at work", lambda: services.entries("first"))
    services.submit("second")
    services.kill(service)
    services.stop()
    (services.journal / "hang-first").unlink()
    services.start()
    wait_for("both projects", lambda: services.ended("first") and services.ended("second"), 400)
    successful = services.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
    wait_for("the runs to end", lambda: not services.instance.get_runs(dg.RunsFilter(statuses=ACTIVE)))
    successful = services.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
    assert sorted(run.tags["dagster/partition"] for run in successful) == ["first", "second"]
    services.stop()
    assert services.family() == []


ACTIVE = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
