"""One thing has one id and one name."""

from __future__ import annotations

from mediaflow_assets.faces.detection import Detection, ObjectDetection
from mediaflow_assets.faces.identity.things import MIN_LIFE, Things
from mediaflow_assets.faces.registries import TRACKERS
from mediaflow_assets.faces.settings import FaceSettings


def thing(x: int, label: str) -> ObjectDetection:
    return ObjectDetection(bbox=(x, 100, 80, 60), centroid=(x + 40, 130), label=label, confidence=0.5)


def test_a_thing_keeps_its_id_when_the_detector_changes_its_mind() -> None:
    tracker, things = TRACKERS.create("motion", FaceSettings()), Things()
    names = ["dog", "dog", "horse", "dog", "cow", "dog", "cat", "dog", "dog"]
    ids = set()
    for frame, name in enumerate(names):
        identified = tracker.update([thing(100 + frame, name)])
        ids.update(number for number, _ in identified)
        things.add(identified)
    assert ids == {1}
    assert things.labels() == {1: "dog"}
    assert things.short_lived() == set()


def test_two_things_side_by_side_are_told_apart_by_their_names() -> None:
    tracker = TRACKERS.create("motion", FaceSettings())
    tracker.update([thing(100, "dog"), thing(120, "bicycle")])
    found = tracker.update([thing(110, "bicycle"), thing(110, "dog")])
    assert {item.label: number for number, item in found} == {"dog": 1, "bicycle": 2}


def test_what_is_seen_for_a_moment_only_is_no_thing() -> None:
    things = Things()
    face = Detection(bbox=(0, 0, 9, 9), centroid=(4, 4))
    for frame in range(MIN_LIFE):
        things.add([(1, thing(0, "dog")), (3, face)] + ([(2, thing(90, "bird"))] if frame else []))
    assert things.labels() == {1: "dog"}
    assert things.short_lived() == {2}
