"""One id for one person in several shots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.errors import Unavailable
from mediaflow_assets.faces.identity.joining import embedder_for, joins, renumbered, same_people
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.tracks import FaceTrack, merged
from mediaflow_assets.modelstore import ModelStore

ANNA, BEN = np.eye(128)[0], np.eye(128)[1]


def track(first: int, last: int) -> FaceTrack:
    frames = np.arange(first, last)
    return FaceTrack(frames, np.tile([0, 0, 10, 10], (len(frames), 1)), np.full(len(frames), float(first)))


def pictures(person: np.ndarray, count: int = 2) -> np.ndarray:
    return person + np.random.default_rng(1).normal(0, 0.01, (count, 128))


def test_people_are_found_again_after_a_cut() -> None:
    tracks = {1: track(0, 50), 2: track(0, 50), 3: track(50, 90), 4: track(90, 120)}
    embeddings = {1: pictures(ANNA), 2: pictures(BEN), 3: pictures(BEN, 1), 4: pictures(ANNA)}
    joined = same_people(embeddings, tracks, 0.5)
    assert joined == {3: 2, 4: 1}
    names = renumbered(tracks, joined)
    assert names == {1: 1, 2: 2, 3: 2, 4: 1}
    people = merged(tracks, names)
    assert people[2].frames.tolist() == list(range(90))
    assert people[1].jaw[[0, 49, 50]].tolist() == [0.0, 0.0, 90.0]


def test_who_is_seen_together_is_not_one_person() -> None:
    tracks = {1: track(0, 50), 2: track(40, 90), 3: track(100, 120)}
    alike = {number: pictures(ANNA) for number in tracks}
    joined = same_people(alike, tracks, 0.5)
    assert len({renumbered(tracks, joined)[number] for number in (1, 2)}) == 2
    assert len(joined) == 1


def test_numbers_have_no_gaps() -> None:
    assert renumbered([1, 2, 3, 5, 8], {3: 1, 8: 2}) == {1: 1, 2: 2, 3: 1, 5: 3, 8: 2}
    assert same_people({}, {}, 0.5) == {}


def test_without_dlib_nothing_is_joined_although_the_model_is_there(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not used must not be in the recipe, or installing dlib would change nothing."""
    assert joins(FaceSettings(join_shots="auto"), model_store)
    monkeypatch.setattr("mediaflow_assets.faces.identity.joining.find_spec", lambda _: None)
    assert not joins(FaceSettings(join_shots="auto"), model_store)
    assert embedder_for(FaceSettings(join_shots="auto"), model_store) is None
    with pytest.raises(Unavailable, match="pip install dlib-bin"):
        embedder_for(FaceSettings(join_shots="on"), model_store)


def test_joining_is_off_without_the_model_unless_it_is_asked_for(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert embedder_for(FaceSettings(join_shots="auto"), store) is None
    assert embedder_for(FaceSettings(join_shots="off"), store) is None
    with pytest.raises(Unavailable, match="dlib"):
        embedder_for(FaceSettings(join_shots="on"), store)
