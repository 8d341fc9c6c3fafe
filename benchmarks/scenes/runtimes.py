"""Shot detection on a processor, each way to calculate it: decisions and processor time, on any videos.

    python -m benchmarks scenes.runtimes FOLDER [--frames 25000] [--models mediaflow_home/models]

Every video below FOLDER that decodes is brought to 25 fps and the detector's size, and seen by each runtime on one
thread. Printed: frames, files, frames on the other side of the threshold, videos with another scene list, the largest
difference of a probability, and processor milliseconds a frame.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray

from mediaflow_assets.execution import openvino
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines import transnetv2
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.video.small import SIZE

REFERENCE = "torch"
MAX_FRAMES = 1500
"""Of one file."""


def small_pictures(video: Path) -> NDArray[np.uint8]:
    """``(N, 27, 48, 3)`` of the first minute at 25 fps; empty where nothing decodes."""
    width, height = SIZE
    command = [get_ffmpeg_exe(), "-v", "quiet", "-nostdin", "-t", "60", "-i", str(video), "-an", "-threads", "1"]
    command += ["-vf", f"fps=25,scale={width}:{height}", "-frames:v", str(MAX_FRAMES), "-f", "rawvideo"]
    command += ["-pix_fmt", "rgb24", "-"]
    try:
        raw = subprocess.run(command, capture_output=True, timeout=120).stdout
    except subprocess.TimeoutExpired:
        raw = b""
    size = width * height * 3
    return np.frombuffer(raw[: len(raw) // size * size], np.uint8).reshape(-1, height, width, 3)


def engines(models: Path) -> Iterator[tuple[str, transnetv2.TransNetV2Engine]]:
    """The published network in torch, OpenVINO in f32, and in bf16 where the processor has it."""
    bf16, compile_onnx = openvino.gains_by_bf16(), transnetv2.compile_onnx
    for name in (REFERENCE, "OpenVINO f32", *(["OpenVINO bf16"] if bf16 else [])):
        precision = name.rsplit(" ", 1)[-1]
        transnetv2.openvino_problem = lambda name=name: "torch is measured" if name == REFERENCE else ""
        transnetv2.compile_onnx = lambda model, threads, _, jobs, precision=precision: compile_onnx(
            model, threads, precision, jobs
        )
        compute = ComputeSettings(device="cpu", threads=1)
        engine = transnetv2.TransNetV2Engine(SceneSettings(), ModelStore(models), compute)
        engine.load()
        yield name, engine


def main(
    folder: Path,
    frames: Annotated[int, typer.Option(help="Stop after so many frames.")] = 25_000,
    models: Annotated[Path, typer.Option(help="Folder of the model store.")] = Path("mediaflow_home/models"),
) -> None:
    runtimes = dict(engines(models))
    seen = files = cuts = 0
    flips, lists, apart, seconds = (dict.fromkeys(runtimes, 0.0) for _ in range(4))
    for video in sorted(path for path in folder.rglob("*") if path.is_file()):
        pictures = small_pictures(video)
        if len(pictures) < 10:
            continue
        found: dict[str, NDArray[np.float32]] = {}
        for name, engine in runtimes.items():
            before = time.process_time()
            found[name] = engine.process(iter(pictures), lambda _: None).boundary
            seconds[name] += time.process_time() - before
        scenes = {name: scenes_from_probabilities(values.tolist()) for name, values in found.items()}
        seen, files, cuts = seen + len(pictures), files + 1, cuts + len(scenes[REFERENCE]) - 1
        for name, values in found.items():
            flips[name] += int(((values > 0.5) != (found[REFERENCE] > 0.5)).sum())
            apart[name] = max(apart[name], float(np.abs(values - found[REFERENCE]).max()))
            if scenes[name] != scenes[REFERENCE]:
                lists[name] += 1
                print(f"other scenes by {name}: {video.name}")
        if seen >= frames:
            break
    print(f"{files} videos, {seen} frames, {cuts} cuts by {REFERENCE}")
    print("| runtime | frames decided otherwise | videos with other scenes | largest difference | ms a frame | times |")
    print("|---|---|---|---|---|---|")
    for name in runtimes:
        row = (int(flips[name]), int(lists[name]), f"{apart[name]:.4f}", f"{1000 * seconds[name] / seen:.2f}")
        print(f"| {name} | {' | '.join(map(str, row))} | {seconds[REFERENCE] / seconds[name]:.2f} |")


if __name__ == "__main__":
    typer.run(main)
