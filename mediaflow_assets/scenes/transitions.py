"""What kind of transition ends each scene, and in which frames.

The extent is read from the second head of TransNetV2, which was trained to mark every frame of a
transition. The kind is read from the small pictures: a fade passes through a frame of one colour, a
flash through one that is lighter than both scenes, a wipe shows parts of both, a dissolve their mixture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import (
    Transition,
    TransitionKind,
    Transitions,
    transitions_path,
    write_transitions,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaflow_assets.scenes.predictions import ShotPredictions

    Extent = tuple[int, int]

TRANSITIONS = "transitions"
"""Key of a video's transitions in the details of its scenes: so they come back with scenes from the analysis store."""
EXTENT_THRESHOLD = 0.3
"""Frames around a cut above this belong to its transition: at 0.5 the first frames of dissolves of more than eight,
which are hardly mixed yet, fall out; on made dissolves of 2 to 30 frames both ends are within one frame."""
MAX_EXTENT = 100
"""Frames; a longer run is no one transition, and is held in memory to be looked at."""
FADE_MAX_CONTRAST = 0.3
"""Of a fade's emptiest frame, as part of the lower contrast (standard deviation of its pixels) of both scenes."""
FLASH_MIN_LIGHT = 40
"""Levels of 255 by which a flash is lighter than the lighter of both scenes."""
FLASH_MAX_FRAMES = 5
"""What takes longer is a fade to white."""
WIPE_MAX_MIXED = 0.5
"""How much of a half-way frame is like neither scene, as part of what it would be in an even mixture."""


def extents(predictions: ShotPredictions, scenes: Sequence[Scene]) -> list[Extent]:
    """First and last frame, 1-based, of the transition at the end of every scene but the last."""
    if predictions.transition is None:
        return [(scene.last, scene.last) for scene in scenes[:-1]]
    marked = predictions.transition > EXTENT_THRESHOLD
    found: list[Extent] = []
    for scene, following in pairwise(scenes):
        earliest = found[-1][1] + 1 if found else 1
        # Where two cuts lie in one marked stretch, each gets the half that is nearer.
        latest = following.last if following == scenes[-1] else (scene.last + following.last) // 2
        first = last = scene.last
        while first > earliest and marked[first - 2] and last - first < MAX_EXTENT:
            first -= 1
        while last < latest and marked[last] and last - first < MAX_EXTENT:
            last += 1
        found.append((first, last))
    return found


def classify(
    frames: Iterable[NDArray[np.uint8]], predictions: ShotPredictions, scenes: Sequence[Scene]
) -> list[Transition]:
    """Every transition of a video, in order.

    Args:
        frames: the small pictures, all of them, uint8 ``(height, width, 3)``; at most the frames of one transition
            are held at a time. They are not looked at where every transition is a cut.
        predictions: of the shot detector; without transition probabilities gradual ones are ``unknown``.
        scenes: contiguous, as in the scenes CSV.
    """
    spans = extents(predictions, scenes)
    gradual = any(first < last for first, last in spans)
    kinds: list[TransitionKind] = _kinds(frames, spans) if gradual else ["cut"] * len(spans)
    boundary = predictions.boundary
    return [
        Transition(scene.last, kind, first, last, round(float(boundary[scene.last - 1]), 4))
        for scene, kind, (first, last) in zip(scenes, kinds, spans, strict=False)
    ]


def _kinds(frames: Iterable[NDArray[np.uint8]], spans: Sequence[Extent]) -> list[TransitionKind]:
    kinds: list[TransitionKind] = []
    held: list[NDArray[np.uint8]] = []
    pending = iter(spans)
    span = next(pending, None)
    for number, frame in enumerate(frames, start=1):
        while span is not None and span[0] == span[1]:
            kinds.append("cut")
            span = next(pending, None)
            held = []
        if span is None:
            break
        first, last = span
        if number < first - 1:
            continue
        held.append(frame)
        if number > last:
            kinds.append(_kind(held))
            span = next(pending, None)
            # The frame after one transition may be the frame before the next.
            held = [frame] if span is not None and span[0] - 1 <= number else []
    return kinds + ["unknown" if first < last else "cut" for first, last in spans[len(kinds) :]]


def _kind(frames: Sequence[NDArray[np.uint8]]) -> TransitionKind:
    """Of a gradual transition, with the frames before and after it."""
    import numpy as np

    pictures = np.stack(frames).astype(np.float32)
    before, between, after = pictures[0], pictures[1:-1], pictures[-1]
    if len(between) == 0:
        return "unknown"
    light = between.mean(axis=(1, 2, 3)).max() - max(before.mean(), after.mean())
    if light > FLASH_MIN_LIGHT and len(between) <= FLASH_MAX_FRAMES:
        return "flash"
    contrast = between.std(axis=(1, 2, 3))
    if contrast.min() < FADE_MAX_CONTRAST * min(before.std(), after.std()):
        return "fade"
    if _mixed(before, between[len(between) // 2], after) < WIPE_MAX_MIXED:
        return "wipe"
    return "dissolve"


def _mixed(before: NDArray[np.float32], frame: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """How far the pixels of a frame are from the nearer scene: 1 for an even mixture, 0 for parts of both."""
    import numpy as np

    apart = np.abs(before - after).mean()
    nearer = np.minimum(np.abs(frame - before), np.abs(frame - after)).mean()
    return float(nearer / max(apart / 2, 1.0))


def keep_beside(csv: Path, details: Mapping[str, object], video_filename: str, total_frames: int) -> None:
    """Write the transitions document beside a scenes CSV, however that came.

    Args:
        details: of the record of these scenes. Scenes of earlier versions have no transitions: then none are left.
        video_filename: as it was received.
    """
    path = transitions_path(csv)
    if TRANSITIONS not in details:
        path.unlink(missing_ok=True)
        return
    write_transitions(path, Transitions(video_filename, total_frames, transitions_in(details)))


def transitions_in(details: Mapping[str, object]) -> tuple[Transition, ...]:
    """The transitions in the details of a video's scenes; none in those of earlier versions."""
    return msgspec.convert(details.get(TRANSITIONS, ()), tuple[Transition, ...])
