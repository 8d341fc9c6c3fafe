"""The conversion against the replaced application's two commands, and the copy of what already is right.

    python -m benchmarks video.speed CACHE --kind "talking head" --rounds 3

Ours is everything that ``video_25fps`` does for a video: reading its times, one encode (or copy), decoding the
result to its end, keeping its small pictures. Rounds are interleaved; seconds are wall and processor.
A video that already is at 25 fps was compressed by the replaced application all the same, in one encode.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer

from benchmarks.video.clips import KINDS, make
from benchmarks.video.quality import run, ssim, video_bytes
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings

X264 = ("-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p", "-c:a", "copy")
SETTINGS = VideoSettings(encoder="libx264")


class Timing(NamedTuple):
    wall: float
    processor: float


def timed(work: Callable[[], object]) -> Timing:
    def processor() -> float:
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in usage)

    wall, before = time.perf_counter(), processor()
    work()
    return Timing(time.perf_counter() - wall, processor() - before)


def legacy(source: Path, folder: Path) -> None:
    run("-i", str(source), "-vf", "fps=25.0", "-crf", "23", *X264, str(folder / "converted.mp4"))
    compress(folder / "converted.mp4", folder / "legacy.mp4")


def compress(source: Path, target: Path) -> None:
    run("-i", str(source), "-crf", "28", *X264, str(target))


def measure(source: Path, folder: Path, rounds: int) -> dict[str, list[Timing]]:
    """Seconds of each way; leaves ``right.mp4`` (ours) and ``legacy.mp4`` in ``folder``."""
    ours, right = folder / "ours.mp4", folder / "right.mp4"
    timings: dict[str, list[Timing]] = {"legacy": [], "ours": [], "legacy, 25 fps": [], "copied": []}
    for _ in range(rounds):
        timings["legacy"].append(timed(partial(legacy, source, folder)))
        timings["ours"].append(timed(partial(convert, source, ours, SETTINGS)))
        ours.rename(right)
        timings["legacy, 25 fps"].append(timed(partial(compress, right, folder / "again.mp4")))
        timings["copied"].append(timed(partial(convert, right, folder / "copy.mp4", SETTINGS)))
    return timings


def main(
    cache: Path,
    kind_: Annotated[list[str] | None, typer.Option("--kind")] = None,
    rounds: int = 3,
    seconds: Annotated[float, typer.Option(help="Of each clip, at most.")] = 10,
) -> None:
    for kind in [kind for kind in KINDS if not kind_ or kind.name in kind_]:
        source = make(kind, cache, seconds)
        with TemporaryDirectory() as name:
            folder = Path(name)
            timings = measure(source, folder, rounds)
            size = video_bytes(folder / "right.mp4") / video_bytes(folder / "legacy.mp4")
            gain = ssim(folder / "right.mp4", source) - ssim(folder / "legacy.mp4", source)
        print(
            f"## {kind.name}, {min(kind.seconds, seconds):g} s: picture {size:.1%} of legacy's bytes, SSIM {gain:+.5f}"
        )
        report(timings)


def report(timings: dict[str, list[Timing]]) -> None:
    for name, found in timings.items():
        wall, processor = (statistics.median(getattr(one, what) for one in found) for what in Timing._fields)
        print(f"{name}: {wall:.2f} s, {processor:.2f} processor s")
    for old, new in (("legacy", "ours"), ("legacy, 25 fps", "copied")):
        for what in Timing._fields:
            pairs = zip(timings[old], timings[new], strict=True)
            ratios = [getattr(one, what) / getattr(other, what) for one, other in pairs]
            low, high = min(ratios), max(ratios)
            print(f"{new}: {statistics.median(ratios):.1f} times as fast ({low:.1f} to {high:.1f}), {what}", flush=True)


if __name__ == "__main__":
    typer.run(main)
