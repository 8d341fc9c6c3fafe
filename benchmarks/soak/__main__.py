"""Small projects in bursts through the webhook, with faults at random, as `mediaflow dev` runs them.

    python -m benchmarks soak --projects 60 --results benchmarks/results/soak.md
    python -m benchmarks soak --projects 60 --storage postgresql://user:password@localhost/dagster

    python -m benchmarks soak --projects 20 --power 90

Webhook answers with errors, other shapes and half lists; downloads are cut; the alert receiver is
busy; the process of a run is killed with SIGKILL, once per project at most; with ``--power``
everything is killed at once, as in a power cut, and started again. At the end every
project must be delivered once and whole, and nothing may have leaked: processes, threads, file
handles, temporary files, memory of the daemon and of the code server (compared: the minute after
the first third was delivered, and the last one).
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import dagster as dg
import psutil
import yaml

from benchmarks.soak.archives import make_archives
from benchmarks.soak.measure import Sample, leftovers, look, middle
from benchmarks.soak.server import World
from benchmarks.soak.verify import problems, told
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.orchestration.dagster_internals import process_of_run
from mediaflow_assets.orchestration.instance import installed
from support.servers import free_port

WINDOW = 60.0
"""Seconds over which memory is compared, by its median."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=60)
    parser.add_argument("--burst", type=int, default=12, help="most projects that arrive at one moment")
    parser.add_argument("--pause", type=float, default=60, help="mean seconds between two bursts")
    parser.add_argument("--kill", type=float, default=0.25, help="share of projects whose run is killed")
    parser.add_argument("--power", type=float, help="mean seconds between two power cuts (default: none)")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=60, help="give up after this long")
    parser.add_argument("--storage", help="URL of a PostgreSQL for Dagster (default: SQLite)")
    parser.add_argument("--folder", type=Path, help="kept afterwards; one that is there is gone on with")
    parser.add_argument("--port", type=int, default=0, help="of the webhook; the same one to go on with a folder")
    parser.add_argument("--results", type=Path, help="append the results to this page")
    arguments = parser.parse_args()
    # A shell that starts this in the background would hand down an ignored SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="mediaflow-soak-") as scratch:
        return Soak(arguments, (arguments.folder or Path(scratch)).resolve()).run()


