from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.timebase import frame_midpoint
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.timeline import (
    active_speakers,
    in_order_of_speech,
    overlap_seconds,
    speech_seconds,
)

milliseconds = st.integers(0, 4000).map(lambda value: value / 1000)
segments = st.lists(st.builds(Segment, milliseconds, milliseconds, st.sampled_from("cab")), max_size=12)


def test_labels_follow_the_order_of_first_speech() -> None:
    heard = [Segment(5, 6, "A"), Segment(1, 2, "Z"), Segment(3, 4, "M"), Segment(7, 8, "Z")]
    assert in_order_of_speech(heard) == [
        Segment(1, 2, "SPEAKER_00"),
        Segment(3, 4, "SPEAKER_01"),
        Segment(5, 6, "SPEAKER_02"),
        Segment(7, 8, "SPEAKER_00"),
    ]


def test_segments_of_one_speaker_that_touch_or_overlap_become_one() -> None:
    heard = [Segment(0, 2, "A"), Segment(1, 3, "A"), Segment(3, 4, "A"), Segment(2, 5, "B"), Segment(4.5, 5, "A")]
    assert in_order_of_speech(heard) == [
        Segment(0, 4, "SPEAKER_00"),
        Segment(2, 5, "SPEAKER_01"),
        Segment(4.5, 5, "SPEAKER_00"),
    ]


def test_empty_segments_name_nobody() -> None:
    assert in_order_of_speech([Segment(0, 0.0004, "A"), Segment(2, 1, "C"), Segment(1, 2, "B")]) == [
        Segment(1, 2, "SPEAKER_00")
    ]


def test_a_frame_counts_when_its_midpoint_is_spoken() -> None:
    # Midpoints at 0.02, 0.06, 0.10, 0.14 …: the start counts, the end does not.
    labels = list(active_speakers([Segment(0.06, 0.14, "A"), Segment(0.061, 0.141, "B")], 5))
    assert labels == [(), ("A",), ("A", "B"), ("B",), ()]


def test_speech_after_the_last_frame_is_left_out() -> None:
    assert list(active_speakers([Segment(0, 99, "A"), Segment(50, 99, "B")], 3)) == [("A",)] * 3


def test_no_frame_no_label() -> None:
    assert list(active_speakers([Segment(0, 1, "A")], 0)) == []


@given(segments, st.integers(0, 120))
def test_every_frame_has_exactly_who_covers_its_midpoint(heard: list[Segment], total: int) -> None:
    expected = [
        tuple(sorted({one.speaker for one in heard if one.start <= frame_midpoint(frame) < one.end}))
        for frame in range(1, total + 1)
    ]
    assert list(active_speakers(heard, total)) == expected


@given(segments)
def test_ordering_changes_names_and_nothing_else(heard: list[Segment]) -> None:
    ordered = in_order_of_speech(heard)
    names = list(dict.fromkeys(one.speaker for one in ordered))
    assert names == [f"SPEAKER_{number:02d}" for number in range(len(names))]
    assert in_order_of_speech(ordered) == ordered
    before = [len(labels) for labels in active_speakers(heard, 100)]
    assert [len(labels) for labels in active_speakers(ordered, 100)] == before


@given(segments)
def test_seconds_agree_with_a_count_of_milliseconds(heard: list[Segment]) -> None:
    ordered = in_order_of_speech(heard)
    talking = [[0] * 4000 for _ in range(3)]
    for one in ordered:
        for instant in range(round(one.start * 1000), round(one.end * 1000)):
            talking[int(one.speaker[-2:])][instant] = 1
    assert speech_seconds(ordered) == {
        f"SPEAKER_{number:02d}": sum(row) / 1000 for number, row in enumerate(talking) if any(row)
    }
    assert overlap_seconds(ordered) == sum(sum(column) > 1 for column in zip(*talking, strict=True)) / 1000
