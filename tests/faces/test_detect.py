"""Every frame once, in order, and the same whatever the number of workers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import Detection, FrameDetections
from mediaflow_assets.faces.engines import FaceEngine, StillEngine
from mediaflow_assets.faces.identity.embedders.dlib import DlibEmbedder
from mediaflow_assets.faces.objects import ObjectDetector
from mediaflow_assets.faces.registries import FACE_ENGINES, OBJECT_DETECTORS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.ingredients import COFFEE
from tests.faces.clips import Placed, draw, write_clip

CPU = ComputeSettings(device="cpu")


def engine(name: str, store: ModelStore, **settings: Any) -> FaceEngine:
    return FACE_ENGINES.create(name, FaceSettings(engine=name, **settings), store, CPU)


def plain(found: FrameDetections) -> Any:
    """Comparable: arrays as lists."""
    return [
        (face.bbox, face.confidence, face.blendshapes, face.interpolated, np.asarray(face.landmarks).tolist())
        for face in (*found.faces, *found.objects)
    ]


@pytest.fixture(scope="module")
def two_shots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Scene]]:
    """A face that moves and is joined by another in frame 8; then, after a cut, one elsewhere."""
    pictures = []
    for index in range(17):
        people = [Placed("hopper", 60 + 3 * index, 80, 70)]
        if index >= 8:
            people.append(Placed("collins", 240, 90, 60))
        pictures.append(draw(*people))
    pictures += [draw(Placed("collins", 150, 90, 80), behind=COFFEE)] * 6
    path = write_clip(tmp_path_factory.mktemp("clips") / "two_shots.mp4", pictures)
    return path, [Scene(1, 17), Scene(18, 23)]


@pytest.mark.parametrize("name", ["opencv_yunet_facemesh", "opencv_yunet"])
def test_results_do_not_depend_on_the_number_of_workers(
    name: str, two_shots: tuple[Path, list[Scene]], model_store: ModelStore
) -> None:
    results = []
    for workers in (1, 2, 5):
        settings = FaceSettings(engine=name, detect_every=5)
        tested = engine(name, model_store, detect_every=5)
        found = list(detect_frames(*two_shots, tested, None, settings, workers))
        assert [item.frame for item in found] == list(range(23))
        results.append([plain(item) for item in found])
    assert results[0] == results[1] == results[2]
    assert [len(frame) for frame in results[0]] == [1] * 8 + [2] * 9 + [1] * 6


def test_mediapipe_starts_anew_at_a_cut(
    two_shots: tuple[Path, list[Scene]], model_store: ModelStore, tmp_path: Path
) -> None:
    """The second shot gives the same whether or not there was another before it."""
    path, shots = two_shots
    tested = engine("mediapipe_landmarker", model_store)
    settings = FaceSettings(engine="mediapipe_landmarker")
    after_a_cut = [plain(item) for item in detect_frames(path, shots, tested, None, settings, 2)][17:]
    again = engine("mediapipe_landmarker", model_store)
    split = [Scene(1, 9), Scene(10, 17), Scene(18, 23)]
    elsewhere_cut = [plain(item) for item in detect_frames(path, split, again, None, settings, 2)][17:]
    tested.close()
    again.close()
    assert after_a_cut == elsewhere_cut
    assert all(len(frame) == 1 for frame in after_a_cut)


@pytest.mark.parametrize(("total", "said"), [(22, "23 frames instead of 22"), (24, "23 frames instead of 24")])
def test_another_number_of_frames_is_refused(
    total: int, said: str, two_shots: tuple[Path, list[Scene]], model_store: ModelStore
) -> None:
    tested = engine("opencv_yunet", model_store)
    with pytest.raises(BadInput, match=said):
        list(detect_frames(two_shots[0], [Scene(1, total)], tested, None, FaceSettings(), 2))


@pytest.mark.parametrize("name", list(FACE_ENGINES))
def test_a_missing_model_is_told_before_any_frame(name: str, tmp_path: Path) -> None:
    """There is no video either, so reading a frame first would show as another error."""
    tested = engine(name, ModelStore(tmp_path / "empty"))
    with pytest.raises(Unavailable, match=r"Run: mediaflow models fetch|It is not downloaded for you: get it from"):
        next(detect_frames(tmp_path / "none.mp4", [Scene(1, 9)], tested, None, FaceSettings(), 2))


def test_between_two_looks_boxes_move(two_shots: tuple[Path, list[Scene]], model_store: ModelStore) -> None:
    settings = FaceSettings(engine="opencv_yunet", detect_every=4)
    tested = engine("opencv_yunet", model_store, detect_every=4)
    path, shots = two_shots
    found = list(detect_frames(path, shots, tested, None, settings, 2))[:8]
    assert [item.faces[0].interpolated for item in found] == [False, True, True, True, False] + [False] * 3
    middles = [item.faces[0].centroid[0] for item in found]
    assert all(abs(middle - (60 + 3 * index)) <= 4 for index, middle in enumerate(middles))
    assert middles[1] < middles[2] < middles[3]


@pytest.mark.parametrize("every", [1, 4, 7])
def test_portraits_are_cut_where_faces_are_looked_at(
    every: int, two_shots: tuple[Path, list[Scene]], model_store: ModelStore
) -> None:
    """Whatever number of frames lies between two looks; the second face is there from frame 8 to 16."""
    settings = FaceSettings(engine="opencv_yunet", detect_every=every)
    tested = engine("opencv_yunet", model_store, detect_every=every)
    found = list(detect_frames(*two_shots, tested, None, settings, 2, chip=DlibEmbedder.chip))
    second = [item.frame for item in found[:17] for face in item.faces if face.centroid[0] > 180 and face.portrait]
    assert 1 <= len(second) <= 3
    assert all(face.portrait is None for item in found for face in item.faces if face.interpolated)


class Watched(StillEngine):
    """Remembers which frames it was shown and by whom; a frame is its own grey value."""

    name: ClassVar[str] = "watched"
    summary: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    models: ClassVar[tuple[str, ...]] = ()
    device = DeviceChoice("cpu", "test")

    def __init__(self, *, in_order: bool) -> None:
        self.in_order = in_order  # type: ignore[misc]
        self.shown: list[int] = []
        self.threads: set[int] = set()

    def load(self) -> None: ...

    def detect(
        self, picture: np.ndarray[Any, Any], index: int, surveyed: Sequence[Detection] | None = None
    ) -> list[Detection]:
        self.shown.append(index)
        self.threads.add(threading.get_ident())
        blendshapes = {"jawOpen": 0.4, "jawLeft": 0.4}
        return [Detection(bbox=(0, 0, 8, 8), centroid=(4, 4), blendshapes=blendshapes)]


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = (np.full((64, 64, 3), index % 256, np.uint8) for index in range(200))
    return write_clip(tmp_path_factory.mktemp("clips") / "long.mp4", pictures)


def test_an_engine_with_a_memory_gets_its_frames_in_order_on_one_thread(long_clip: Path) -> None:
    watched = Watched(in_order=True)
    shots = [Scene(1, 120), Scene(121, 200)]
    list(detect_frames(long_clip, shots, watched, None, FaceSettings(), 5))
    assert watched.shown == [*range(120), *range(80)]
    assert len(watched.threads) == 1


def test_few_frames_are_in_memory_however_long_the_video_is(long_clip: Path) -> None:
    watched = Watched(in_order=False)
    found = detect_frames(long_clip, [Scene(1, 200)], watched, None, FaceSettings(), 2)
    next(found)
    assert len(watched.shown) < 20
    found.close()
    assert len(watched.shown) < 30, "closing stops the work"


def test_progress_is_true(long_clip: Path) -> None:
    told: list[float] = []
    watched = Watched(in_order=False)
    for item in detect_frames(long_clip, [Scene(1, 200)], watched, None, FaceSettings(), 2, told.append):
        assert not told or told[-1] <= (item.frame + 1) / 200
    assert told == sorted(told)
    assert told[-1] == 1


def test_jaw_scale_is_applied_once_and_clipped(long_clip: Path) -> None:
    for scale, expected in ((2.0, 0.8), (5.0, 1.0)):
        watched = Watched(in_order=False)
        settings = FaceSettings(jaw_scale=scale, detect_every=4)
        found = list(detect_frames(long_clip, [Scene(1, 200)], watched, None, settings, 2))
        shapes = [face.blendshapes for item in found for face in item.faces]
        assert all(shape == pytest.approx({"jawOpen": expected, "jawLeft": 0.4}) for shape in shapes)


@pytest.fixture(scope="module")
def coffee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "coffee.mp4", [draw(size=(480, 320), behind=COFFEE)] * 6)


def detector(store: ModelStore, **settings: Any) -> ObjectDetector:
    chosen = FaceSettings(**settings)
    return OBJECT_DETECTORS.create(chosen.object_detector, chosen, store, CPU)


@pytest.mark.parametrize("mode", ["on", "auto"])
def test_objects_where_there_is_no_face(mode: str, coffee: Path, model_store: ModelStore) -> None:
    settings = FaceSettings(engine="opencv_yunet", object_detection=mode)
    tested, objects = engine("opencv_yunet", model_store), detector(model_store)
    found = list(detect_frames(coffee, [Scene(1, 6)], tested, objects, settings, 2))
    objects.close()
    assert all("cup" in {thing.label for thing in item.objects} for item in found)
    cup = next(thing for thing in found[0].objects if thing.label == "cup")
    assert cup.source == "object_detector"
    left, top, width, height = cup.bbox
    assert 100 < left < 240 and 0 < top < 120 and width > 100 and height > 100


@pytest.mark.parametrize(("mode", "expected"), [("auto", 0), ("on", 6)])
def test_objects_in_a_video_with_many_faces(mode: str, expected: int, model_store: ModelStore, tmp_path: Path) -> None:
    faces = [draw(Placed("hopper", 240, 150, 120), size=(480, 320))] * 6
    path = write_clip(tmp_path / "mixed.mp4", faces + [draw(size=(480, 320), behind=COFFEE)] * 6)
    settings = FaceSettings(engine="opencv_yunet", object_detection=mode)
    tested, objects = engine("opencv_yunet", model_store), detector(model_store)
    found = list(detect_frames(path, [Scene(1, 6), Scene(7, 12)], tested, objects, settings, 2))
    objects.close()
    assert [bool(item.faces) for item in found] == [True] * 6 + [False] * 6
    assert not any(item.objects for item in found[:6])
    assert sum(bool(item.objects) for item in found[6:]) == expected
