"""The scene stage for one video: look at its small pictures, detect, write the CSV."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import write_scenes
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines import SceneEngine
from mediaflow_assets.scenes.flashes import Flashes
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.scenes.transitions import TRANSITIONS, classify
from mediaflow_assets.video.small import small_frames

CODE_VERSION = "3"


def detect_scenes(
    video: Path,
    total_frames: int,
    target: Path,
    engine: SceneEngine,
    settings: SceneSettings,
    on_progress: Callable[[float], None] = lambda _: None,
) -> dict[str, object]:
    """Write the scenes CSV of one 25-fps master, and describe it; its transitions are among the details.

    Raises:
        BadInput: the video does not decode to ``total_frames`` frames.
    """
    started = time.monotonic()
    engine.load()
    flashes = Flashes(settings.flash)
    predictions = engine.process(flashes.watch(small_frames(video)), lambda frame: on_progress(frame / total_frames))
    decoded = len(predictions.boundary)
    if decoded != total_frames:
        raise BadInput(video.name, f"decodes to {decoded} frames, not {total_frames}", "Materialize video_25fps again")
    predictions.boundary[flashes.frames] = 0
    scenes = scenes_from_probabilities(predictions.boundary.tolist(), settings.threshold)
    transitions = classify(small_frames(video), predictions, scenes)
    write_scenes(target, scenes)
    seconds = time.monotonic() - started
    lengths = [scene.last - scene.first + 1 for scene in scenes]
    return {
        "scenes": len(scenes),
        "frames": total_frames,
        "shortest": min(lengths),
        "longest": max(lengths),
        "frames_per_second": round(total_frames / seconds, 1),
        TRANSITIONS: msgspec.to_builtins(transitions),
        "engine": engine.name,
        "device": engine.device.device,
        "device_reason": engine.device.reason,
    }
