"""Tracks that may go on with somebody else, cut there and put together by the likeness of their faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.embedders.dlib import DlibEmbedder
from mediaflow_assets.faces.identity.reidentification import final_ids
from mediaflow_assets.faces.identity.tracklets import Tracklets, continued
from mediaflow_assets.faces.registries import FACE_ENGINES, TRACKERS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.faces.tracks import FaceTrack, TrackRecorder
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import read_tracking_frames
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.faces import PEOPLE, Face, cut_out
from support.faces.drawn import Drawn, write
from support.faces.films import CROSSINGS
from support.faces.score import evaluate

ANNA, BEN = np.eye(128)[:1], np.eye(128)[1:2]
LIMITS = DlibEmbedder.limits
APART = LIMITS.two_people


def face(x: int) -> Detection:
    return Detection(bbox=(x, 100, 80, 100), centroid=(x + 40, 150))


def doubts(gap: int, *, hidden: int) -> list[frozenset[int]]:
    """Somebody stands, somebody is hidden beside for a while; the first is not found for ``gap`` frames."""
    tracker = TRACKERS.create("motion", FaceSettings())
    found = []
    for frame in range(40):
        seen = [] if 20 <= frame < 20 + gap else [face(100)]
        if not 18 <= frame < 18 + hidden:
            seen.append(face(190))
        tracker.update(seen)
        found.append(tracker.ambiguous)
    return found


def test_who_comes_out_beside_somebody_hidden_is_doubtful() -> None:
    found = doubts(3, hidden=10)
    assert [(frame, ids) for frame, ids in enumerate(found) if ids] == [(23, {1}), (28, {2})]


@pytest.mark.parametrize(("gap", "hidden"), [(3, 0), (0, 10), (3, 2)])
def test_who_comes_out_alone_is_not(gap: int, hidden: int) -> None:
    assert not any(doubts(gap, hidden=hidden)[:23])


@pytest.mark.parametrize("order", [1, -1], ids=["left first", "right first"])
@pytest.mark.parametrize("second", [30, 34])
def test_two_who_changed_places_while_both_were_hidden_are_told_apart(second: int, order: int) -> None:
    tracker = TRACKERS.create("motion", FaceSettings())
    parts, recorder = Tracklets(), TrackRecorder()
    people: dict[int, list[int]] = {1: [], 2: []}
    shown: dict[int, list[np.ndarray]] = {}
    for frame in range(60):
        ways = {1: 100, 2: 190} if frame < 20 else {2: 100, 1: 190}
        present = [who for who in (1, 2) if frame < 20 or frame >= {2: 30, 1: second}[who]][::order]
        found = tracker.update([face(ways[who]) for who in present])
        numbers = parts.numbers((number for number, _ in found), tracker.ambiguous)
        recorder.add(frame, {number: item for number, (_, item) in zip(numbers, found, strict=True)})
        for who, number in zip(present, numbers, strict=True):
            people[who].append(number)
            shown.setdefault(number, []).append({1: ANNA, 2: BEN}[who])
    looks = {number: np.mean(pictures, axis=0) for number, pictures in shown.items()}
    names = final_ids(shown, recorder.tracks(), looks, parts.before, LIMITS)
    ids = [{names[number] for number in numbers} for numbers in people.values()]
    assert sorted(map(len, ids)) == [1, 1]
    assert ids[0] != ids[1]


def test_parts_are_counted_from_one_and_know_what_was_before() -> None:
    parts = Tracklets()
    assert parts.numbers([7, 3], frozenset()) == [1, 2]
    assert parts.numbers([3, 7], frozenset({3})) == [3, 1]
    assert parts.numbers([3, 9], frozenset({3, 9})) == [4, 5]
    assert parts.before == {3: 2, 4: 3}


def test_a_part_with_another_face_is_another_person() -> None:
    looks = {1: ANNA, 2: BEN, 4: BEN}
    assert continued({3: 1, 4: 3}, looks, {}, APART) == {3: 1}
    assert continued({3: 1, 4: 3}, {**looks, 4: ANNA}, {}, APART) == {3: 1, 4: 1}


def test_of_two_who_look_alike_it_is_the_one_who_is_more_like() -> None:
    """1 and 2 are seen together and then change places as 3 and 4; 5 is 1 in another shot."""
    carla = ANNA + (BEN - ANNA) * 0.55 / 2**0.5
    together = {1: {2}, 2: {1}, 3: {4}, 4: {3}, 5: set()}
    looks = {1: ANNA, 2: carla, 3: ANNA + (carla - ANNA) * 0.9, 4: ANNA + (carla - ANNA) * 0.1, 5: ANNA}
    assert continued({3: 1, 4: 2}, looks, together, APART) == {}
    assert continued({4: 1, 3: 2}, looks, together, APART) == {4: 1, 3: 2}
    assert continued({4: 1}, {**looks, 5: looks[4]}, together, APART) == {4: 1}, "nobody has seen 5 beside 1"


def test_a_part_without_a_look_is_whom_the_tracker_takes_it_for() -> None:
    assert continued({2: 1, 3: 2}, {}, {}, APART) == {2: 1, 3: 1}
    assert continued({2: 1, 3: 2}, {2: ANNA, 3: BEN}, {}, APART) == {2: 1}


@given(st.data())
def test_a_track_always_has_a_first_part(data: st.DataObject) -> None:
    parts = data.draw(st.integers(1, 12))
    before = {n: data.draw(st.integers(1, n - 1)) for n in range(2, parts + 1) if data.draw(st.booleans())}
    known = data.draw(st.dictionaries(st.integers(1, parts), st.sampled_from([ANNA, BEN])))
    numbers = st.integers(1, parts)
    together = data.draw(st.dictionaries(numbers, st.frozensets(numbers)))
    kept = continued(before, known, together, APART)
    assert all(start < number and start not in kept for number, start in kept.items())
    assert kept.keys() <= before.keys()


def test_ids_that_changed_places_are_put_right() -> None:
    def track(first: int, last: int) -> FaceTrack:
        frames = np.arange(first, last)
        return FaceTrack(frames, np.zeros((len(frames), 4), int), np.zeros(len(frames)), np.zeros(len(frames)))

    tracks = {1: track(0, 50), 2: track(0, 45), 3: track(55, 58), 4: track(60, 90), 5: track(70, 90)}
    looks = {1: ANNA, 2: BEN, 3: BEN, 4: BEN, 5: ANNA}
    names = final_ids(tracks, tracks, looks, {3: 1, 4: 3}, LIMITS)
    assert names == {1: 1, 2: 2, 3: 1, 4: 2, 5: 1}, "3 is too short to say who it is"


def mirrored(person: Face) -> Face:
    width = person.image.shape[1]
    box = person.box._replace(x=width - person.box.x - person.box.width)
    return Face(np.ascontiguousarray(person.image[:, ::-1]), box)


def test_real_faces_keep_their_ids_where_their_ways_do_not_tell(model_store: ModelStore, tmp_path: Path) -> None:
    """Two people pass each other behind a third, so that one comes out where the other went in."""
    film = next(film for film in CROSSINGS if film.name == "crossing, two deep")
    collins, hopper = (cut_out(person) for person in PEOPLE)
    drawn = Drawn(film, [mirrored(hopper), hopper, collins])
    video = tmp_path / "film.mp4"
    write(video, drawn.pictures())
    scenes = write_scenes(tmp_path / "scenes.csv", [Scene(1, film.frames)])
    silence = tmp_path / "audio.json"
    write_audio(silence, AudioHead(video_filename="film.mp4", total_frames=film.frames), [()] * film.frames)
    results = {}
    for join in ("on", "off"):
        settings = FaceSettings(join_shots=join)
        engine = FACE_ENGINES.create(settings.engine, settings, model_store, ComputeSettings(device="cpu"))
        target = tmp_path / f"{join}.json"
        track_video(video, film.frames, scenes, silence, target, engine, None, settings, model_store, 2)
        frames = []
        for index, frame in enumerate(read_tracking_frames(target)):
            seen = frame.tracked_objects
            boxes = [(o.bbox_xmin, o.bbox_ymin, o.bbox_width, o.bbox_height) for o in seen]
            frames.append((drawn.truth(index), boxes, [int(o.id.removeprefix("obj_")) for o in seen]))
        results[join] = evaluate(frames)
    assert results["on"].switches == 0
    assert results["on"].idf1 >= 0.95
    assert results["on"].idf1 > results["off"].idf1


def test_somebody_who_takes_the_place_of_one_long_hidden_is_another_person() -> None:
    """Nobody else is hidden there; only the faces tell."""
    tracker = TRACKERS.create("motion", FaceSettings())
    parts, recorder = Tracklets(), TrackRecorder()
    looks: dict[int, np.ndarray] = {}
    for frame in range(70):
        found = tracker.update([face(100)] if not 20 <= frame < 40 else [])
        numbers = parts.numbers((number for number, _ in found), tracker.ambiguous)
        recorder.add(frame, {number: item for number, (_, item) in zip(numbers, found, strict=True)})
        looks.update(dict.fromkeys(numbers, ANNA if frame < 20 else BEN))
    tracks = recorder.tracks()
    assert final_ids(looks, tracks, looks, parts.before, LIMITS) == {1: 1, 2: 2}
    same = dict.fromkeys(looks, ANNA)
    assert final_ids(looks, tracks, same, parts.before, LIMITS) == {1: 1, 2: 1}
