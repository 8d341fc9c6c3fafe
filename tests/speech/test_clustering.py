"""Voices grouped by speaker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from mediaflow_assets.speech import clustering
from mediaflow_assets.speech.clustering import Clusters, Evidence, assign_window, cluster, told_apart, unit
from mediaflow_assets.speech.diarization import NO_HINTS, SpeakerHints


def voices(speakers: list[int], spread: float = 0.5, seed: int = 1) -> NDArray[np.float32]:
    """One embedding per item: the direction of its speaker, and noise ``spread`` long."""
    random = np.random.default_rng(seed)
    directions = unit(random.normal(size=(max(speakers) + 1, 192)).astype(np.float32))
    noise = unit(random.normal(size=(len(speakers), 192)).astype(np.float32))
    return directions[speakers] + np.float32(spread) * noise


def grouped(vectors: NDArray[np.float32], hints: SpeakerHints = NO_HINTS) -> Clusters:
    return cluster(vectors, threshold=0.8, min_cluster_size=3, hints=hints)


def same_partition(labels: NDArray[np.intp], truth: list[int]) -> bool:
    return len({*zip(labels.tolist(), truth, strict=True)}) == len(set(truth)) == len(set(labels.tolist()))


def test_speakers_of_a_conversation() -> None:
    truth = [0, 1, 0, 2, 1, 0, 2, 1, 0, 1, 2, 2]
    found = grouped(voices(truth))
    assert same_partition(found.labels, truth)
    assert found.centroids.shape == (3, 192)
    assert found.note == ""


def inverted() -> NDArray[np.float32]:
    """An equilateral triangle: once two corners are merged, the third is nearer to their middle than they were."""
    corners = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert (np.diff(linkage(unit(corners), "centroid")[:, 2]) < 0).any()
    return corners


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_number_is_reached_where_the_tree_has_inversions(number: int) -> None:
    """No cut at a distance gives two groups."""
    found = grouped(inverted(), SpeakerHints(exact=number))
    assert len(set(found.labels.tolist())) == len(found.centroids) == number
    assert found.note == ""
    assert len(grouped(inverted(), SpeakerHints(minimum=number)).centroids) >= number


def test_more_speakers_than_voices_are_said() -> None:
    found = grouped(voices([0, 1]), SpeakerHints(exact=4))
    assert len(found.centroids) == 2
    assert found.note == "4 speakers were asked for, but only 2 voices can be told apart"


@given(st.integers(1, 40), st.integers(1, 8), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_an_exact_number_is_always_reached(count: int, number: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
    found = grouped(vectors, SpeakerHints(exact=number))
    assert len(found.centroids) == min(number, count)
    assert set(found.labels.tolist()) == set(range(min(number, count)))


@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_limits_are_kept(count: int, number: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
    assert len(grouped(vectors, SpeakerHints(maximum=number)).centroids) <= number
    assert len(grouped(vectors, SpeakerHints(minimum=number)).centroids) >= min(number, count)


def of_short_sound(
    vectors: NDArray[np.float32], seconds: list[float], windows: list[int], hints: SpeakerHints = NO_HINTS
) -> Clusters:
    evidence = Evidence(np.array(seconds, np.float32), np.array(windows))
    return cluster(vectors, threshold=0.8, min_cluster_size=3, hints=hints, evidence=evidence)


def alike(distance: float, counts: list[int]) -> NDArray[np.float32]:
    """Voices of two speakers whose directions are ``distance`` apart."""
    random = np.random.default_rng(5)
    first, other = unit(random.normal(size=(2, 192)).astype(np.float32))
    across = unit(other - (other @ first) * first)
    cosine = 1 - distance**2 / 2
    second = cosine * first + np.sqrt(1 - cosine**2) * across
    noise = unit(random.normal(size=(sum(counts), 192)).astype(np.float32))
    return np.repeat([first, second], counts, axis=0).astype(np.float32) + np.float32(0.2) * noise


def test_who_is_heard_twice_counts_before_somebody_is_split() -> None:
    truth = [0] * 40 + [1] * 2
    vectors = voices(truth, spread=0.6)
    assert len(grouped(vectors).centroids) == 1
    found = of_short_sound(vectors, [0.1] * 42, [*range(42)], SpeakerHints(exact=2))
    assert same_partition(found.labels, truth)


def test_who_talks_last_is_in_few_windows_and_still_a_speaker() -> None:
    """Two seconds at the end of half a minute, in two windows of forty: the ends are in few."""
    truth = [0] * 40 + [1] * 2
    vectors = voices(truth)
    assert len(grouped(vectors).centroids) == 1
    assert same_partition(of_short_sound(vectors, [0.6] * 40 + [1.0] * 2, [*range(42)]).labels, truth)
    assert len(of_short_sound(vectors, [0.6] * 40 + [0.1] * 2, [*range(42)]).centroids) == 1


def test_a_short_voice_is_somebody_else_where_the_windows_hear_both() -> None:
    vectors, seconds = alike(1.0, [20, 4]), [0.5] * 20 + [0.2] * 4
    both = of_short_sound(vectors, seconds, [*range(20), 3, 4, 5, 6])
    assert same_partition(both.labels, [0] * 20 + [1] * 4)
    in_turns = of_short_sound(vectors, seconds, [*range(24)])
    assert len(in_turns.centroids) == 1
    stranger = of_short_sound(alike(1.35, [20, 4]), seconds, [*range(24)])
    assert same_partition(stranger.labels, [0] * 20 + [1] * 4)
    longer = of_short_sound(vectors, [0.5] * 24, [*range(24)])
    assert same_partition(longer.labels, [0] * 20 + [1] * 4)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_limits_are_kept_in_short_sound(count: int, number: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 6)).astype(np.float32)
    seconds, windows = random.uniform(0, 1, count).tolist(), random.integers(0, 20, count).tolist()
    for hints in (SpeakerHints(exact=number), SpeakerHints(minimum=number), SpeakerHints(maximum=number)):
        found = of_short_sound(vectors, seconds, windows, hints)
        assert set(found.labels.tolist()) == set(range(len(found.centroids)))
        assert len(found.centroids) >= min(hints.exact or hints.minimum or 1, count)
        assert len(found.centroids) <= (hints.exact or hints.maximum or count)


def test_two_voices_of_a_window_are_two_people() -> None:
    """Both are most like the first speaker, the second voice less so: it was heard over the first."""
    assert assign_window(np.array([[0.9, 0.1], [0.7, 0.3]], np.float32)).tolist() == [0, 1]
    assert assign_window(np.array([[0.7, 0.3], [0.9, 0.1]], np.float32)).tolist() == [1, 0]
    assert assign_window(np.array([[0.2, 0.9], [0.9, 0.2]], np.float32)).tolist() == [1, 0]


def test_one_person_whom_the_segmentation_split_stays_one() -> None:
    assert assign_window(np.array([[0.9, 0.1], [0.85, 0.05]], np.float32)).tolist() == [0, 0]
    assert assign_window(np.array([[0.9], [0.2], [0.5]], np.float32)).tolist() == [0, 0, 0]


def test_hours_with_many_people_are_clustered_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """23 people, two to four at a time, each of whom comes back an hour later."""
    monkeypatch.setattr(clustering, "MAX_LEAVES", 150)
    random = np.random.default_rng(4)
    truth: list[int] = []
    for first in [*range(0, 23, 3), *range(0, 23, 3)]:
        truth += random.choice(np.arange(first, min(first + 3, 23)), size=60).tolist()
    assert len(truth) > 4 * 150
    found = grouped(voices(truth))
    assert same_partition(found.labels, truth)
    fewer = grouped(voices(truth), SpeakerHints(exact=20))
    assert len(fewer.centroids) == 20


def test_nothing_and_one() -> None:
    assert len(grouped(np.zeros((0, 192), np.float32)).labels) == 0
    assert grouped(voices([0])).labels.tolist() == [0]


def test_speakers_are_told_apart_by_windows_that_hear_both() -> None:
    """The second is in four windows: in two of them beside the first, in one beside the third."""
    labels = np.array([[0, -1, -1], [0, 1, -1], [1, 0, -1], [1, -1, -1], [2, 1, -1], [2, -1, -1], [2, -1, -1]])
    apart = told_apart(labels, 4)
    assert (apart == apart.T).all()
    assert apart[0, 1]
    assert not apart[1, 2]
    assert not apart[0, 2]
    # Nobody of the fourth is heard in these windows, so nothing is known.
    assert not apart[3].any()
