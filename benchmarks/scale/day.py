"""Seconds per stage of one project, and what they come to in a day.

    MEDIAFLOW_MODELS_DIR=… python -m benchmarks scale.day ARCHIVE [--repeat 3]

The archive is processed from the beginning each time, in an installation of its own, so nothing is
reused; the first time also loads the models. Besides the time by the clock there is the time of all
processors together (this process, its threads and ffmpeg), which depends less on what else the
machine is doing. A day is 86400 s of runs, one after the other.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import dagster as dg
import psutil

from mediaflow_assets.cli.local_run import LocalRunner
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.manifest import Masters, read_document
from mediaflow_assets.settings import Settings

DAY = 86400
Times = dict[str, tuple[float, float]]
"""Stage to seconds by the clock and seconds of processors."""


class Processors:
    """Seconds of processor time that were used by any moment, sampled ten times a second."""

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._used: list[float] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = Event()
        thread = Thread(target=self._watch, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def between(self, start: float, end: float) -> float:
        last = len(self._used) - 1
        return self._used[min(bisect(self._moments, end), last)] - self._used[min(bisect(self._moments, start), last)]

    def _watch(self, over: Event) -> None:
        me = psutil.Process()
        while not over.wait(0.1):
            used = sum(me.cpu_times()[:4])
            for child in me.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    used += sum(child.cpu_times()[:4])
            self._moments.append(time.time())
            self._used.append(used)


def once(archive: Path, home: str) -> tuple[Times, float]:
    """Process the archive in a new installation; its times, and seconds of video in it."""
    processors = Processors()
    runner = LocalRunner(Settings.load(env_file=None, environ={**os.environ, "MEDIAFLOW_HOME": home}))
    with processors.watched():
        outcome = runner.run(str(archive))
    assert outcome.success, outcome.problems
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        stats = instance.get_run_step_stats(run.run_id)
    times = {
        step.step_key: (step.end_time - step.start_time, processors.between(step.start_time, step.end_time))
        for step in sorted(stats, key=lambda step: step.start_time or 0)
        if step.start_time and step.end_time
    }
    masters = read_document(outcome.folders.video / "manifest.json", Masters).videos
    return times, sum(master.total_frames for master in masters) / FPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()

    runs: list[Times] = []
    for _ in range(arguments.repeat):
        with tempfile.TemporaryDirectory() as home:
            times, video = once(arguments.archive, home)
            runs.append(times)

    medians = {stage: [statistics.median(run[stage][kind] for run in runs) for kind in (0, 1)] for stage in runs[0]}
    clock, processor = (sum(median[kind] for median in medians.values()) for kind in (0, 1))
    print(f"{video:.1f} s of video, {arguments.repeat} times, {os.cpu_count()} cores\n")
    print("| stage | s | processor s | per second of video | first time, processor s |")
    print("|---|---|---|---|---|")
    for stage, (seconds, used) in medians.items():
        print(f"| {stage} | {seconds:.1f} | {used:.1f} | {used / video:.3f} | {runs[0][stage][1]:.1f} |")
    first = sum(used for _, used in runs[0].values())
    print(f"| sum | {clock:.1f} | {processor:.1f} | {processor / video:.3f} | {first:.1f} |\n")
    print(f"A day, by the clock: {DAY / clock:.0f} such projects, {DAY * video / clock / 3600:.1f} hours of video")
    busy = processor / (os.cpu_count() or 1)
    print(f"A day, if no core ever waits: {DAY / busy:.0f} projects, {DAY * video / busy / 3600:.1f} hours of video")


if __name__ == "__main__":
    main()
