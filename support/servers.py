"""Real servers for tests, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import requests
import yaml

from support.installation import REPOSITORY, Installation


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serves ``folder``; yields its URL."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dagster_dev(installation: Installation, **environment: str) -> Iterator[str]:
    """``mediaflow dev`` as a user starts it; yields the URL of the UI."""
    port = free_port()
    log = installation.home.parent / "dev.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            installation.command("dev", "--port", port),
            # Whoever runs the tests may have an installation of their own at work.
            env={**installation.environment, "REPORTS_PORT": str(free_port()), **environment},
            cwd=REPOSITORY,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        except BaseException as error:
            error.add_note(log.read_text(errors="replace")[-8000:])
            raise
        finally:
            stop(process)


def watchful_dagster(folder: Path) -> Path:
    """The project's ``dagster.yaml`` with a look at the queue and at runs every second or two, not every 5 and 30."""
    settings = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text())
    settings["run_coordinator"]["config"]["dequeue_interval_seconds"] = 1
    settings["run_monitoring"] |= {"poll_interval_seconds": 2, "free_slots_after_run_end_seconds": 2}
    path = folder / "watchful.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the leader of a process group as Ctrl-C does; a busy machine may need more than a minute for that."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether Dagster's web server is up; a busy machine may need more than a moment for the answer."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/server_info", timeout=30).ok
    except requests.RequestException:
        return False


def wait_for(what: str, condition: Callable[[], object], seconds: float = 600) -> None:
    """Wait until ``condition`` holds; the limit only ends a test that would hang."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:g} s"
        time.sleep(0.5)
