"""Re-framings as After Effects compositions: the data from which the script builds them.

Keys are taken over exactly: a cubic Hermite curve is what After Effects plays between two keys with an influence of
a third, so no frame is baked. After Effects holds no composition longer than three hours: longer videos are parted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Keyframe, Reframing
from mediaflow_assets.reframing.playback import fitted, play

MAX_FRAMES = 3 * 3600 * FPS
"""Of one composition."""


def parts_of(total_frames: int, starts: Sequence[int]) -> list[tuple[int, int]]:
    """First and last frames of the compositions that hold a video, cut where a scene starts if that is possible."""
    parts: list[tuple[int, int]] = []
    first = 1
    while total_frames - first + 1 > MAX_FRAMES:
        limit = first + MAX_FRAMES
        cut = max((start for start in starts if limit - MAX_FRAMES // 2 <= start <= limit), default=limit)
        parts.append((first, cut - 1))
        first = cut
    return [*parts, (first, total_frames)]


def comp_of(document: Reframing, parts: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """One aspect: size, keys of each part, panels of split screens, framings."""
    return {
        "label": document.aspect.replace(":", "x"),
        "width": document.output.width,
        "height": document.output.height,
        "source": [document.source.width, document.source.height],
        "parts": [_keys(_with_fits(document), document.output.width, first, last) for first, last in parts],
        "panels": [
            {
                "first": panel.first,
                "last": panel.last,
                "upper": _keys(document.keyframes, document.output.width, panel.first, panel.last),
                "lower": _keys(panel.lower, document.output.width, panel.first, panel.last),
            }
            for panel in document.panels
        ],
        "framings": [
            [
                segment.first,
                segment.last,
                " + ".join(segment.faces) or segment.layout,
                ", ".join(segment.speakers),
                segment.why,
            ]
            for segment in document.segments
        ],
    }


def _with_fits(document: Reframing) -> list[Keyframe]:
    """The keys with the rectangle around the whole content where it is fitted."""
    keys = []
    for key in document.keyframes:
        around = next((view for first, last, view in fitted(document) if first <= key.frame <= last), None)
        keys.append(Keyframe(key.frame, tuple(around)) if around is not None else key)  # type: ignore[arg-type]
    return keys


def _keys(keyframes: Sequence[Keyframe], width: int, first: int, last: int) -> list[list[float | int]]:
    """``[frame, anchor x, anchor y, scale %, speed, cubic]`` for each key; speeds in pixels a frame along the way."""
    return [
        [
            key.frame,
            round(key.crop[0] + key.crop[2] / 2, 3),
            round(key.crop[1] + key.crop[3] / 2, 3),
            round(100 * width / key.crop[2], 4),
            round(float(np.hypot(*key.speed)), 4),
            int(key.easing == "cubic"),
        ]
        for key in between(keyframes, first, last)
    ]


def between(keyframes: Sequence[Keyframe], first: int, last: int) -> Iterator[Keyframe]:
    """The keys that play ``first..last`` alone: one at ``first``, and one at ``last`` where a move goes on after it."""
    inside = [key for key in keyframes if first <= key.frame <= last]
    if not inside or inside[0].frame != first:
        yield _state(keyframes, first)
    yield from inside
    if inside and inside[-1].frame < last and inside[-1].easing == "cubic":
        yield _state(keyframes, last)


def _state(keyframes: Sequence[Keyframe], frame: int) -> Keyframe:
    """Where the path is at a frame, as a key of its own: a part of a cubic curve is a cubic curve."""
    before = max((key for key in keyframes if key.frame <= frame), key=lambda key: key.frame)
    x, y, width, height = play(keyframes, frame, frame)[0]
    crop = (round(float(x), 2), round(float(y), 2), round(float(width), 2), round(float(height), 2))
    after = min((key for key in keyframes if key.frame > frame), key=lambda key: key.frame, default=None)
    if before.easing == "hold" or after is None:
        return Keyframe(frame, crop)
    span = after.frame - before.frame
    u = (frame - before.frame) / span
    speed = [
        (6 * u * u - 6 * u) / span * before.crop[axis]
        + (3 * u * u - 4 * u + 1) * before.speed[axis]
        + (6 * u - 6 * u * u) / span * after.crop[axis]
        + (3 * u * u - 2 * u) * after.speed[axis]
        for axis in (0, 1)
    ]
    return Keyframe(frame, crop, "cubic", (round(speed[0], 4), round(speed[1], 4)))
