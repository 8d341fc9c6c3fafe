"""Steps and the life of workers: real workers on a real Redis, with the smallest of tasks."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery

from support.deployment.engine import Engine, Images
from support.installation import REPOSITORY
from support.servers import free_port, wait_for

LEASE = 10
"""Seconds; the shortest that is allowed."""


@pytest.fixture
def broker(docker: Engine, images: Images) -> Iterator[str]:
    """Address of a Redis of its own."""
    port, password, name = free_port(), secrets.token_hex(16), "mediaflowtest_lease"
    docker.docker("rm", "--force", name, check=False)
    options = ("--bind", "127.0.0.1", "--port", port, "--requirepass", password)
    docker.docker("run", "--detach", "--name", name, "--network", "host", images.redis, "redis-server", *options)
    try:
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        docker.docker("rm", "--force", name)


@contextmanager
def worker(broker: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker without children, as for the queue ``inference``."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "MEDIAFLOW_EXECUTOR": "celery",
        "CELERY_BROKER_URL": broker,
        "CELERY_LEASE": str(LEASE),
    }
    command = [sys.executable, "-m", "celery", "-A", "tests.deploy.lease_app", "worker", "-Q", "general"]
    command += ["--pool", "solo", "-n", name]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def client(broker: str) -> Celery:
    return Celery(broker=broker, backend=broker)


def pids(log: Path) -> list[int]:
    """Workers that began the task, in order."""
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def test_a_step_longer_than_its_lease_stays_with_its_worker(broker: str, client: Celery, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with worker(broker, "first") as first, worker(broker, "second") as second:
        result = client.send_task("work", (str(log), 4 * LEASE), queue="general")
        assert result.get(timeout=600) in (first.pid, second.pid)
    assert len(pids(log)) == 1


def test_the_step_of_a_dead_worker_goes_to_another_one(broker: str, client: Celery, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with worker(broker, "first") as first:
        result = client.send_task("work", (str(log), LEASE), queue="general")
        wait_for("the first worker", lambda: pids(log) == [first.pid])
        first.kill()
        with worker(broker, "second") as second:
            assert result.get(timeout=600) == second.pid
            assert pids(log) == [first.pid, second.pid]


def test_a_step_that_kills_three_workers_is_not_given_to_a_fourth(broker: str, client: Celery, tmp_path: Path) -> None:
    log = tmp_path / "log"
    result = client.send_task("work", (str(log), -1), queue="general")
    for name in ("first", "second", "third"):
        with worker(broker, name) as process:
            assert process.wait(600) == -signal.SIGKILL
    with worker(broker, "fourth"), pytest.raises(Exception, match="3 workers died while they ran this step"):
        result.get(timeout=600)
    assert len(pids(log)) == 3
