"""The default tracker on films with known faces, beside the legacy one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaflow_assets.faces.detection import Detection, ObjectDetection
from mediaflow_assets.faces.identity import Tracker
from mediaflow_assets.faces.identity.duplicates import suppress_duplicates
from mediaflow_assets.faces.registries import TRACKERS
from mediaflow_assets.faces.settings import FaceSettings
from support.faces.films import CROSSINGS, FILMS, OCCLUSIONS, Box, Film, Noise
from support.faces.score import Score, score


def face(box: Box) -> Detection:
    x, y, width, height = (round(value) for value in box)
    return Detection(bbox=(x, y, width, height), centroid=(x + width // 2, y + height // 2))


def make(name: str) -> Tracker:
    return TRACKERS.create(name, FaceSettings())


def run(name: str, film: Film, seed: int = 1) -> Score:
    tracker = make(name)

    def track(cut: bool, boxes: Sequence[Box]) -> list[int]:
        if cut:
            tracker.begin_shot()
        return [number for number, _ in tracker.update([face(box) for box in boxes])]

    return score(film, track, Noise(seed))


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_everybody_keeps_one_id(film: Film) -> None:
    motion, centroid = run("motion", film), run("centroid", film)
    assert motion.switches == 0
    assert motion.idf1 >= 0.95
    assert motion.idf1 >= centroid.idf1
    assert motion.hota >= centroid.hota


@pytest.mark.parametrize("film", CROSSINGS, ids=lambda film: film.name)
def test_crossings_that_confuse_the_legacy_tracker(film: Film) -> None:
    assert run("centroid", film).switches > 0
    assert [run("motion", film, seed).switches for seed in range(2, 6)] == [0, 0, 0, 0]


def test_a_face_hidden_for_longer_than_allowed_is_somebody_new() -> None:
    tracker = TRACKERS.create("motion", FaceSettings(max_lost=5))
    box = (100.0, 100.0, 80.0, 100.0)
    for gap, expected in ((5, 1), (6, 2)):
        tracker.update([face(box)])
        for _ in range(gap):
            tracker.update([])
        assert tracker.update([face(box)])[0][0] == expected


def test_nobody_is_carried_over_a_cut() -> None:
    tracker = make("motion")
    assert tracker.update([face((100, 100, 80, 100))])[0][0] == 1
    tracker.begin_shot()
    assert tracker.update([face((100, 100, 80, 100))])[0][0] == 2


def test_a_thing_never_takes_the_id_of_a_face() -> None:
    tracker = make("motion")
    ((number, _),) = tracker.update([face((100, 100, 80, 100))])
    ((other, _),) = tracker.update([ObjectDetection(bbox=(100, 100, 80, 100), centroid=(140, 150), label="tv")])
    assert other != number
    assert tracker.update([face((101, 100, 80, 100))])[0][0] == number


boxes = st.tuples(st.integers(0, 900), st.integers(0, 500), st.integers(1, 300), st.integers(1, 300))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(boxes, max_size=5), max_size=12))
def test_ids_are_unique_in_a_frame_and_counted_without_gaps(frames: list[list[Box]]) -> None:
    tracker = make("motion")
    seen: list[int] = []
    for frame in frames:
        detections = [face(box) for box in frame]
        found = tracker.update(detections)
        assert [item for _, item in found] == detections
        numbers = [number for number, _ in found]
        assert len(set(numbers)) == len(numbers)
        seen += [number for number in sorted(numbers) if number not in seen]
    assert seen == list(range(1, len(seen) + 1))


def test_films_hide_what_they_say() -> None:
    """The measure itself: a face behind another or behind something is not in the truth."""
    crossing = CROSSINGS[0]
    assert {1, 2} == set(crossing.truth(0)) == set(crossing.truth(crossing.frames - 1))
    assert any(set(crossing.truth(frame)) == {2} for frame in range(crossing.frames))
    for film, length in zip(OCCLUSIONS, (3, 7, 20), strict=True):
        assert sum(1 not in film.truth(frame) for frame in range(film.frames)) == 3 * length


def test_a_face_that_is_found_twice_is_one() -> None:
    found = [face(box) for box in ((100, 100, 80, 100), (300, 100, 80, 100), (103, 101, 80, 98), (150, 100, 80, 100))]
    found[2].confidence = 0.9
    assert suppress_duplicates(found) == [found[1], found[2], found[3]]
    assert suppress_duplicates([]) == []
