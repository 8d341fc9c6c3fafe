"""The scene stage for one video: look at its small pictures, detect, write the CSV."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import write_scenes
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines import SceneEngine
from mediaflow_assets.scenes.flashes import Flashes
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.video.small import small_frames

CODE_VERSION = "3"


def detect_scenes(
    video: Path,
    total_frames: int,
    target: Path,
    engine: SceneEngine,
    settings: SceneSettings,
    on_fraction: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the scenes CSV of one 25-fps master and describe it.

    Raises:
        BadInput: the video does not decode to ``total_frames`` frames.
    """
    started = time.monotonic()
    engine.load()
    flashes = Flashes(settings.flash)
    probabilities = engine.process(flashes.watch(small_frames(video)), lambda frame: on_fraction(frame / total_frames))
    if len(probabilities) != total_frames:
        raise BadInput(
            video.name, f"decodes to {len(probabilities)} frames, not {total_frames}", "Materialize video_25fps again"
        )
    probabilities[flashes.frames] = 0
    scenes = scenes_from_probabilities(probabilities.tolist(), settings.threshold)
    write_scenes(target, scenes)
    seconds = time.monotonic() - started
    lengths = [scene.last - scene.first + 1 for scene in scenes]
    return {
        "scenes": len(scenes),
        "frames": total_frames,
        "shortest": min(lengths),
        "longest": max(lengths),
        "frames_per_second": round(total_frames / seconds, 1),
        "engine": engine.name,
        "device": engine.device.device,
        "device_reason": engine.device.reason,
    }
