"""How long one poll of a long webhook takes, and the registration of many past projects.

    python -m benchmarks intake.polling [--records 10000] [--projects 500] [--rounds 5]

Polls are whole sensor evaluations against a server on loopback: HTTP, JSON, decisions, history.

    first      nothing is known; 50 projects are registered, the others wait for the next polls
    changed    the history holds every link, and a record was added that nobody fetches: all is shown
    unchanged  the same again, as every 15 seconds

The import is ``find`` and ``register_all`` of project folders with three videos each (sparse files
of 1 GiB), and their partitions in a Dagster instance on disk; then the same once more.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dagster as dg

from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.legacy_projects import find
from mediaflow_assets.intake.register import register_all
from mediaflow_assets.intake.url_identity import identity, parse
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.webhook import webhook_sensor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--projects", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as quiet, redirect_stderr(quiet):
        results = {
            f"poll of {arguments.records} records, {name}": seconds
            for name, seconds in polls(Path(folder), arguments.records, arguments.rounds).items()
        }
        results |= {
            f"import of {arguments.projects} projects, {name}": seconds
            for name, seconds in imports(Path(folder), arguments.projects, arguments.rounds).items()
        }
    print("| what | median s | slowest s | median CPU s |")
    print("|---|---|---|---|")
    for name, seconds in results.items():
        wall, cpu = zip(*seconds, strict=True)
        print(f"| {name} | {statistics.median(wall):.2f} | {max(wall):.2f} | {statistics.median(cpu):.2f} |")


Seconds = tuple[float, float]
"""Wall, and CPU of this process."""


def record(number: int) -> dict[str, str]:
    return {
        "source_url": f"https://www.dropbox.com/scl/fi/id{number}/{number}_Camille.zip?rlkey=secret{number}&amp;dl=0",
        "original_filename": f"{number}_Camille.zip",
        "provider": "dropbox",
        "created_at": "2025-10-17T10:34:13Z",
    }


def polls(folder: Path, records: int, rounds: int) -> dict[str, list[Seconds]]:
    """Seconds of each kind of poll."""
    payload = [record(number) for number in range(records)]
    page = folder / "links.json"
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    os.environ["WEBHOOK_JSON_URL"] = f"http://127.0.0.1:{server.server_address[1]}/{page.name}"
    seconds: dict[str, list[Seconds]] = {"first": [], "changed": [], "unchanged": []}
    instance = dg.DagsterInstance.ephemeral()
    for number in range(rounds):
        home = folder / f"home{number}"
        os.environ["MEDIAFLOW_HOME"] = str(home)
        page.write_text(json.dumps(payload))
        identity.cache_clear()
        parse.cache_clear()
        seconds["first"].append(timed(partial(tick, instance, None)))
        history = History(home / "state" / "history.sqlite")
        history.add([(identity(item["source_url"]), None) for item in payload], "past")
        for upload in history.in_state("registered"):
            history.mark(upload.project, "received")
        page.write_text(json.dumps([*payload, {"source_url": "https://fromsmash.com/abc"}]))
        seconds["changed"].append(timed(partial(tick, instance, "before")))
        cursor = tick(instance, "before")
        seconds["unchanged"].append(timed(partial(tick, instance, cursor)))
    server.shutdown()
    return seconds


def tick(instance: dg.DagsterInstance, cursor: str | None) -> str | None:
    """One evaluation of the sensor; its new cursor."""
    result = webhook_sensor()(
        dg.build_sensor_context(instance=instance, cursor=cursor, resources={"workspace": Workspace()})
    )
    assert isinstance(result, dg.SensorResult)
    return result.cursor


def imports(folder: Path, projects: int, rounds: int) -> dict[str, list[Seconds]]:
    """Seconds of the first and the second import."""
    past = folder / "past"
    for number in range(projects):
        docs = past / f"{number} Camille" / "docs"
        docs.mkdir(parents=True)
        for video in range(3):
            with (docs / f"{number}_{video}.mov").open("wb") as stream:
                stream.write(f"{number} {video}".encode())
                stream.truncate(1 << 30)
            for suffix in (".csv", ".json", "_audio.json"):
                (docs / f"{number}_{video}{suffix}").write_text("result")
    seconds: dict[str, list[Seconds]] = {"new": [], "again": []}
    for number in range(rounds):
        home = folder / f"import{number}"
        layout = Layout(FolderSettings(home=home))
        home.mkdir()
        with dg.DagsterInstance.local_temp(str(home)) as instance:
            for name in seconds:
                seconds[name].append(timed(partial(take, past, layout, instance)))
    return seconds


def take(past: Path, layout: Layout, instance: dg.DagsterInstance) -> None:
    """What ``mediaflow import`` does."""
    registrations = register_all(layout, History(layout.state / "history.sqlite"), find([past]).arrivals)
    instance.add_dynamic_partitions("projects", [origin.project for origin, _ in registrations])


def timed(call: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
