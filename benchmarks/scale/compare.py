"""This checkout against another commit on the same archives: seconds, processor seconds, memory, documents.

    MEDIAFLOW_MODELS_DIR=… python -m benchmarks scale.compare c8968ef ARCHIVE [ARCHIVE …] [--repeat 3]

The commit is checked out into a temporary folder and run by the same Python and its packages, or by the Python
given with ``--python``, where the commit needs packages that this checkout has no more. Both take turns, and each
run is ``mediaflow run`` of all archives in a new installation, so that nothing is reused;
one run of each before that, which does not count, makes the derived models. The ratios are of the runs of
one turn, so that what else the machine is doing meets both. Archives must have different videos.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
EVERY = 0.2
"""Seconds between two looks at the memory."""


class Run(NamedTuple):
    """What one run of all archives took."""

    seconds: float
    processor: float
    """Seconds of processors, ffmpeg's included."""
    memory: float
    """Largest sum of the resident sets of the run's processes, MB."""
    documents: dict[str, bytes]
    """Delivered CSV and JSON files by their path below the project's folder."""


def run(checkout: Path, python: Path, archives: list[Path]) -> Run:
    """``mediaflow run`` of ``archives`` by the code of ``checkout``."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "MEDIAFLOW_HOME": home}
        command = [str(python), "-m", "mediaflow_assets.cli", "run", *map(str, archives)]
        over, largest = Event(), [0.0]
        before, used = time.perf_counter(), os.times()
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        watcher = Thread(target=_watch, args=(process.pid, over, largest))
        watcher.start()
        _, said = process.communicate()
        seconds, after = time.perf_counter() - before, os.times()
        over.set()
        watcher.join()
        assert process.returncode == 0, said
        processor = after.children_user + after.children_system - used.children_user - used.children_system
        return Run(seconds, processor, largest[0], _documents(Path(home) / "output"))


def _watch(pid: int, over: Event, largest: list[float]) -> None:
    while not over.wait(EVERY):
        held = 0
        try:
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                held += process.memory_info().rss
        except psutil.Error:
            continue
        largest[0] = max(largest[0], held / 1e6)


def _documents(output: Path) -> dict[str, bytes]:
    files = (path for path in output.glob("*/docs/**/*") if path.suffix in {".csv", ".json"})
    return {"/".join(path.relative_to(output).parts[1:]): path.read_bytes() for path in files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("archives", type=Path, nargs="+")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="of the commit's packages")
    arguments = parser.parse_args()
    archives = [path.resolve() for path in arguments.archives]

    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "checkout"
        git = ["git", "-C", str(REPOSITORY)]
        subprocess.run([*git, "worktree", "add", "--quiet", "--detach", str(other), arguments.commit], check=True)
        try:
            former, latter = (other, arguments.python.absolute()), (REPOSITORY, Path(sys.executable))
            warm = run(*former, archives), run(*latter, archives)
            turns = [(run(*former, archives), run(*latter, archives)) for _ in range(arguments.repeat)]
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", str(other)], check=True)

    print(
        f"{len(archives)} archives, {arguments.repeat} turns, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}\n"
    )
    print(f"| | {arguments.commit} | this checkout | times better (least to most) |")
    print("|---|---|---|---|")
    for name, unit in (("seconds", "s"), ("processor", "processor s"), ("memory", "MB at most")):
        theirs, ours = ([getattr(turn[which], name) for turn in turns] for which in (0, 1))
        ratios = [former / latter for former, latter in zip(theirs, ours, strict=True)]
        print(
            f"| {unit} | {statistics.median(theirs):.1f} | {statistics.median(ours):.1f} "
            f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )
    before, now = (one.documents for one in warm)
    common = before.keys() & now.keys()
    other_now = sorted(name for name in common if before[name] != now[name])
    print(f"\n{len(common)} documents of both, {len(other_now)} of them different: {', '.join(other_now) or 'none'}")
    if missing := sorted(before.keys() - now.keys()):
        print(f"not made any more: {', '.join(missing)}")


if __name__ == "__main__":
    main()
