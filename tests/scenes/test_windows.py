"""Windows as the network was published to be used."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.scenes.windows import padded_windows


def numbered(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1)


@given(total=st.integers(1, 250), padding=st.integers(0, 30), stride=st.integers(1, 60))
def test_every_frame_is_predicted_once_in_order(total: int, padding: int, stride: int) -> None:
    window = stride + 2 * padding
    predicted = []
    for pictures, real in padded_windows(iter(numbered(total)), window, stride, padding):
        assert len(pictures) == window
        predicted += pictures[padding : padding + real, 0, 0, 0].tolist()
    assert predicted == list(range(total))


def test_the_ends_are_the_first_and_last_frame() -> None:
    windows = [pictures.ravel().tolist() for pictures, _ in padded_windows(iter(numbered(7)), 8, 4, 2)]
    assert windows == [[0, 0, 0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 6, 6, 6, 6]]


def test_no_frame_no_window() -> None:
    assert list(padded_windows(iter(()), 100, 50, 25)) == []
