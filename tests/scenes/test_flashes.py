"""Flashes of light are told from short shots."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from mediaflow_assets.scenes.flashes import Flashes
from tests.scenes.material import Frames, cuts, dissolve, fade, flash, shot


def found(frames: Frames, longest: int = 5) -> list[int]:
    flashes = Flashes(longest)
    assert np.array_equal(np.stack(list(flashes.watch(iter(frames)))), frames)
    return sorted(set(flashes.frames))


def white(frames: Frames, at: range) -> Frames:
    lit = frames.copy()
    lit[at.start : at.stop] = 255
    return lit


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_flash_is_its_frames_and_the_one_before(length: int) -> None:
    assert found(flash(60, range(20, 20 + length))) == list(range(19, 20 + length))
    assert found(white(shot(3, 60), range(20, 20 + length))) == list(range(19, 20 + length))


def test_a_flash_that_fades_out_slowly_is_one() -> None:
    lit = shot(0, 60).astype(float)
    for number, weight in enumerate((0.95, 0.5, 0.25)):
        lit[20 + number] += (255 - lit[20 + number]) * weight
    assert found(lit.round().astype(np.uint8))[0] == 19


def test_longer_light_is_none() -> None:
    lit = white(shot(0, 60), range(20, 26))
    assert found(lit) == []
    assert found(lit, 6) == list(range(19, 26))
    assert found(flash(60, [20]), 0) == []


def test_light_at_a_cut_hides_no_cut() -> None:
    frames = cuts(30, 30)
    assert found(white(frames, range(30, 32))) == []
    assert found(white(frames, range(28, 30))) == []


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_short_shot_is_none_even_if_it_is_brighter(length: int) -> None:
    for one, other in permutations(range(6), 2):
        assert found(np.concatenate([shot(one, 12), shot(other, length), shot(one, 12)])) == []


def test_transitions_and_still_pictures_are_none() -> None:
    still = np.repeat(shot(0, 1), 20, axis=0)
    for frames in (dissolve(20, 5, 20), fade(20, 5, 20), cuts(1, 2, 3, 20, 2), still, 255 - 0 * still):
        assert found(frames) == []
