"""Which looks at a face are kept."""

from __future__ import annotations

import numpy as np

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.face_chips import FaceChips


def face(apart: float, x: int = 0, *, portrait: bytes | None = b"", **fields: object) -> Detection:
    points = np.array([[x, 0], [x + apart, 0], [x, 9], [x, 20], [x, 20]], np.float32)
    return Detection(bbox=(x, 0, 40, 40), centroid=(x + 20, 20), keypoints=points, portrait=portrait, **fields)  # type: ignore[arg-type]


def test_the_largest_look_of_each_second_is_kept_as_long_as_it_is_among_the_largest() -> None:
    face_chips = FaceChips()
    for frame in range(200):
        face_chips.add(frame, {7: face(220 - abs(frame - 60)), 8: face(30, 300, portrait=None)})
    assert face_chips.frames() == {7: [24, 49, 60, 75]}


def test_a_face_that_comes_nearer_and_nearer_has_looks_of_several_moments() -> None:
    face_chips = FaceChips()
    for frame in range(0, 200, 5):
        face_chips.add(frame, {7: face(20 + frame)})
    assert face_chips.frames() == {7: [120, 145, 170, 195]}


def test_a_look_at_a_face_that_another_touches_counts_for_less() -> None:
    face_chips = FaceChips()
    for frame in range(20):
        face_chips.add(frame, {7: face(20 + frame), 8: face(9, 70 - 4 * frame, portrait=None)})
    assert face_chips.frames() == {7: [7]}, "from frame 8 on the boxes touch"


def test_the_looks_of_some_faces_can_be_had() -> None:
    face_chips = FaceChips()
    face_chips.add(0, {1: face(30, portrait=b"one"), 2: face(30, 60, portrait=b"two")})
    assert face_chips.pictures() == {1: [b"one"], 2: [b"two"]}
    assert face_chips.pictures([2, 3]) == {2: [b"two"]}
