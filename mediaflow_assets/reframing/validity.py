"""Whether a re-framing document keeps its contract."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from mediaflow_assets.formats.reframe_json import Crop, Reframing
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import ASPECTS
from mediaflow_assets.reframing.playback import crops_of

_ASPECT_ERROR = 0.001
_ROUNDING = 0.01
"""Pixels: sides have two decimals, which is more than ``_ASPECT_ERROR`` of a picture of a few pixels."""
_OUTSIDE = 0.5
"""Pixels."""


def problems(document: Reframing, scenes: Sequence[Scene], total_frames: int) -> list[str]:
    """What is wrong with a document, one sentence each; empty when it is valid.

    Keys are in order from frame 1, every shot and every cut has one on its first frame, segments cover every
    frame, all numbers are finite, and the crop played from the keys has the aspect and stays inside the content.
    """
    return list(_problems(document, scenes, total_frames))


def _problems(document: Reframing, scenes: Sequence[Scene], total_frames: int) -> Iterator[str]:
    if document.total_frames != total_frames:
        yield f"it is for {document.total_frames} frames, the video has {total_frames}"
        return
    if not document.keyframes:
        yield "it has no keyframe"
        return
    numbers = [(*key.crop, *key.speed) for key in document.keyframes]
    if not all(map(math.isfinite, itertools.chain.from_iterable(numbers))):
        yield "a keyframe is not a number"
        return
    frames = [key.frame for key in document.keyframes]
    if frames[0] != 1 or frames[-1] > total_frames or any(a >= b for a, b in itertools.pairwise(frames)):
        yield "its keyframes are not in order from frame 1"
        return
    starts = {scene.first for scene in scenes} | {item.first for item in document.segments if item.begins != "glide"}
    for missing in sorted(starts - set(frames)):
        yield f"frame {missing} begins a shot or a cut and has no keyframe"
    yield from _segments(document, total_frames)
    yield from _crops(document)


def _segments(document: Reframing, total_frames: int) -> Iterator[str]:
    expected = 1
    for segment in document.segments:
        if segment.first != expected or segment.last < segment.first:
            yield f"segment {segment.first}-{segment.last} does not start at frame {expected}"
            return
        expected = segment.last + 1
    if expected != total_frames + 1:
        yield f"its segments end at frame {expected - 1} of {total_frames}"


def _crops(document: Reframing) -> Iterator[str]:
    ratio = ASPECTS[document.aspect].ratio if document.aspect in ASPECTS else 0
    crops = crops_of(document)
    split = np.zeros(document.total_frames, bool)
    for panel in document.panels:
        split[panel.first - 1 : panel.last] = True
        for key in panel.lower:
            if not _has_ratio(key.crop, 2 * ratio):
                yield f"the lower half at frame {key.frame} has another aspect than half a screen"
    wanted = np.where(split, 2 * ratio, ratio)
    widths = wanted * crops[:, 3]
    wrong = np.flatnonzero(np.abs(crops[:, 2] - widths) > _ASPECT_ERROR * widths + _ROUNDING)
    if len(wrong):
        yield f"the crop at frame {wrong[0] + 1} does not have the aspect {document.aspect}"
    for shot in document.shots:
        x, y, width, height = shot.content
        part = crops[shot.first - 1 : shot.last]
        inside = (
            (part[:, 0] >= x - _OUTSIDE)
            & (part[:, 1] >= y - _OUTSIDE)
            & (part[:, 0] + part[:, 2] <= x + width + _OUTSIDE)
            & (part[:, 1] + part[:, 3] <= y + height + _OUTSIDE)
        )
        if not inside.all():
            yield f"the crop at frame {shot.first + int(np.argmin(inside))} leaves the picture"


def _has_ratio(crop: Crop, ratio: float) -> bool:
    width = ratio * crop[3]
    return abs(crop[2] - width) <= _ASPECT_ERROR * width + _ROUNDING
