"""Voices are given to faces by evidence over the whole video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaflow_assets.faces.speaking.assignment import Assignment, FaceEvidence
from mediaflow_assets.faces.speaking.assignment import assign as assign_frames


def evidence(values: list[float], first: int = 0) -> FaceEvidence:
    return FaceEvidence(np.arange(first, first + len(values)), np.array(values, float))


def assign(faces: Mapping[int, FaceEvidence], voices: Sequence[Sequence[str]]) -> Assignment:
    """With the labels heard in each frame."""
    labels = {label for heard in voices for label in heard}
    return assign_frames(faces, {label: np.flatnonzero([label in heard for heard in voices]) for label in labels})


def test_two_who_speak_in_turn() -> None:
    voices = [("A",)] * 60 + [()] * 20 + [("B",)] * 60
    faces = {3: evidence([2.0] * 60 + [-2.0] * 80), 7: evidence([-2.0] * 80 + [2.0] * 60)}
    found = assign(faces, voices)
    assert found.speakers[3] == dict.fromkeys(range(60), ("A",))
    assert found.speakers[7] == dict.fromkeys(range(80, 140), ("B",))
    best = {pair.speaker: pair for pair in reversed(found.table)}
    assert (best["A"].face, best["B"].face) == (3, 7)
    assert best["A"].confidence > 0.9
    assert best["A"].frames == 60
    assert found.probability[3][60:80].max() == 0


def test_a_voice_from_outside_belongs_to_nobody() -> None:
    faces = {1: evidence([-2.0] * 100), 2: evidence([-1.0] * 100)}
    found = assign(faces, [("A",)] * 100)
    assert found.speakers == {1: {}, 2: {}}
    assert max(pair.confidence for pair in found.table) < 0.1


def test_without_any_evidence_nobody_speaks() -> None:
    found = assign({1: evidence([0.0] * 30)}, [("A",)] * 30)
    assert found.speakers == {1: {}}


def test_a_known_speaker_still_speaks_in_a_moment_without_evidence() -> None:
    values = [2.0] * 60 + [-1.0] * 10 + [2.0] * 60
    found = assign({1: evidence(values)}, [("A",)] * 130)
    assert len(found.speakers[1]) == 130
    alone = assign({1: evidence([-1.0] * 10)}, [("A",)] * 10)
    assert alone.speakers == {1: {}}


def test_a_speaker_who_leaves_the_picture_does_not_pass_the_voice_on() -> None:
    faces = {1: evidence([2.0] * 50), 2: evidence([-1.5] * 100)}
    found = assign(faces, [("A",)] * 100)
    assert set(found.speakers[1]) == set(range(50))
    assert found.speakers[2] == {}


def test_no_faces_and_no_frames() -> None:
    assert assign({}, [("A",)]).table == ()
    assert assign({1: evidence([])}, []).table == ()


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_at_most_one_face_has_a_voice(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, 40))
    voices = data.draw(st.lists(st.sets(st.sampled_from("AB")).map(sorted), min_size=total, max_size=total))
    values = st.lists(st.floats(-30, 30), min_size=total, max_size=total)
    faces = {number: evidence(data.draw(values)) for number in range(1, 4)}
    found = assign(faces, voices)
    for frame, heard in enumerate(voices):
        named = [speaker for number in faces for speaker in found.speakers[number].get(frame, ())]
        assert len(set(named)) == len(named)
        assert set(named) <= set(heard)
        for number in faces:
            assert -1e-9 <= found.probability[number][frame] <= 1
            assert heard or found.probability[number][frame] == pytest.approx(0)
