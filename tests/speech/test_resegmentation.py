from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.speech.resegmentation import (
    MARGIN,
    MAX_SEGMENT,
    MIN_SEGMENT,
    SpeechSegment,
    reassign_segments,
    single_speaker_segments,
)


def timeline(*turns: tuple[int, int, int], frames: int = 1000, speakers: int = 2) -> np.ndarray:
    active = np.zeros((frames, speakers), bool)
    for first, stop, speaker in turns:
        active[first:stop, speaker] = True
    return active


def test_only_where_one_speaks_alone_and_long_enough() -> None:
    active = timeline((0, 60, 0), (50, 130, 1), (500, 500 + MIN_SEGMENT - 1, 0))
    assert single_speaker_segments(active) == [SpeechSegment(0, 50, 0), SpeechSegment(60, 130, 1)]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 600), st.integers(0, 2)), max_size=6))
def test_stretches_are_alone_in_order_and_short(turns: list[tuple[int, int, int]]) -> None:
    active = timeline(*((first, first + length, speaker) for first, length, speaker in turns), speakers=3)
    end = 0
    for one in single_speaker_segments(active):
        assert end <= one.first < one.stop
        end = one.stop
        assert one.stop - one.first <= 1.5 * MAX_SEGMENT + 1
        assert active[one.first : one.stop, one.speaker].all()
        assert (active[one.first : one.stop].sum(axis=1) == 1).all()


def test_a_stretch_goes_to_whom_it_clearly_resembles() -> None:
    speakers = np.eye(2, dtype=np.float32)
    active = timeline((0, 50, 0), (100, 150, 0), (200, 250, 1))
    other = np.array([0.1, 1], np.float32)
    doubtful = np.array([1, 1 + MARGIN / 2], np.float32)
    voices = np.stack([other, doubtful, other])
    corrected = reassign_segments(active, single_speaker_segments(active), voices, speakers)
    assert (corrected == timeline((0, 50, 1), (100, 150, 0), (200, 250, 1))).all()
