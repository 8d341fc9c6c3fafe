"""Sound of masters against a plain decode of their sources, for folders of foreign videos.

    python -m benchmarks video.sound FOLDER...

Noise and lag are those of the worst window of 125 ms; beside them the noise of a plain AAC of the same rate, which
changes nothing about time. Prints a line for each file and a table of folders and codecs.
"""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import av
import numpy as np
import typer

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.ffmpeg import ffmpeg_binary
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.sound_choice import choose_sound
from mediaflow_assets.video.source import read_source
from mediaflow_assets.video.timeline import read_times
from support.video.sound_comparison import Comparison, compare, decoded, usual_start

MAX_NOISE = -20.0
"""dB of the signal."""
MAX_LAG_DEVIATION = 0.5
"""Milliseconds, standard deviation."""


@dataclass(frozen=True)
class Row:
    """One video."""

    kind: str
    """Codec and container."""
    master: Comparison
    plain: Comparison

    @property
    def is_clean(self) -> bool:
        """No window is worse than what the encoder does to it, nor than 20 dB; the lag does not move."""
        allowed = max(MAX_NOISE, float(self.plain.noise.max()) + 3)
        return bool(self.master.noise.max() <= allowed and self.master.lag.std() < MAX_LAG_DEVIATION)

    def parts(self) -> tuple[Comparison, Comparison]:
        return self.master, self.plain

    def __str__(self) -> str:
        noise, lag = self.master.noise, self.master.lag
        verdict = "clean" if self.is_clean else "NOT CLEAN"
        return (
            f"{self.kind}, {len(noise)} windows, noise {np.median(noise):.1f} dB, at most {noise.max():.1f}"
            f" (plain {self.plain.noise.max():.1f}), lag {np.median(lag):.2f} ms, sd {lag.std():.3f}: {verdict}"
        )


def measure(path: Path, folder: Path) -> Row | None:
    """Convert a video and compare; None where there is no sound to compare."""
    source = choose_sound(path, read_source(path))
    master, plain = folder / "master.mp4", folder / "plain.mp4"
    made = convert(path, master, VideoSettings())
    pictures, _ = read_times(path, source)
    if source.sound is None or pictures is None or made.audio != "encoded":
        return None
    with av.open(str(path)) as container:
        track = [stream.index for stream in container.streams.audio].index(source.sound.index)
    encode = ["-af", "asetpts=N/SR/TB,aformat=sample_rates=48000|44100", "-c:a", "aac", "-b:a", "192k"]
    command = [ffmpeg_binary(), "-v", "quiet", "-y", "-i", str(path), "-map", f"0:a:{track}", *encode, str(plain)]
    subprocess.run(command, check=False)
    wanted = decoded(path, track)
    start = usual_start(path, track) - float(pictures.start)
    found = compare(wanted, decoded(master), start)
    if not len(found.noise):
        return None
    return Row(f"{source.sound.codec} in {path.suffix[1:].lower()}", found, compare(wanted, decoded(plain), 0.0))


def main(folders: Annotated[list[Path], typer.Argument()]) -> None:
    """Measure every file of the folders."""
    table: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            with TemporaryDirectory() as scratch:
                try:
                    row = measure(path, Path(scratch))
                except MediaflowError as error:
                    print(f"{path.name[-50:]}: {error}"[:200], flush=True)
                    continue
            if row is None:
                continue
            table[folder.name, row.kind].append(row)
            print(f"{path.name[-50:]}: {row}", flush=True)
    columns = "repository", "sound", "files", "clean", "noise, median dB", "plain AAC", "largest sd of the lag, ms"
    print(f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for (name, kind), rows in sorted(table.items()):
        noise, plain = (
            np.median([np.median(one.noise) for one in part]) for part in zip(*map(Row.parts, rows), strict=True)
        )
        lag = max(row.master.lag.std() for row in rows)
        clean = sum(row.is_clean for row in rows)
        print(f"| {name} | {kind} | {len(rows)} | {clean} | {noise:.1f} | {plain:.1f} | {lag:.2f} |")


if __name__ == "__main__":
    typer.run(main)
