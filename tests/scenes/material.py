"""Small pictures of photographs under a moving camera, joined by transitions of known place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediaflow_assets.sample.ingredients import ADMIRAL, ASTRONAUT, BRICK, COFFEE, GRASS, ROCKET, locate

Frames = NDArray[np.uint8]
"""``[N, 27, 48, 3]`` RGB."""
PHOTOGRAPHS = (ASTRONAUT, COFFEE, ADMIRAL, ROCKET, GRASS, BRICK)


@cache
def photograph(number: int) -> Image.Image:
    return Image.open(locate(PHOTOGRAPHS[number % len(PHOTOGRAPHS)])).convert("RGB").resize((160, 120))


def shot(number: int, frames: int) -> Frames:
    """A photograph over which the camera moves slowly."""
    moving = []
    for index in range(frames):
        left, top = 5 + 0.25 * index % 40, 8 + 0.1 * index % 20
        box = (left, top, left + 108, top + 61)
        moving.append(np.asarray(photograph(number).resize((48, 27), Image.Resampling.BICUBIC, box)))
    return np.stack(moving)


def cuts(*lengths: int) -> Frames:
    return np.concatenate([shot(number, length) for number, length in enumerate(lengths)])


def dissolve(before: int, length: int, after: int) -> Frames:
    """Shot 0 becomes shot 1 within ``length`` frames that are neither."""
    first, second = shot(0, before + length), shot(1, length + after)
    weight = (np.arange(1, length + 1) / (length + 1))[:, None, None, None]
    mixed = first[before:] * (1 - weight) + second[:length] * weight
    return np.concatenate([first[:before], mixed.round().astype(np.uint8), second[length:]])


def flash(frames: int, at: Sequence[int]) -> Frames:
    """One shot with single frames of white light."""
    lit = shot(0, frames).copy()
    for frame in at:
        lit[frame] = np.clip(lit[frame].astype(int) // 4 + 190, 0, 255).astype(np.uint8)
    return lit


def fade(before: int, length: int, after: int) -> Frames:
    """Shot 0 to black and from black to shot 1, each within ``length`` frames."""
    down = (np.arange(length, 0, -1) / (length + 1))[:, None, None, None]
    first, second = shot(0, before + length), shot(1, length + after)
    out = (first[before:] * down).round().astype(np.uint8)
    back = (second[:length] * down[::-1]).round().astype(np.uint8)
    return np.concatenate([first[:before], out, back, second[length:]])
