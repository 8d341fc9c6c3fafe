"""The same soak on deploy/celery: PostgreSQL, Redis, every run and worker in a container.

    python -m benchmarks soak.celery --projects 12 --results benchmarks/results/soak_celery.md

Needs what `make test-deploy` needs. The webhook, the downloads and the alert receiver fail at random
as in the other soak. A worker is killed while it holds a step, and is gone for a minute; later the
container of a run is killed. Memory is what the processes of a container hold together, compared
between the minute after the first third was delivered and the last one.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import psutil

from benchmarks.soak.archives import make_archives
from benchmarks.soak.measure import leftovers, tree
from benchmarks.soak.server import World
from benchmarks.soak.verify import problems, told
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.modelstore import store_folder
from mediaflow_assets.settings import Settings
from support.deployment.engine import build_images, engine
from support.deployment.history import workers
from support.deployment.stack import CELERY, Stack, running

MEASURED = ("daemon", "code", "webserver", "general", "encoding", "inference")
"""Services whose memory is compared; the killed one is inference-2."""
VICTIM = "inference-2"
WINDOW = 60.0
"""Seconds over which memory is compared, by its median."""
ABSENCE = 60.0
"""Seconds until the killed worker is back."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=12)
    parser.add_argument("--burst", type=int, default=6, help="most projects that arrive at one moment")
    parser.add_argument("--pause", type=float, default=30, help="mean seconds between two bursts")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=40, help="give up after this long")
    parser.add_argument("--results", type=Path, help="append the results to this page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mediaflow-soak-") as scratch, system(arguments, Path(scratch)) as soak:
        soak.watch()
        return soak.report()


@contextmanager
def system(arguments: argparse.Namespace, folder: Path) -> Iterator[Soak]:
    """The whole deployment and the outside world."""
    chance = random.Random(arguments.seed)  # noqa: S311 - faults, not secrets
    archives = make_archives(folder / "archives", arguments.projects)
    own = Settings.load()
    models = store_folder(own.models, Layout(own.folders).home)
    with engine(folder) as docker, World(archives[0].parent, chance) as world:
        images = build_images(docker, folder)
        settings = {
            "WEBHOOK_JSON_URL": f"{world.url}/links.json",
            "DOWNLOAD_PROXY_HOSTS": "127.0.0.1",
            "DOWNLOAD_HTTP_HOSTS": "127.0.0.1",
            "ALERT_URL": f"{world.url}/alerts",
        }
        stacked = folder / "stack"
        (stacked / "data").mkdir(parents=True)
        (stacked / "data/.env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        with running(docker, images, stacked, models, *CELERY) as stack:
            yield Soak(arguments, stack, world, chance, archives)


class Soak:
    """One soak."""

    def __init__(
        self, arguments: argparse.Namespace, stack: Stack, world: World, chance: random.Random, archives: list[Path]
    ) -> None:
        self.arguments = arguments
        self.stack = stack
        self.world = world
        self.chance = chance
        self.archives = archives
        self.memory: list[tuple[float, dict[str, int]]] = []
        self.seconds = self.third = 0.0
        self.back_at: float | None = None

    def watch(self) -> None:
        """Offer bursts, kill, and measure, until everything is delivered and a minute has been quiet."""
        waiting = list(self.archives)
        started = time.monotonic()
        next_burst = 0.0
        quiet_since = None
        with self.stack.instance() as instance:
            while self.seconds < self.arguments.minutes * 60:
                now = self.seconds = time.monotonic() - started
                delivered = len(list((self.stack.data / "output").glob("[!.]*/manifest-sha256.txt")))
                if waiting and now >= next_burst:
                    size = self.chance.randint(1, self.arguments.burst)
                    self.world.offered += waiting[:size]
                    del waiting[:size]
                    next_burst = now + self.chance.uniform(0.5, 1.5) * self.arguments.pause
                if not self.third and delivered >= len(self.archives) / 3:
                    self.third = now
                self.memory.append((now, {service: self._memory(service) for service in MEASURED}))
                active = list(instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])))
                print(f"{now:6.0f} s  {len(self.world.offered)} offered, {delivered} delivered, {len(active)} runs")
                self._kill(instance, active, delivered / len(self.archives), now)
                if delivered == len(self.archives) and not active:
                    quiet_since = quiet_since or now
                    if now - quiet_since > WINDOW + 15:
                        return
                time.sleep(5)

    def _memory(self, service: str) -> int:
        pid = self.stack.engine.docker("inspect", "--format", "{{.State.Pid}}", self.stack.container_of(service))
        total = 0
        for process in tree(psutil.Process(int(pid))):
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue  # ended while we looked
        return total

    def _kill(self, instance: dg.DagsterInstance, active: list[dg.DagsterRun], share: float, now: float) -> None:
        """One worker in the second quarter, when it holds a step; one run in the second half."""
        injected = self.world.injected
        if share >= 0.25 and not injected["worker killed"] and any(_holds(instance, run) for run in active):
            self.stack.kill(self.stack.container_of(VICTIM))
            injected["worker killed"] += 1
            self.back_at = now + ABSENCE
        if self.back_at is not None and now > self.back_at:
            self.stack.compose("up", "-d", "--no-recreate", VICTIM)
            self.back_at = None
        if share >= 0.5 and active and not injected["run killed"]:
            self.stack.kill(self.stack.run_container(self.chance.choice(active).run_id))
            injected["run killed"] += 1

    def report(self) -> int:
        """Print, and append to a page, what was found; 1 if something was not as it should be."""
        with self.stack.instance() as instance:
            found = problems(Layout(FolderSettings(home=self.stack.data)), self.archives, instance)
            statuses = Counter(run.status.value for run in instance.get_runs())
            again = sum(
                len(workers(instance, run.run_id, step)) > 1
                for run in instance.get_runs()
                for step in ("scenes_csv", "audio_json", "tracking_json")
            )
        found += [f"left: {path}" for path in leftovers(self.stack.data)]
        lines = [
            "",
            f"## {len(self.archives)} projects, {time.strftime('%Y-%m-%d')}",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, seed {self.arguments.seed}.",
            f"{self.seconds / 60:.0f} minutes.",
            f"Injected: {', '.join(f'{count} {what}' for what, count in sorted(self.world.injected.items()))}.",
            f"Runs: {', '.join(f'{count} {status}' for status, count in sorted(statuses.items()))}.",
            f"Steps that a second worker took over: {again}.",
            f"Alerts received: {dict(Counter(alert['event'] for alert in self.world.alerts))}.",
            "",
            "| memory (MiB) | after the first third | at the end | ratio |",
            "|---|---|---|---|",
        ]
        for service in MEASURED:
            before = self._middle(service, self.third, self.third + WINDOW)
            after = self._middle(service, self.seconds - WINDOW, self.seconds)
            lines.append(f"| {service} | {before:.0f} | {after:.0f} | {after / before:.2f} |")
        return told(lines, found, self.arguments.results)

    def _middle(self, service: str, start: float, end: float) -> float:
        return statistics.median(held[service] for at, held in self.memory if start <= at <= end) / 2**20


def _holds(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """The victim is at a step of the run."""
    done = {step.step_key for step in instance.get_run_step_stats(run.run_id) if step.end_time is not None}
    return any(
        workers(instance, run.run_id, step)[-1:] == [f"inference@{VICTIM}"] and step not in done
        for step in ("scenes_csv", "audio_json", "tracking_json")
    )


if __name__ == "__main__":
    sys.exit(main())
