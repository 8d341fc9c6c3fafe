"""Sheets of pictures fit where they are kept, whatever is in the pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mediaflow_assets.video.sheets import MAX_BYTES, tiled


def noise(width: int, height: int, seed: int) -> Image.Image:
    """The hardest thing to compress."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize("count", [1, 3, 24, 60])
@pytest.mark.parametrize("size", [(160, 90), (96, 96), (640, 360)])
def test_grain_fits_too(count: int, size: tuple[int, int]) -> None:
    sheet = tiled([noise(*size, seed) for seed in range(count)], 4)
    assert sheet is not None
    assert len(sheet) <= MAX_BYTES
    picture = Image.open(io.BytesIO(sheet))
    assert picture.width / picture.height == pytest.approx(
        min(count, 4) * size[0] / (-(-count // 4) * size[1]), rel=0.05
    )


def test_what_fits_is_not_made_worse() -> None:
    flat = [Image.new("RGB", (160, 90), (number * 10, 90, 40)) for number in range(24)]
    sheet = tiled(flat, 4)
    assert sheet is not None
    assert Image.open(io.BytesIO(sheet)).size == (640, 540)


def test_what_fits_in_no_legible_size_is_left_out() -> None:
    assert tiled([noise(160, 90, 0)], 4, max_bytes=500) is None
    assert tiled([], 4) is None