class Soak:
    """One soak in one folder."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self.arguments = arguments
        self.home = folder / "home"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.layout = Layout(FolderSettings(home=self.home))
        self.chance = random.Random(arguments.seed)  # noqa: S311 - faults, not secrets
        self.archives = make_archives(folder / "archives", arguments.projects)
        self.log = folder / "dev.log"
        self.samples: list[Sample] = []
        self.killed: set[str] = set()
        self.condemned = {archive.name[:3] for archive in self.archives if self.chance.random() < arguments.kill}

    def run(self) -> int:
        started = time.monotonic()
        with World(self.archives[0].parent, self.chance, port=self.arguments.port) as world:
            self.system = self._start(world)
            try:
                self._watch(world, started)
            finally:
                self._stop()
        return self._report(world, time.monotonic() - started)

    def _start(self, world: World) -> psutil.Popen:
        with self.log.open("ab") as log:
            return psutil.Popen(
                [sys.executable, "-m", "mediaflow_assets.cli", "dev", "--port", str(free_port())],
                env=self._environment(world),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _stop(self) -> None:
        """As systemd does: everything gets a SIGTERM, and what is left after 90 s a SIGKILL."""
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.system.pid, signal.SIGTERM)
        try:
            self.system.wait(90)
        except psutil.TimeoutExpired:
            os.killpg(self.system.pid, signal.SIGKILL)
            self.system.wait()

    def _cut_power(self, world: World) -> None:
        """kill -9 of every process of the system; then the machine is switched on again."""
        while all_of_it := [process for process in psutil.process_iter() if _belongs(process, self.home)]:
            for process in all_of_it:
                with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself
                    process.kill()
            psutil.wait_procs(all_of_it, timeout=5)
        world.injected["power cut"] += 1
        self.system = self._start(world)

    def _environment(self, world: World) -> dict[str, str]:
        environment = {
            **os.environ,
            "MEDIAFLOW_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "WEBHOOK_JSON_URL": f"{world.url}/links.json",
            "DOWNLOAD_PROXY_HOSTS": "127.0.0.1",
            "DOWNLOAD_HTTP_HOSTS": "127.0.0.1",
            "ALERT_URL": f"{world.url}/alerts",
            "REPORTS_PORT": str(free_port()),
        }
        if self.arguments.storage:
            document = yaml.safe_load(installed("dagster.yaml").read_text(encoding="utf-8"))
            document["storage"] = {"postgres": {"postgres_url": self.arguments.storage}}
            own = self.home.parent / "dagster.yaml"
            own.write_text(yaml.safe_dump(document), encoding="utf-8")
            environment["MEDIAFLOW_DAGSTER_YAML"] = str(own)
        return environment

    def _watch(self, world: World, started: float) -> None:
        """Offer bursts, kill runs, cut the power and measure, until everything is delivered and quiet."""
        waiting = list(self.archives)
        next_burst = 0.0
        next_cut = self._after(0, self.arguments.power) if self.arguments.power else math.inf
        quiet_since = None
        while True:
            now = time.monotonic() - started
            assert self.system.poll() is None, f"the system ended by itself; see {self.log}"
            if now > self.arguments.minutes * 60:
                return
            delivered = len(list((self.home / "output").glob("[!.]*/manifest-sha256.txt")))
            if waiting and now >= next_burst:
                size = self.chance.randint(1, self.arguments.burst)
                world.offered += waiting[:size]
                del waiting[:size]
                next_burst = self._after(now, self.arguments.pause)
            sample = look(self.system, self.home, self.temporary, now, delivered)
            self.samples.append(sample)
            print(f"{now:6.0f} s  {len(world.offered)} offered, {delivered} delivered, {sample.processes} processes")
            if sample.processes > 5:
                self._kill_one(world)
            if now >= next_cut and delivered < len(self.archives):
                self._cut_power(world)
                next_cut = self._after(now, self.arguments.power)
            if delivered == len(self.archives) and not self._active():
                quiet_since = quiet_since or now
                if now - quiet_since > WINDOW + 15:
                    return
            time.sleep(5)

    def _after(self, now: float, mean: float) -> float:
        return now + self.chance.uniform(0.5, 1.5) * mean

    def _instance(self) -> dg.DagsterInstance:
        os.environ["DAGSTER_HOME"] = str(self.layout.dagster)
        return dg.DagsterInstance.from_config(str(self.layout.dagster))

    def _active(self) -> list[dg.DagsterRun]:
        with self._instance() as instance:
            return list(instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])))

    def _kill_one(self, world: World) -> None:
        """kill -9 of the process of one condemned run that is at work."""
        with self._instance() as instance:
            runs = list(instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])))
            for run in runs:
                key = run.tags.get("dagster/partition", "")
                if key in self.killed or key[:3] not in self.condemned:
                    continue
                pid = process_of_run(instance, run.run_id)
                if pid is None or not psutil.pid_exists(pid) or self.chance.random() < 0.5:
                    continue  # not yet: another moment
                os.kill(pid, signal.SIGKILL)
                self.killed.add(key)
                world.injected["run killed"] += 1
                return

    def _remaining(self) -> list[str]:
        """Processes of the system that are still there a minute after its end."""
        deadline = time.monotonic() + 60
        while True:
            remaining = [process for process in psutil.process_iter() if _belongs(process, self.home)]
            if not remaining or time.monotonic() > deadline:
                return [" ".join(process.cmdline())[:120] for process in remaining]
            time.sleep(1)

    def _report(self, world: World, seconds: float) -> int:
        with self._instance() as instance:
            found = problems(self.layout, self.archives, instance)
            statuses = Counter(run.status.value for run in instance.get_runs())
        found += [f"left: {path}" for path in leftovers(self.home)]
        found += [f"still there: {name}" for name in self._remaining()]
        third = next(
            (sample.at for sample in self.samples if sample.delivered >= len(self.archives) / 3), self.samples[-1].at
        )
        early = [sample for sample in self.samples if third <= sample.at <= third + WINDOW]
        late = [sample for sample in self.samples if sample.at >= self.samples[-1].at - WINDOW]
        lines = [
            "",
            f"## {len(self.archives)} projects, {'PostgreSQL' if self.arguments.storage else 'SQLite'}",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, seed {self.arguments.seed}, {seconds / 60:.0f} minutes.",
            f"Injected: {', '.join(f'{count} {what}' for what, count in sorted(world.injected.items()))}.",
            f"Runs: {', '.join(f'{count} {status}' for status, count in sorted(statuses.items()))}.",
            f"Alerts received: {dict(Counter(alert['event'] for alert in world.alerts))}.",
            "",
            "| | after the first third | at the end | ratio |",
            "|---|---|---|---|",
        ]
        for role in ("daemon", "code server"):
            for what, unit in (("rss", 2**20), ("threads", 1), ("handles", 1)):
                before, after = middle(early, role, what) / unit, middle(late, role, what) / unit
                name = f"{role}: {'memory (MiB)' if what == 'rss' else what}"
                lines.append(f"| {name} | {before:.0f} | {after:.0f} | {after / before:.2f} |")
        for what in ("processes", "temporary", "leftovers"):
            lines.append(f"| {what} | {getattr(early[-1], what)} | {getattr(late[-1], what)} | |")
        return told(lines, found, self.arguments.results)


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get("MEDIAFLOW_HOME") == str(home)
    except psutil.Error:
        return False


if __name__ == "__main__":
    sys.exit(main())
