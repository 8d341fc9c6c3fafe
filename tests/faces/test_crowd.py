"""More faces than the limit: nobody blinks."""

from __future__ import annotations

from mediaflow_assets.faces.crowd import MAX_UNSEEN, Crowd
from mediaflow_assets.faces.detection import Detection


def face(x: int, side: int = 80, score: float = 0.9) -> Detection:
    return Detection(bbox=(x, 100, side, side), centroid=(x + side // 2, 100 + side // 2), confidence=score)


def places(faces: list[Detection]) -> list[int]:
    return [one.bbox[0] for one in faces]


def test_the_larger_faces_are_kept_whatever_their_score() -> None:
    crowd = Crowd(2)
    kept = crowd.select([face(0, 40, 0.99), face(100, 90, 0.75), face(300, 80, 0.8)])
    assert places(kept) == [100, 300]
    assert crowd.frames_over_limit == 1


def test_a_face_of_the_shot_stays_when_a_larger_one_comes() -> None:
    crowd = Crowd(2)
    crowd.select([face(0), face(100)])
    assert places(crowd.select([face(300, 200), face(2), face(103)])) == [2, 103]
    crowd.begin_shot()
    assert places(crowd.select([face(300, 200), face(2), face(103, 90)])) == [300, 103]


def test_a_face_that_is_missed_for_a_moment_keeps_its_place() -> None:
    crowd = Crowd(2)
    crowd.select([face(0), face(100), face(300, 70)])
    assert places(crowd.select([face(0), face(300, 70)])) == [0, 300]
    assert places(crowd.select([face(0), face(100), face(300, 70)])) == [0, 100]


def test_a_face_that_left_long_ago_does_not() -> None:
    crowd = Crowd(1)
    crowd.select([face(0)])
    for _ in range(MAX_UNSEEN + 1):
        crowd.select([])
    assert places(crowd.select([face(0), face(200, 120)])) == [200]
    assert crowd.frames_over_limit == 1


def test_below_the_limit_nothing_is_left_out() -> None:
    crowd = Crowd(20)
    faces = [face(100 * index) for index in range(20)]
    assert crowd.select(faces) == faces
    assert crowd.frames_over_limit == 0
