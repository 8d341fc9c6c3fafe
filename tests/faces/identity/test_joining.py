"""One id for one person in several shots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.errors import Unavailable
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.joining import Portraits, embedder_for, renumbered, same_people
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


def test_the_largest_looks_are_kept_apart_from_each_other() -> None:
    portraits = Portraits()
    for frame in range(100):
        size = 20 + frame % 60
        points = np.array([[0, 0], [size, 0], [9, 9], [2, 20], [18, 20]], np.float32)
        face = Detection(bbox=(0, 0, 40, 40), centroid=(20, 20), keypoints=points)
        portraits.add(frame, {7: face, 8: Detection(bbox=(60, 0, 9, 9), centroid=(4, 4), keypoints=points / 10)})
    assert [(number, portrait.frame) for number, portrait in portraits.all()] == [(7, 59), (7, 99)]


def test_a_look_at_a_face_that_another_touches_counts_for_less() -> None:
    portraits = Portraits()
    for frame in range(20):
        points = np.array([[0, 0], [20 + frame, 0], [9, 9], [2, 20], [18, 20]], np.float32)
        face = Detection(bbox=(0, 0, 40, 40), centroid=(20, 20), keypoints=points)
        other = Detection(bbox=(70 - 4 * frame, 0, 40, 40), centroid=(20, 20))
        portraits.add(frame, {7: face, 8: other})
    assert [portrait.frame for _, portrait in portraits.all()] == [7], "from frame 8 on the boxes touch"


def test_joining_is_off_without_the_model_unless_it_is_asked_for(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert embedder_for(FaceSettings(join_shots="auto"), store) is None
    assert embedder_for(FaceSettings(join_shots="off"), store) is None
    with pytest.raises(Unavailable, match="dlib"):
        embedder_for(FaceSettings(join_shots="on"), store)
