"""From probabilities to scenes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities


@pytest.mark.parametrize(
    ("probabilities", "scenes"),
    [
        ([0.0, 0.0, 0.0], [(1, 3)]),
        ([0.0, 0.9, 0.0], [(1, 2), (3, 3)]),
        ([0.9, 0.0, 0.0], [(1, 1), (2, 3)]),
        ([0.0, 0.0, 0.9], [(1, 3)]),
        ([0.5, 0.5, 0.5], [(1, 3)]),
        ([0.0, 0.6, 0.8, 0.7, 0.0, 0.0], [(1, 3), (4, 6)]),
        ([0.0, 0.8, 0.8, 0.0], [(1, 2), (3, 4)]),
        ([0.9, 0.0, 0.9, 0.0], [(1, 1), (2, 3), (4, 4)]),
        ([0.9], [(1, 1)]),
    ],
)
def test_a_run_of_boundary_frames_is_one_cut_at_its_most_probable(
    probabilities: list[float], scenes: list[tuple[int, int]]
) -> None:
    assert scenes_from_probabilities(probabilities) == scenes


def test_no_frame_is_an_error() -> None:
    with pytest.raises(BadInput):
        scenes_from_probabilities([])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200), st.floats(0.01, 0.99))
def test_scenes_are_contiguous_and_complete(probabilities: list[float], threshold: float) -> None:
    scenes = scenes_from_probabilities(probabilities, threshold)
    assert scenes[0].first == 1
    assert scenes[-1].last == len(probabilities)
    assert all(later.first == earlier.last + 1 for earlier, later in pairwise(scenes))
    assert all(probabilities[scene.last - 1] > threshold for scene in scenes[:-1])
