"""How long the analysis store takes with many videos: look-ups, and the report of one month.

The store is made of small documents: the look-up opens none of them, and the report reads only the
figures beside them. Every measurement is a process of its own, so nothing is left in memory from the
one before; files may be in the page cache of the kernel.

    python -m benchmarks delivery.store FOLDER
"""

from __future__ import annotations

import hashlib
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import typer

from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore, Metadata
from mediaflow_assets.execution.fanout import OutputFile, Recipe, Record
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.timeline_json import Timeline, VideoFacts
from mediaflow_assets.reporting.statistics import compute_statistics

PER_PROJECT = 4
FRAMES = 250


class Taken(NamedTuple):
    """What one measurement took, in seconds."""

    seconds: float
    processor: float
    """Of the whole process, with Python's start."""


def main(
    home: Annotated[Path, typer.Argument(help="Folder of the store; it is made when it is not there.")],
    videos: Annotated[int, typer.Option(help="How many videos the store has.")] = 10_000,
    runs: Annotated[int, typer.Option(help="Repetitions of each measurement.")] = 5,
) -> None:
    layout = Layout(FolderSettings(home=home))
    if not layout.archives.exists():
        build(layout, videos)
    print(f"{videos} videos in {-(-videos // PER_PROJECT)} projects, all of one month")
    wanted = key(videos // 2)
    find(layout, wanted)  # makes the index
    measure("look-up, index there", lambda: find(layout, wanted), runs)
    measure("look-up of a content that is not there", lambda: find(layout, key(-1)), runs)
    measure("look-up, index lost", lambda: find(layout, wanted, forget=True), runs)
    measure("look-up after a project was added", lambda: find(layout, wanted, touch=True), runs)
    measure("report of the month", lambda: report(layout), runs)


def measure(name: str, once: Callable[[], Taken], runs: int) -> None:
    taken = [once() for _ in range(runs)]
    wall = sorted(one.seconds for one in taken)
    processor = statistics.median(one.processor for one in taken)
    print(
        f"{name:42} median {wall[len(wall) // 2] * 1000:9.1f} ms, slowest {wall[-1] * 1000:9.1f} ms;"
        f" processor of the whole process {processor * 1000:9.1f} ms"
    )


def find(layout: Layout, sha256: str, *, forget: bool = False, touch: bool = False) -> Taken:
    if forget:
        shutil.rmtree(layout.state)
    if touch:
        added = len(list(layout.archives.iterdir()))
        (layout.archives / f"Added {added} 2026-12-01_00-00-00").mkdir()
    code = f"""
import time
from pathlib import Path
from mediaflow_assets.delivery.analysis_store import AnalysisStore
store = AnalysisStore(Path({str(layout.archives)!r}), Path({str(layout.state)!r}))
began = time.perf_counter()
store.find({sha256!r})
print(time.perf_counter() - began, time.process_time())
"""
    return run(code)


def report(layout: Layout) -> Taken:
    code = f"""
import time
began = time.perf_counter()
from pathlib import Path
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.reporting.month import write_month_report
from mediaflow_assets.reporting.settings import ReportSettings
store = AnalysisStore(Path({str(layout.archives)!r}), Path({str(layout.state)!r}))
_, projects = write_month_report(Path({str(layout.reports / "month.html")!r}), "2026-11", store, ReportSettings())
assert not [video for project in projects for video in project.videos if video.problem]
print(time.perf_counter() - began, time.process_time())
"""
    return run(code)


def run(code: str) -> Taken:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Taken(*map(float, done.stdout.split()))


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def build(layout: Layout, videos: int) -> None:
    """Documents as the pipeline leaves them, without flushing each to the device."""
    scenes = layout.home / "scenes.csv"
    write_scenes(scenes, [Scene(1, FRAMES)])
    began = datetime(2026, 11, 1, tzinfo=UTC)
    store = AnalysisStore(layout.archives, layout.state)
    for number in range(videos):
        project = number // PER_PROJECT
        name = f"Project {project} {began + timedelta(minutes=10 * project):%Y-%m-%d_%H-%M-%S}"
        folder = store.root / name / key(number)
        folder.mkdir(parents=True)
        stem = f"clip {number}"
        shutil.copyfile(scenes, folder / f"{stem}_scenes.csv")
        records = {}
        for kind in ("audio", "tracking"):
            (folder / f"{stem}_{kind}.json").write_text('{"frames_analysis": []}')
        for kind in ("scenes", "audio", "tracking"):
            recipe = Recipe(stage=kind, code_version="1", inputs={"video": key(number + videos)}, engine="engine")
            output = OutputFile(path=f"{stem}_{kind}", sha256=key(number), bytes=1, mtime_ns=0)
            records[kind] = Record(recipe=recipe, outputs={kind: output}, details={}, seconds=1.0)
        metadata = Metadata(
            video_path=f"{stem}.mov", video_stem=stem, video_hash=key(number), project=name, records=records
        )
        (folder / "metadata.json").write_bytes(msgspec.json.encode(metadata))
        seconds = 30 + number % 400
        facts = VideoFacts(duration_seconds=seconds, total_frames=seconds * 25, fps=25.0)
        summary = {"created_at": "", "metadata": facts, "statistics": compute_statistics(Timeline(metadata=facts))}
        (folder / "video_metadata.json").write_bytes(msgspec.json.encode(summary))


if __name__ == "__main__":
    typer.run(main)
