"""Dark bars, found per shot in films with known bars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.reframing.bars import content_of, contents
from tests.reframing.films import write_film


def _pictures(width: int, height: int) -> Iterator[np.ndarray]:  # type: ignore[type-arg]
    random = np.random.default_rng(1)
    noise = random.integers(60, 220, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    for frame in range(60):
        picture = np.roll(noise, frame, axis=1).copy()
        if frame < 30:
            picture[:, :80] = picture[:, -80:] = 16
        yield picture


def test_bars_are_found_in_the_shot_that_has_them(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", _pictures(640, 360))
    first, second = (seen.content for seen in contents(film, [Scene(1, 30), Scene(31, 60)], 640, 360))
    assert second == Rect(0, 0, 640, 360)
    assert first.x == pytest.approx(82, abs=2) and first.right == pytest.approx(558, abs=2)
    assert (first.y, first.height) == (0, 360)


def test_a_dark_scene_has_no_bars() -> None:
    dark = np.full((27, 48), 16, np.uint8)
    assert content_of(dark) == Rect(0, 0, 48, 27)
    dark[10:14, 20:26] = 200
    assert content_of(dark) == Rect(0, 0, 48, 27)
