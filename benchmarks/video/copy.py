"""The copy of a video that already is right against the two commands that the replaced application ran on it.

    python -m benchmarks video.copy CACHE --kind "talking head" --seconds 10 --seconds 60

Each clip is measured as a camera might send it (H.264 at 25 fps and CRF 18) and as one of our masters. Ours is
everything that ``video_25fps`` does for such a video: reading it, the copy, decoding the result to its end, keeping
its small pictures. The last are work of the scenes stage done early; what they cost is measured too, as the difference
between decoding to the end with and without them. Long clips are short ones repeated, without sound.
"""

from __future__ import annotations

import statistics
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import ffmpeg
import typer

from benchmarks.video.clips import KINDS, make
from benchmarks.video.quality import run
from benchmarks.video.speed import SETTINGS, Timing, legacy, timed
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.graphs import verification_graph
from mediaflow_assets.video.small import SIZE, small_path


def camera_clip(source: Path, target: Path) -> Path:
    x264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
    run("-i", str(source), "-vf", "fps=25", *x264, "-c:a", "copy", str(target))
    return target


def repeated(clip: Path, times: int, target: Path) -> Path:
    if times < 2:
        return clip
    run("-stream_loop", str(times - 1), "-i", str(clip), "-an", "-c", "copy", str(target))
    return target


def decode(master: Path, small: Path | None) -> None:
    """Decode to the end, with the small pictures or without."""
    if small:
        graph = verification_graph(master, small, SIZE, has_sound=False)
    else:
        graph = ffmpeg.output(ffmpeg.input(str(master))["v:0"], "-", format="null")
    runner.run(graph, stall_seconds=60)


def measure(name: str, clip: Path, folder: Path, rounds: int) -> None:
    target = folder / "copy.mp4"
    if convert(clip, target, SETTINGS).method != "copied":
        raise SystemExit(f"{name} was not copied")
    small = small_path(target)
    old = timed(partial(legacy, clip, folder))
    copies, with_small, without = [], [], []
    for _ in range(rounds):
        copies.append(timed(partial(convert, clip, target, SETTINGS)))
        with_small.append(timed(partial(decode, target, small)))
        without.append(timed(partial(decode, target, None)))
    parts = [name, f"{clip.stat().st_size / 1e6:.1f} MB"]
    for what in Timing._fields:
        legacy_s = getattr(old, what)
        ours = [getattr(one, what) for one in copies]
        pairs = zip(with_small, without, strict=True)
        scenes = max(0.0, statistics.median(getattr(one, what) - getattr(other, what) for one, other in pairs))
        middle = statistics.median(ours)
        parts += [
            f"{legacy_s:.1f} s",
            f"{middle:.2f} s ({min(ours):.2f} to {max(ours):.2f})",
            f"**{legacy_s / middle:.1f}**",
            f"{legacy_s / (middle - scenes):.1f}",
        ]
    print("| " + " | ".join(parts) + " |", flush=True)


def main(
    cache: Path,
    kind_: Annotated[list[str] | None, typer.Option("--kind")] = None,
    seconds: Annotated[list[float] | None, typer.Option(help="Lengths of the clips.")] = None,
    rounds: int = 5,
) -> None:
    columns = [
        f"{what}: {column}"
        for what in Timing._fields
        for column in ("legacy", "copy", "times as fast", "without small pictures")
    ]
    print("| clip | size | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 2) + "|")
    for kind in [kind for kind in KINDS if not kind_ or kind.name in kind_]:
        source = make(kind, cache)
        with TemporaryDirectory() as name:
            folder = Path(name)
            camera = camera_clip(source, folder / "camera.mp4")
            master = folder / "master.mp4"
            convert(source, master, SETTINGS)
            for length in seconds or [10]:
                for form, clip in (("camera", camera), ("master", master)):
                    times = max(1, round(length / kind.seconds))
                    long = repeated(clip, times, folder / f"{form}-{times}.mp4")
                    measure(f"{kind.name}, {form}, {times * kind.seconds:g} s", long, folder, rounds)


if __name__ == "__main__":
    typer.run(main)
