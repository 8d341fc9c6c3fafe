"""Whether a combination of the matrix is converted as it has to be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.video.convert import Conversion, convert
from mediaflow_assets.video.probe import is_video
from mediaflow_assets.video.settings import VideoSettings
from support.media.encode import Truth, truth, write
from support.media.flashes import furthest, shown
from support.media.matrix import Combination

MOST_OFFSET = 0.020
"""Seconds by which a beep may be away from its place."""
SETTINGS = VideoSettings(encoder="libx264", quality="custom", custom_preset="ultrafast")
"""In a hurry: what is judged is time, not beauty."""


def judge(one: Combination, folder: Path) -> list[str]:
    """Make ``one`` below ``folder``, convert it, and say what is wrong, one phrase each."""
    source, target = write(one, folder), folder / "out" / "master.mp4"
    if not is_video(source):
        return ["is not taken for a video"]
    refused = one.kind.refused
    try:
        made = convert(source, target, SETTINGS)
    except MediaflowError as error:
        if refused and re.search(refused, error.sentence):
            return []
        return [f"refused: {error.sentence}"]
    if refused:
        return [f"converted, where a sentence with '{refused}' is due"]
    return list(_wrong(made, truth(one, source), *shown(target)))


def _wrong(made: Conversion, due: Truth, frames: int, flashes: list[float], beeps: list[float]) -> Iterator[str]:
    if frames != due.frames or made.total_frames != frames:
        yield f"{frames} frames (said to be {made.total_frames}), {due.frames} are due"
    # The nearest picture of the grid; time stamps in whole milliseconds are off by half of one.
    if furthest(flashes, [float(flash) for flash in due.flashes]) > 0.5 / FPS + 0.001:
        yield f"flashes at {_times(flashes)}, due at {_times(due.flashes)}"
    if furthest(beeps, [float(beep) for beep in due.beeps]) > MOST_OFFSET:
        yield f"beeps at {_times(beeps)}, due at {_times(due.beeps)}"
    if made.missing_seconds or any("damaged" in note for note in made.notes):
        yield f"called damaged: {'; '.join(made.notes)}"


def _times(times: Iterable[float | Fraction]) -> str:
    return ", ".join(f"{float(time):.3f}" for time in times) or "no time"
