from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.speech.resegmentation import (
    MARGIN,
    MAX_SEGMENT,
    MIN_SEGMENT,
    SpeechSegment,
    merge_speakers,
    reassign_segments,
    single_speaker_segments,
    split_speakers,
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


def voices_of(people: list[int], apart: float, seed: int = 0) -> np.ndarray:
    """A unit vector near the direction of each of ``people``; two directions are ``apart`` (Euclidean)."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.arcsin(apart / 2)
    directions = np.zeros((2, 192))
    directions[:, 0] = 1, np.cos(angle)
    directions[1, 1] = np.sin(angle)
    voices = directions[people] + rng.normal(0, 0.03, (len(people), 192))
    return (voices / np.linalg.norm(voices, axis=1, keepdims=True)).astype(np.float32)


def taken_for_one(people: list[int], apart: float) -> tuple[np.ndarray, list[SpeechSegment], np.ndarray, np.ndarray]:
    """Everything that :func:`split_speakers` is given where those people talk in turn and are one speaker."""
    stretches = [SpeechSegment(100 * index, 100 * index + 80, 0) for index in range(len(people))]
    active = timeline(*((one.first, one.stop + 8, 0) for one in stretches), frames=100 * len(people), speakers=1)
    voices = voices_of(people, apart)
    mean = voices.mean(axis=0, keepdims=True)
    return active, stretches, voices, mean / np.linalg.norm(mean)


def test_two_people_taken_for_one_are_parted() -> None:
    people = [0, 0, 1, 0, 1, 1, 0, 1, 0, 1]
    active, stretches, voices, mean = taken_for_one(people, apart=1.2)
    parted, means = split_speakers(active, stretches, voices, mean, threshold=0.8, most=np.inf)
    assert parted.shape == (1000, 2)
    assert (parted.sum(axis=1) == active[:, 0]).all()
    # What is in no stretch, at the end of each turn, goes with the turn.
    heard = [parted[one.first : one.stop + 8].all(axis=0).tolist().index(True) for one in stretches]
    assert heard in (people, [1 - one for one in people])
    expected = np.stack([voices[np.array(heard) == number].mean(axis=0) for number in (0, 1)])
    np.testing.assert_allclose(means, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize(
    ("people", "apart", "threshold", "most"),
    [
        ([0, 1] * 5, 0.8, 0.8, np.inf),  # one who sounds different now and then
        ([0] * 9 + [1], 1.3, 0.8, np.inf),  # a noise
        ([0, 1] * 3, 1.3, 0.8, np.inf),  # too little to tell
        ([0, 1] * 5, 1.3, 0.8, 1),  # one was asked for
        ([0, 1] * 5, 1.2, 1.1, np.inf),  # fewer were asked for
    ],
)
def test_one_speaker_stays_whole(people: list[int], apart: float, threshold: float, most: float) -> None:
    given = taken_for_one(people, apart)
    parted, means = split_speakers(*given, threshold=threshold, most=most)
    assert (parted == given[0]).all()
    assert (means == given[3]).all()


def taken_for_two(people: list[int], apart: float) -> tuple[np.ndarray, list[SpeechSegment], np.ndarray, np.ndarray]:
    """Everything that :func:`merge_speakers` is given where each of those turns is of one of two speakers."""
    stretches = [SpeechSegment(100 * index, 100 * index + 80, speaker) for index, speaker in enumerate(people)]
    active = timeline(*((one.first, one.stop + 8, one.speaker) for one in stretches), frames=100 * len(people))
    voices = voices_of(people, apart)
    means = np.stack([voices[np.array(people) == speaker].mean(axis=0) for speaker in (0, 1)])
    return active, stretches, voices, means / np.linalg.norm(means, axis=1, keepdims=True)


NOBODY_APART = np.zeros((2, 2), bool)


@pytest.mark.parametrize(("apart", "least"), [(0.9, 0), (0.9, 1), (0.5, 2)])
def test_one_person_taken_for_two_speakers_is_joined(apart: float, least: int) -> None:
    active, stretches, voices, means = taken_for_two([0, 0, 1, 0, 1], apart)
    joined, mean = merge_speakers(active, stretches, voices, means, apart=NOBODY_APART, threshold=0.8, least=least)
    assert (joined == active.any(axis=1, keepdims=True)).all()
    expected = voices.mean(axis=0, keepdims=True)
    np.testing.assert_allclose(mean, expected / np.linalg.norm(expected), atol=1e-5)


@pytest.mark.parametrize(
    ("apart", "told_apart", "threshold", "least"),
    [
        (1.1, False, 0.8, 0),  # two people
        (0.9, True, 0.8, 0),  # heard as two in the same windows
        (0.9, False, 0.8, 2),  # two are known to talk
        (0.9, False, 0.6, 0),  # more were asked for
    ],
)
def test_two_people_stay_two(apart: float, told_apart: bool, threshold: float, least: int) -> None:
    active, stretches, voices, means = taken_for_two([0, 0, 1, 0, 1], apart)
    pairs = np.array([[True, told_apart], [told_apart, True]])
    joined, kept = merge_speakers(active, stretches, voices, means, apart=pairs, threshold=threshold, least=least)
    assert (joined == active).all()
    assert (kept == means).all()


def test_who_was_parted_later_and_who_is_in_no_stretch_are_speakers_too() -> None:
    """The pairs that are told apart are known of the first speaker only; the third one talks over the others."""
    active, stretches, voices, means = taken_for_two([0, 1, 0, 1], 0.5)
    active = np.column_stack([active, np.zeros(len(active), bool)])
    active[85:110, 2] = True
    means = np.concatenate([means, -means[:1]])
    joined, kept = merge_speakers(active, stretches, voices, means, apart=np.ones((1, 1), bool), threshold=0.8, least=0)
    assert (joined == np.column_stack([active[:, :2].any(axis=1), active[:, 2]])).all()
    assert (kept[1] == means[2]).all()
