"""``mediaflow dev``: Dagster's web server and daemon, and the web application, on this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from mediaflow_assets.cli.misspelt import warn_of_misspelt
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.orchestration.instance import installed, open_instance, prepare
from mediaflow_assets.settings import Settings


def dev(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the Dagster UI, on loopback.")] = 3000,
) -> None:
    """Start the Dagster UI with sensors on, and the web application; only this machine can reach them."""
    from mediaflow_assets.cli.local_run import apply_now
    from mediaflow_assets.server.app import web_server
    from mediaflow_assets.server.site import Site

    settings = Settings.load()
    warn_of_misspelt()
    lock = be_the_only_one(prepare(settings))
    require_free(port, "the Dagster UI", "Give --port a free one")
    require_free(settings.reports.port, "the reports", "Set REPORTS_PORT to a free one")
    open_instance(settings).dispose()
    layout = Layout(settings.folders)
    layout.inbox.mkdir(parents=True, exist_ok=True)
    workspace = str(installed("workspace.yaml"))
    guarded = "mediaflow_assets.server.dagster_dev"
    command = [sys.executable, "-m", guarded, "-w", workspace, "-h", "127.0.0.1", "-p", str(port)]
    typer.echo(f"Dagster UI: http://127.0.0.1:{port}   drop archives into {layout.inbox}")
    site = Site.of(settings, f"http://127.0.0.1:{port}", apply_now)
    with web_server(site, settings.reports.port) as url:
        typer.echo(f"Projects:   {url}")
        raise typer.Exit(_supervise(command, lock))


def require_free(port: int, use: str, remedy: str) -> None:
    """Nobody listens on a loopback port, for Dagster's web server ends without one and the daemon goes on.

    Raises:
        Unavailable: somebody does, or this user may not.
    """
    with socket.socket() as probe:
        # As servers do: a port that a former one has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Unavailable(f"port {port}", f"cannot be opened for {use} ({error.strerror})", remedy) from error


def _supervise(command: Sequence[str], lock: int) -> int:
    """Run ``command`` to its end and pass on what this process is told to do; returns its exit status."""
    told: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    process: subprocess.Popen[bytes] | None = None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    # In a group of its own, or Ctrl-C would reach it twice: from the terminal and from here.
    process = subprocess.Popen(command, process_group=0, pass_fds=[lock])
    for early in told:  # before there was anybody to tell
        process.send_signal(early)
    status = process.wait()
    return status if status >= 0 else 128 - status


def be_the_only_one(home: Path) -> int:
    """Keep a lock on ``home`` until this process and those that it hands the lock to have ended.

    Dagster only logs an error when two daemons share a folder; both would start the same runs.

    Returns:
        The file descriptor that holds the lock.

    Raises:
        Unavailable: another ``mediaflow dev`` has it.
    """
    lock = os.open(home / ".dev.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Unavailable(home, "is in use by another mediaflow dev", "Use that one, or stop it first") from None
    os.set_inheritable(lock, True)
    return lock
