"""Which looks at a face are kept, and how it is cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.face_chips import FaceChips, decoded, face_chip

EYES = (np.array([[0.2273, 0.2214], [0.7528, 0.2212]]) + 0.25) / 1.5 * 150
"""Where dlib's aligned pictures have the right eye and the left, x and y."""


def face(apart: float, x: int = 0, *, portrait: bytes | None = b"", **fields: object) -> Detection:
    points = np.array([[x, 0], [x + apart, 0], [x, 9], [x, 20], [x, 20]], np.float32)
    return Detection(bbox=(x, 0, 40, 40), centroid=(x + 20, 20), keypoints=points, portrait=portrait, **fields)  # type: ignore[arg-type]


def test_the_largest_looks_are_kept_apart_from_each_other() -> None:
    face_chips = FaceChips()
    for frame in range(100):
        face_chips.add(frame, {7: face(20 + frame % 60), 8: face(30, 60, portrait=None)})
    assert face_chips.frames() == {7: [59, 99]}


def test_a_look_at_a_face_that_another_touches_counts_for_less() -> None:
    face_chips = FaceChips()
    for frame in range(20):
        face_chips.add(frame, {7: face(20 + frame), 8: face(9, 70 - 4 * frame, portrait=None)})
    assert face_chips.frames() == {7: [7]}, "from frame 8 on the boxes touch"


@pytest.mark.parametrize("angle", [0, 30, -80])
def test_the_eyes_of_a_portrait_are_level_and_in_their_places(angle: float) -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    turn = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    right, left = np.array([200, 150]) - 40 * turn, np.array([200, 150]) + 40 * turn
    cv2.circle(picture, right.astype(int).tolist(), 4, (255, 0, 0), -1)
    cv2.circle(picture, left.astype(int).tolist(), 4, (0, 0, 255), -1)
    found = face(80)
    found.keypoints = np.stack([right, left, right, right, right])
    data = face_chip(picture, found)
    assert data is not None
    face_chips = FaceChips()
    found.portrait = data
    face_chips.add(0, {1: found})
    assert face_chips.pictures([2]) == {}
    ((kept,),) = face_chips.pictures().values()
    portrait = decoded(kept)
    assert portrait.shape == (150, 150, 3)
    for channel, expected in ((0, EYES[0]), (2, EYES[1])):
        rows, columns = np.nonzero(portrait[:, :, channel] > 128)
        assert (columns.mean(), rows.mean()) == pytest.approx(expected, abs=2)


def test_no_portrait_of_what_cannot_be_recognized() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    assert face_chip(picture, face(11)) is None
    assert face_chip(picture, face(30, interpolated=True)) is None
    assert face_chip(picture, Detection(bbox=(0, 0, 40, 40), centroid=(20, 20))) is None
