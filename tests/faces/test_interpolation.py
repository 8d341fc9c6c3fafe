"""Interpolated faces lie on the line between the faces seen; boxes behave like sets of pixels."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.faces.boxes import nms, pairwise_iou
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.interpolation import FacePair, interpolated, pairs

side = st.integers(1, 300)
place = st.integers(0, 500)


@st.composite
def faces(draw: st.DrawFn) -> Detection:
    left, top, width, height = draw(place), draw(place), draw(side), draw(side)
    return Detection(
        bbox=(left, top, width, height),
        centroid=(left + width // 2, top + height // 2),
        confidence=draw(st.floats(0, 1)),
        blendshapes={"jawOpen": draw(st.floats(0, 1))},
        landmarks=np.array([[left, top, 0.0]], np.float32),
    )


@given(faces(), faces(), st.floats(0, 1))
def test_every_value_lies_between(before: Detection, after: Detection, part: float) -> None:
    found = interpolated(FacePair(before, after), part)
    assert found.interpolated
    for first, value, last in zip(before.bbox, found.bbox, after.bbox, strict=True):
        assert min(first, last) <= value <= max(first, last)
    shapes = [face.blendshapes["jawOpen"] for face in (before, found, after)]  # type: ignore[index]
    assert min(shapes[0], shapes[2]) - 1e-5 <= shapes[1] <= max(shapes[0], shapes[2]) + 1e-5


@given(faces(), faces())
def test_the_ends_are_the_faces_seen(before: Detection, after: Detection) -> None:
    assert interpolated(FacePair(before, after), 0).bbox == before.bbox
    assert interpolated(FacePair(before, after), 1).bbox == after.bbox


def test_what_was_not_computed_on_one_side_is_not_invented() -> None:
    face = Detection(bbox=(0, 0, 9, 9), centroid=(4, 4), blendshapes={"jawOpen": 0.5})
    other = Detection(bbox=(0, 0, 9, 9), centroid=(4, 4), blendshapes=msgspec.UNSET)
    assert interpolated(FacePair(face, other), 0.5).blendshapes is msgspec.UNSET


def test_pairs_are_the_best_together_and_not_one_by_one() -> None:
    """The left face of the second frame overlaps both of the first; greedy matching loses one."""
    before = [Detection(bbox=(x, 0, 100, 100), centroid=(x + 50, 50)) for x in (0, 60)]
    after = [Detection(bbox=(x, 0, 100, 100), centroid=(x + 50, 50)) for x in (40, 120)]
    matched = {(pair.before.bbox[0], pair.after.bbox[0]) for pair in pairs(before, after)}
    assert matched == {(0, 40), (60, 120)}


def test_faces_far_apart_are_no_pair() -> None:
    one = Detection(bbox=(0, 0, 50, 50), centroid=(25, 25))
    other = Detection(bbox=(300, 0, 50, 50), centroid=(325, 25))
    assert pairs([one], [other]) == []


@given(st.lists(faces(), max_size=6))
def test_suppression_keeps_the_best_and_no_double(given_faces: list[Detection]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in (face.bbox for face in given_faces)], np.float32)
    boxes, scores = boxes.reshape(-1, 4), np.array([face.confidence for face in given_faces], np.float32)
    kept = nms(boxes, scores, 0.4)
    shared = pairwise_iou(boxes, boxes)
    assert [*scores[kept]] == sorted(scores[kept], reverse=True)
    for index in range(len(boxes)):
        blocked = any(shared[index, other] > 0.4 and scores[other] >= scores[index] for other in kept if other != index)
        assert (index in kept) != blocked
