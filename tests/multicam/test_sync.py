"""Recordings of one sound are found in each other to a frame, however they were made; others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaflow_assets.multicam.sync import Alignment, align
from support.voices import RATE, Sound, recorded, talk

FRAME = 0.04
TAKE = talk(40, seed=3)


def found(reference: Sound, recording: Sound) -> Alignment:
    result = align(reference, recording)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("offset", "seconds", "room", "level", "noise"),
    [
        (0.0, 40.0, 0.0, 1.0, 0.0),
        (7.313, 20.0, 0.0, 1.0, 0.0),
        (-5.0, 30.0, 0.4, 1.0, 0.0),
        (12.5, 27.5, 0.8, 0.05, 0.002),
        (3.3, 30.0, 0.3, 1.0, 0.1),
        (31.0, 20.0, 0.0, 8.0, 0.0),
        (18.02, 6.0, 0.4, 0.3, 0.01),
    ],
    ids=["same", "inside", "begins-before", "far-away", "noisy", "clipped-and-9-s-in-common", "short"],
)
def test_an_offset_is_found_within_a_frame(
    offset: float, seconds: float, room: float, level: float, noise: float
) -> None:
    near = recorded(TAKE, room=0.2, noise=0.001, seed=9)
    other = recorded(TAKE, offset=offset, seconds=seconds, room=room, level=level, noise=noise)
    result = found(near, other)
    assert result.sure
    assert result.offset == pytest.approx(offset, abs=FRAME)
    assert result.drift == 0.0


@settings(max_examples=8, deadline=None)
@given(offset=st.floats(-30, 30), level=st.floats(0.02, 2.0))
def test_any_offset_is_found_from_both_sides(offset: float, level: float) -> None:
    other = recorded(TAKE, offset=offset, seconds=38.0, level=level, noise=0.003)
    forth, back = found(TAKE, other), found(other, TAKE)
    assert forth.sure
    assert back.sure
    assert forth.offset == pytest.approx(offset, abs=FRAME)
    assert forth.offset == pytest.approx(-back.offset, abs=0.01)


@pytest.mark.parametrize("drift", [-200.0, -40.0, 80.0])
def test_drift_is_said_and_followed(drift: float) -> None:
    take = talk(420, seed=5)
    other = recorded(take, offset=11.0, drift=drift, room=0.3, level=0.4, noise=0.01)
    result = found(take, other)
    assert result.sure
    assert result.drift == pytest.approx(drift, abs=5)
    for seconds in (11.0, 200.0, 419.0):
        assert result.own_time(seconds) == pytest.approx((seconds - 11.0) * (1 + drift * 1e-6), abs=FRAME / 2)


def test_another_take_of_the_same_person_is_refused() -> None:
    result = align(TAKE, talk(40, seed=4))
    assert result is None or not result.sure


@pytest.mark.parametrize("other", [np.zeros(20 * RATE, np.float32), np.zeros(100, np.float32)])
def test_silence_is_like_nothing(other: Sound) -> None:
    result = align(TAKE, other)
    assert result is None or not result.sure


def test_two_seconds_in_common_are_too_few() -> None:
    result = align(TAKE, recorded(TAKE, offset=38.0, seconds=30.0))
    assert result is None or not result.sure
