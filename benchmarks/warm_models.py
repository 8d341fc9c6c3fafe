"""What loading models once saves: small projects one process each, against all in one process.

    MEDIAFLOW_MODELS_DIR=… python -m benchmarks warm_models FOLDER [--projects 5] [--rounds 3]

Both ways are ``mediaflow run``, the way of a run of one project and of a run of several. Every
round has installations of its own, so nothing is reused; the order alternates.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import SILENT
from mediaflow_assets.video.ffmpeg import ffmpeg_binary


def main(
    folder: Path,
    projects: Annotated[int, typer.Option()] = 5,
    rounds: Annotated[int, typer.Option()] = 3,
) -> None:
    """Print seconds a project both ways, and their ratio."""
    archives = _archives(folder, projects)
    apart: list[float] = []
    together: list[float] = []
    for number in range(rounds):
        ways = [(apart, [[archive] for archive in archives]), (together, [archives])]
        for times, calls in ways if number % 2 == 0 else reversed(ways):
            home = folder / f"home-{number}-{'apart' if times is apart else 'together'}"
            times.append(sum(_seconds(home, call) for call in calls) / projects)
        print(f"round {number + 1}: {apart[-1]:.1f} s a project apart, {together[-1]:.1f} s together")
    ratio = statistics.median(one / all_ for one, all_ in zip(apart, together, strict=True))
    print(f"median {statistics.median(apart):.1f} s against {statistics.median(together):.1f} s, ratio {ratio:.2f}")


def _archives(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    film = folder / "film.mov"
    film.write_bytes(encode_film(SILENT))
    archives = [folder / f"{number} Camille.zip" for number in range(count)]
    for number, archive in enumerate(archives):
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr(f"{archive.stem}.mov", _recoloured(film, number))
    return archives


def _recoloured(film: Path, number: int) -> bytes:
    """Another video, or the analyses of the first would be taken for it."""
    command = [ffmpeg_binary(), "-v", "error", "-i", str(film), "-vf", f"hue=h={17 * (number + 1)}", "-c:v", "libx264"]
    command += ["-f", "mov", "-movflags", "frag_keyframe+empty_moov", "pipe:1"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def _seconds(home: Path, archives: Sequence[Path]) -> float:
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "mediaflow_assets.cli", "run", *map(str, archives)],
        env={**os.environ, "MEDIAFLOW_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - started


if __name__ == "__main__":
    typer.run(main)
