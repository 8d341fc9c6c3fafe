"""Size, SSIM and processor time of x264 settings against the replaced two-pass conversion, by kind of picture.

    python -m benchmarks video.quality CACHE --candidate "veryfast 26" --candidate "superfast 26 subme=2"

A candidate is a preset, a CRF and, if wanted, x264 parameters. SSIM is ffmpeg's, of the result against the source with
ffmpeg's own conversion to 25 fps; time is user + system of the encoder's process.
"""

from __future__ import annotations

import re
import resource
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer

from benchmarks.video.clips import KINDS, make
from mediaflow_assets.video.ffmpeg import ffmpeg_binary


class Result(NamedTuple):
    bytes: int
    ssim: float
    seconds: float


def run(*arguments: str) -> tuple[float, str]:
    """Run ffmpeg; processor seconds and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [ffmpeg_binary(), "-hide_banner", "-nostdin", "-y", *arguments]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, said


def video_bytes(path: Path) -> int:
    _, said = run("-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "null", "-")
    return int(float(re.findall(r"video:\s*(\d+)\s*Ki?B", said)[-1]) * 1024)


def ssim(result: Path, source: Path) -> float:
    graph = "[1:v]fps=25[source];[0:v][source]ssim"
    _, said = run("-i", str(result), "-i", str(source), "-lavfi", graph, "-f", "null", "-")
    return float(re.findall(r"All:([0-9.]+)", said)[-1])


def legacy(source: Path, folder: Path) -> Result:
    """The two commands of the replaced application (its CPU variant)."""
    converted, compressed = folder / "legacy1.mp4", folder / "legacy2.mp4"
    x264 = ("-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p", "-c:a", "copy")
    first, _ = run("-i", str(source), "-vf", "fps=25.0", "-crf", "23", *x264, str(converted))
    second, _ = run("-i", str(converted), "-crf", "28", *x264, str(compressed))
    return Result(video_bytes(compressed), ssim(compressed, source), first + second)


def candidate(source: Path, folder: Path, text: str) -> Result:
    preset, crf, *more = text.split()
    target = folder / "candidate.mp4"
    options = ["-preset", preset, "-crf", crf, *(["-x264-params", more[0]] if more else [])]
    x264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
    seconds, _ = run("-i", str(source), "-vf", "fps=25", *x264, *options, str(target))
    return Result(video_bytes(target), ssim(target, source), seconds)


def main(
    cache: Path,
    candidate_: Annotated[list[str], typer.Option("--candidate")],
    kind_: Annotated[list[str] | None, typer.Option("--kind")] = None,
    seconds: Annotated[float, typer.Option(help="Of each clip, at most.")] = 10,
) -> None:
    print("| picture | settings | size, % of legacy | SSIM - legacy, x1e-5 | times as fast (CPU) | holds |")
    print("|---|---|---|---|---|---|")
    for kind in [kind for kind in KINDS if not kind_ or kind.name in kind_]:
        with TemporaryDirectory() as name:
            compare(kind.name, make(kind, cache, seconds), Path(name), candidate_)


def compare(kind: str, source: Path, folder: Path, candidates: list[str]) -> None:
    base = legacy(source, folder)
    print(f"| {kind} | legacy: {base.bytes / 1e6:.2f} MB, SSIM {base.ssim:.5f}, {base.seconds:.0f} s | | | | |")
    for text in candidates:
        found = candidate(source, folder, text)
        size, gain, faster = found.bytes / base.bytes, found.ssim - base.ssim, base.seconds / found.seconds
        holds = "yes" if size <= 1.02 and gain >= 0 else "no"
        print(f"| {kind} | {text} | {size:.1%} | {gain * 1e5:+.0f} | {faster:.2f} | {holds} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
