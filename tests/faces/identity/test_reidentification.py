"""One id for one person in several shots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.faces.detection import ObjectDetection, thing_in
from mediaflow_assets.faces.identity.embedders.dlib import DlibEmbedder
from mediaflow_assets.faces.identity.reidentification import (
    chosen_embedder,
    compared,
    embedder_for,
    final_ids,
    joined_parts,
    limits_of,
    renumbered,
    same_people,
)
from mediaflow_assets.faces.registries import FACE_EMBEDDERS, FACE_ENGINES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.faces.tracks import FaceTrack, merged
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import read_tracking_frames
from mediaflow_assets.modelstore import ModelStore
from tests.faces.clips import Placed, draw, write_clip

ANNA, BEN = np.eye(128)[0], np.eye(128)[1]
LIMITS = DlibEmbedder.limits


def track(first: int, last: int) -> FaceTrack:
    frames = np.arange(first, last)
    values = np.full(len(frames), float(first))
    return FaceTrack(frames, np.tile([0, 0, 10, 10], (len(frames), 1)), values, values)


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


def test_who_is_seen_longest_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 is a short part of a longer track: the network is not asked about it."""
    tracks = {1: track(0, 5), 2: track(0, 50), 3: track(50, 58), 4: track(60, 90)}
    assert compared(tracks, {3: 2, 4: 3}) == [1, 2, 4]
    monkeypatch.setattr("mediaflow_assets.faces.identity.reidentification._MAX_TRACKS", 2)
    assert compared(tracks, {3: 2, 4: 3}) == [2, 4]
    names = final_ids(tracks, tracks, {number: pictures(ANNA) for number in tracks}, {}, LIMITS)
    assert names == {1: 1, 2: 2, 3: 3, 4: 2}


def test_a_track_that_goes_on_is_not_counted_as_joined() -> None:
    """Parts 1, 2, 3 are one track; 3 is somebody else, namely 4, who is 5 too."""
    names = {1: 1, 2: 1, 3: 2, 4: 2, 5: 2}
    assert joined_parts(names, {2: 1, 3: 2}) == 2
    assert joined_parts({1: 1, 2: 1}, {2: 1}) == 0


class TwoThings:
    """Wherever nobody is, two bottles."""

    name, summary, licence, source, models, input_size = "things", "", "", "", (), 32
    device = DeviceChoice("cpu", "test")

    def load(self) -> None: ...

    def close(self) -> None: ...

    def detect(self, square: np.ndarray, width: int, height: int) -> list[ObjectDetection]:
        return [thing_in((x, 50, x + 60, 130), width, height, "bottle", 0.9) for x in (50, 210)]


def test_two_things_never_get_one_id(model_store: ModelStore, tmp_path: Path) -> None:
    """Even of the centroid tracker, which goes on with a thing where a face was."""
    hopper = [draw(Placed("hopper", x, 90, 80)) for x in (80, 240)]
    video = write_clip(tmp_path / "v.mp4", [hopper[0]] * 6 + [draw()] * 3 + [hopper[1]] * 6)
    scenes = write_scenes(tmp_path / "scenes.csv", [Scene(1, 15)])
    write_audio(tmp_path / "a.json", AudioHead(video_filename="v.mp4", total_frames=15), [()] * 15)
    settings = FaceSettings(engine="opencv_yunet", tracker="centroid", join_shots="on", object_detection="on")
    engine = FACE_ENGINES.create(settings.engine, settings, model_store, ComputeSettings(device="cpu"))
    target = tmp_path / "t.json"
    track_video(video, 15, scenes, tmp_path / "a.json", target, engine, TwoThings(), settings, model_store, 1)
    shown = [[item.id for item in frame.tracked_objects] for frame in read_tracking_frames(target)]
    assert [len(ids) for ids in shown] == [1] * 6 + [2] * 3 + [1] * 6
    assert all(len(set(ids)) == len(ids) for ids in shown)


def store_with(tmp_path: Path, model_store: ModelStore, *models: str) -> ModelStore:
    """A store that has only these of the models."""
    store = ModelStore(tmp_path / "models")
    store.folder.mkdir()
    for name in models:
        file = model_store.path(name)
        (store.folder / file.name).symlink_to(file)
    return store


def name_of(store: ModelStore, **settings: str) -> str | None:
    chosen = chosen_embedder(FaceSettings(**settings), store)
    return None if chosen is None else chosen.name


def test_the_first_network_is_taken_that_is_there(model_store: ModelStore, tmp_path: Path) -> None:
    first, second = (FACE_EMBEDDERS.get(name) for name in FACE_EMBEDDERS.names)
    assert name_of(model_store) == first.name
    assert name_of(model_store, embedder=second.name) == second.name
    without = store_with(tmp_path, model_store, second.model)
    assert name_of(without) == second.name
    assert name_of(without, embedder=first.name) is None
    assert name_of(without, embedder=first.name, join_shots="on") == first.name, "which is then said to be missing"


def test_a_distance_that_was_set_for_dlib_goes_on_with_it(model_store: ModelStore) -> None:
    assert name_of(model_store, join_distance=0.5) == "dlib"
    assert name_of(model_store, join_distance=0.5, embedder="sface") == "sface"


def test_a_network_without_its_library_is_not_taken(
    model_store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not used must not be in the recipe, or installing dlib would change nothing."""
    store = store_with(tmp_path, model_store, "dlib-face-recognition")
    for module in ("reidentification", "embedders.dlib"):
        monkeypatch.setattr(f"mediaflow_assets.faces.identity.{module}.find_spec", lambda _: None)
    assert name_of(store) is None
    assert embedder_for(FaceSettings(), store) is None
    with pytest.raises(Unavailable, match="pip install dlib-bin"):
        embedder_for(FaceSettings(join_shots="on", embedder="dlib"), store)


def test_joining_is_off_without_a_model_unless_it_is_asked_for(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert embedder_for(FaceSettings(join_shots="auto"), store) is None
    assert embedder_for(FaceSettings(join_shots="off"), store) is None
    with pytest.raises(Unavailable, match="mediaflow models fetch"):
        embedder_for(FaceSettings(join_shots="on"), store)


def test_the_legacy_tracker_keeps_its_ids_unless_joining_is_asked_for(model_store: ModelStore) -> None:
    assert name_of(model_store, tracker="motion")
    assert not name_of(model_store, tracker="centroid")
    assert name_of(model_store, tracker="centroid", join_shots="on")


def test_each_network_has_its_own_limits_unless_one_is_set(model_store: ModelStore) -> None:
    sface, dlib = (embedder_for(FaceSettings(embedder=name), model_store) for name in ("sface", "dlib"))
    assert sface is not None and dlib is not None
    assert limits_of(sface, FaceSettings()) != limits_of(dlib, FaceSettings())
    set_by_hand = FaceSettings(join_distance=0.7)
    assert limits_of(sface, set_by_hand) == (0.7, sface.limits.two_people)
