"""Frame arithmetic on the 25-fps clock."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.timebase import (
    active_frames,
    frame_count,
    frame_midpoint,
    frame_start,
    timecode,
    timecode_to_seconds,
)

Golden = Callable[[str], list[dict[str, Any]]]
seconds = st.floats(0, 400, allow_nan=False)


def test_timecodes_are_the_golden_ones(golden: Golden) -> None:
    for case in golden("scene_timecodes"):
        assert timecode(case["input"]) == case["output"]
    for case in golden("timecode_to_seconds"):
        assert timecode_to_seconds(case["input"]) == case["output"]


@given(st.integers(0, 10_000_000))
def test_a_timecode_reads_back(index: int) -> None:
    assert round(timecode_to_seconds(timecode(index)) * 25) == index
    assert frame_start(index + 1) == round(index / 25, 3)


@given(seconds, seconds, st.integers(0, 10_100))
def test_a_frame_is_active_when_its_midpoint_is_inside(one: float, other: float, total: int) -> None:
    start, end = sorted((one, other))
    active = set(active_frames(start, end, total))
    for frame in range(max(1, int(start * 25) - 2), min(total, int(end * 25) + 3) + 1):
        assert (frame in active) == (start <= frame_midpoint(frame) < end)
    assert all(1 <= frame <= total for frame in active)


@given(st.lists(seconds, min_size=3, max_size=3).map(sorted))
def test_adjacent_segments_share_no_frame_and_lose_none(times: list[float]) -> None:
    start, middle, end = times
    first, second = active_frames(start, middle, 20_000), active_frames(middle, end, 20_000)
    assert [*first, *second] == list(active_frames(start, end, 20_000))


def test_frame_edges() -> None:
    assert list(active_frames(0, 0.04, 10)) == [1]
    assert list(active_frames(0.02, 0.06, 10)) == [1]
    assert list(active_frames(1.0, 2.0, 100)) == list(range(26, 51))
    assert list(active_frames(5, 6, 100)) == []


@given(st.fractions(0, 1000))
def test_frame_count_is_within_half_a_frame(duration: Fraction) -> None:
    assert abs(frame_count(duration) - duration * 25) <= (Fraction(1, 2) if duration * 25 >= 1 else 1)
