"""The clock of trembling stamps, on stamps of known truth."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaflow_assets.video.sound_clock import MAX_DEVIATION, SoundClock

RATE = 48000
FRAME = 960


def stamps_of(late: list[float]) -> list[float]:
    return [number * FRAME / RATE + more for number, more in enumerate(late)]


def clock_of(late: list[float]) -> SoundClock | None:
    return SoundClock.of(stamps_of(late), [FRAME] * len(late), RATE)


def lateness(clock: SoundClock, frames: int) -> np.ndarray:
    starts = np.arange(frames) * FRAME
    return clock.times(starts) - starts / RATE


lengths = st.integers(60, 400)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40)
@given(lengths, st.floats(-5, 5))
def test_exact_stamps_and_their_rounding_to_milliseconds_need_no_clock(frames: int, start: float) -> None:
    exact = stamps_of([start] * frames)
    assert SoundClock.of(exact, [FRAME] * frames, RATE) is None
    assert SoundClock.of([math.floor(one * 1000) / 1000 for one in exact], [FRAME] * frames, RATE) is None


@settings(max_examples=40)
@given(lengths, st.floats(0.1, 30), st.floats(0.2, 0.8))
def test_exact_stamps_with_a_gap_need_no_clock(frames: int, gap: float, where: float) -> None:
    first = int(frames * where)
    assert clock_of([0.0] * first + [gap] * (frames - first)) is None


@settings(max_examples=40)
@given(lengths, seeds, st.floats(0.003, 0.06))
def test_late_packets_make_one_run_near_the_truth(frames: int, seed: int, amount: float) -> None:
    late = np.random.default_rng(seed).uniform(0, amount, frames)
    clock = clock_of(list(late))
    assert clock is not None
    assert len(clock.knots) == 1
    assert -0.001 <= clock.knots[0].time <= max(amount / 2, MAX_DEVIATION)
    assert clock.tremble <= amount


@settings(max_examples=40)
@given(seeds, st.floats(0.15, 10), st.integers(60, 300), st.integers(60, 300))
def test_a_gap_among_late_packets_is_found_where_it_is(seed: int, gap: float, before: int, after: int) -> None:
    late = np.random.default_rng(seed).uniform(0, 0.03, before + after)
    late[before:] += gap
    clock = clock_of(list(late))
    assert clock is not None
    assert [knot.sample for knot in clock.knots] == [0, before * FRAME]
    assert abs(clock.knots[1].time - clock.knots[0].time - before * FRAME / RATE - gap) < 0.015


@settings(max_examples=40)
@given(seeds, st.floats(-0.01, 0.01))
def test_a_drift_among_late_packets_is_followed(seed: int, speed: float) -> None:
    frames = 3000
    drift = np.arange(frames) * FRAME / RATE * speed
    clock = clock_of(list(drift + np.random.default_rng(seed).uniform(0, 0.01, frames)))
    assert clock is not None
    away = lateness(clock, frames) - drift
    assert np.abs(away).max() <= 0.02 + 0.01
    assert all(abs(knot.speed - 1) < 0.03 for knot in clock.knots)


@settings(max_examples=40)
@given(st.integers(1, 40), st.floats(-0.04, 0.04))
def test_a_first_stamp_of_another_mind_makes_no_hole(first: int, step: float) -> None:
    clock = clock_of([0.0] * first + [step] * 300)
    if clock is None:
        # Nothing that ffmpeg would follow; or so little that it makes no difference.
        assert abs(step) <= 0.0011
        return
    assert len(clock.knots) == 1
    assert abs(clock.knots[0].time - step) <= MAX_DEVIATION + 1e-6


def test_frames_without_a_stamp_follow_those_before_them() -> None:
    late = [0.0, math.nan, 0.01, math.nan, math.nan, 0.0, 0.012, *[0.0] * 50]
    clock = clock_of(late)
    assert clock is not None
    assert len(clock.knots) == 1


def test_too_little_to_tell_needs_no_clock() -> None:
    assert clock_of([]) is None
    assert clock_of([0.3]) is None
    assert clock_of([math.nan] * 20) is None


def test_the_expression_has_the_last_knot_that_is_reached() -> None:
    late = [0.003 * (number % 2) + 0.5 * (number // 100) for number in range(800)]
    clock = clock_of(late)
    assert clock is not None
    assert len(clock.knots) == 8
    assert clock.expression(0.0).count("if(lt(N,") == 7
