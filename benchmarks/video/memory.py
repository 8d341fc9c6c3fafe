"""Peak memory of the conversion and of scene detection by length of the video.

    python -m benchmarks video.memory --hours 0.25 --hours 4

The video is a minute of a small moving picture, repeated without encoding: what grows with the length of a video is
the same for any size of picture. Memory is that of this process and of ffmpeg together, sampled every 50 ms.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psutil
import typer

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.detect import detect_scenes
from mediaflow_assets.scenes.engines import ENGINES
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.ffmpeg import ffmpeg_binary
from mediaflow_assets.video.settings import VideoSettings


@contextmanager
def peak() -> Iterator[list[int]]:
    """One number, in bytes, that is final when the block is left."""
    found, done, this = [0], threading.Event(), psutil.Process()

    def watch() -> None:
        while not done.wait(0.05):
            total = this.memory_info().rss
            for child in this.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            found[0] = max(found[0], total)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def make(folder: Path, hours: float, rate: int) -> Path:
    minute, whole = folder / f"minute-{rate}.mkv", folder / f"{hours:g}-{rate}.mkv"
    command = [ffmpeg_binary(), "-v", "error", "-y"]
    source = [
        *("-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}:d=60"),
        *("-f", "lavfi", "-i", "sine=d=60:sample_rate=48000"),
    ]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "pcm_s16le"]
    subprocess.run([*command, *source, *encoder, str(minute)], check=True)
    loops = str(round(hours * 60) - 1)
    subprocess.run([*command, "-stream_loop", loops, "-i", str(minute), "-c", "copy", str(whole)], check=True)
    return whole


def main(
    hours: Annotated[list[float], typer.Option()],
    rate: Annotated[int, typer.Option(help="Pictures a second of the source; 25 is copied.")] = 30,
    engine: Annotated[str, typer.Option(help="Shot detector; none to leave scenes out.")] = "transnetv2",
    models: Annotated[Path, typer.Option(help="Folder of the model store.")] = Path("mediaflow_home/models"),
) -> None:
    for length in hours:
        with TemporaryDirectory() as name:
            source, master = make(Path(name), length, rate), Path(name) / "master.mp4"
            with peak() as used:
                made = convert(source, master, VideoSettings(encoder="libx264"))
            small = master.with_suffix(".48x27.mkv").stat().st_size
            print(
                f"{length:g} h, {made.total_frames} frames, {made.method}: conversion {used[0] / 1e6:.0f} MB",
                flush=True,
            )
            print(f"small pictures: {small / made.total_frames:.0f} bytes a frame", flush=True)
            if engine != "none":
                settings = SceneSettings(engine=engine)
                detector = ENGINES.get(engine)(settings, ModelStore(models), ComputeSettings(device="cpu"))
                with peak() as used:
                    detect_scenes(master, made.total_frames, Path(name) / "v.csv", detector, settings)
                print(f"{length:g} h: {engine} {used[0] / 1e6:.0f} MB", flush=True)


if __name__ == "__main__":
    typer.run(main)
