"""Ten thousand projects: how long Dagster's UI and the start page take to answer.

    python -m benchmarks scale.partitions [--projects 10000] [--rounds 3]

Makes an installation of that many projects in a temporary folder, each with one materialization of three assets,
and asks a real ``dagster-webserver`` what its pages ask, and the web application what the start page asks.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import requests

from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.formats.project_status import ProjectStatus, State
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.server.app import web_server
from mediaflow_assets.server.site import Site
from mediaflow_assets.settings import Settings

_ASSETS = ("video_25fps", "tracking_json", "finalized_project")
_STATES: tuple[State, ...] = ("delivered", "failed", "waiting")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WAIT_SECONDS = 600

_PARTITIONS = """query($asset: AssetKeyInput!) { assetNodeOrError(assetKey: $asset) { ... on AssetNode {
    partitionKeysByDimension { name partitionKeys }
    assetPartitionStatuses { ... on DefaultPartitionStatuses {
        materializedPartitions unmaterializedPartitions failedPartitions materializingPartitions } } } } }"""
_STATISTICS = "{ assetNodes { assetKey { path } partitionStats { numMaterialized numPartitions numFailed } } }"
_ONE = """query($asset: AssetKeyInput!, $key: String!) { assetNodeOrError(assetKey: $asset) { ... on AssetNode {
    assetMaterializations(partitions: [$key], limit: 1) { timestamp partition } } } }"""


def register(home: Path, number: int) -> str:
    """A project of which the name and the state are known; its key."""
    when = _START + timedelta(minutes=number)
    key = f"{number}_Camille_{when:%Y-%m-%d_%H-%M-%S}"
    folders = Layout(FolderSettings(home=home)).project(key)
    folders.downloads.mkdir(parents=True)
    name, state = f"{number} Camille", _STATES[number % len(_STATES)]
    identity, received = f"sha256:{number}", when.isoformat()
    origin = Origin(
        project=key, name=name, kind="file", registered_at=received, identity=identity, filename=f"{number}.zip"
    )
    folders.origin.write_bytes(msgspec.json.encode(origin))
    status = ProjectStatus(project=key, name=name, state=state, updated_at=received)
    (folders.downloads / "status.json").write_bytes(msgspec.json.encode(status))
    return key


@contextmanager
def dagster_ui(port: int) -> Iterator[Callable[[str, dict[str, object]], Any]]:
    """A real web server of the present instance; yields what asks it by GraphQL."""
    command = [sys.executable, "-m", "dagster_webserver", "-m", "mediaflow_assets.definitions", "-p", str(port)]
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=said, stderr=said) as process:

        def ask(query: str, variables: dict[str, object]) -> Any:
            asked = {"query": query, "variables": variables}
            found = requests.post(f"http://127.0.0.1:{port}/graphql", json=asked, timeout=_WAIT_SECONDS).json()
            assert "errors" not in found, found["errors"]
            return found["data"]

        try:
            _wait(lambda: ask("{ version }", {}))
            yield ask
        finally:
            process.terminate()


def _wait(try_it: Callable[[], object]) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            try_it()
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def seconds(ask: Callable[[], object], rounds: int) -> str:
    """Of the first time, and the median of further ones."""
    took = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        ask()
        took.append(time.perf_counter() - start)
    return f"{took[0]:.2f} | {statistics.median(took[1:]):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    telemetry_off()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["MEDIAFLOW_HOME"] = folder
        settings = Settings.load(env_file=None)
        keys = [register(home, number) for number in range(arguments.projects)]
        with open_instance(settings) as instance:
            instance.add_dynamic_partitions(str(projects.name), keys)
            start = time.perf_counter()
            for key in keys:
                for asset in _ASSETS:
                    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=key))
            each = (time.perf_counter() - start) / len(keys) / len(_ASSETS)
        size = sum(file.stat().st_size for file in home.rglob("*.db"))
        print(f"{len(keys)} projects, {len(keys) * len(_ASSETS)} materializations of {each * 1000:.1f} ms, ", end="")
        print(f"{size / 1e6:.0f} MB of Dagster's database, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print("| page | s, first | s, later |\n|---|---|---|")
        with dagster_ui(_free_port()) as ask:
            middle = keys[len(keys) // 2]
            tracking: dict[str, object] = {"asset": {"path": ["tracking_json"]}}
            found = ask(_PARTITIONS, tracking)["assetNodeOrError"]["assetPartitionStatuses"]["materializedPartitions"]
            assert len(found) == len(keys), len(found)
            pages: dict[str, Callable[[], object]] = {
                "an asset's partitions, with their states": partial(ask, _PARTITIONS, tracking),
                "all assets, with how many partitions are made": partial(ask, _STATISTICS, {}),
                "an asset's materialization of one project": partial(ask, _ONE, {**tracking, "key": middle}),
            }
            for page, query in pages.items():
                print(f"| Dagster: {page} | {seconds(query, arguments.rounds)} |")
        with web_server(Site.of(settings, "", None), 0) as url:
            for page, path in {
                "newest fifty": "api/projects",
                "failed ones": "api/projects?state=failed",
                "a name searched for": "api/projects?q=camille+77_",
            }.items():
                address = url.rstrip("/") + "/" + path
                read = partial(requests.get, address, timeout=_WAIT_SECONDS)
                print(f"| start page: {page} | {seconds(read, arguments.rounds)} |")


if __name__ == "__main__":
    main()
