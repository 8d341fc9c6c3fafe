"""A video with any number of faces and things, gaps and all, goes through tracking, reduction and every report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mediaflow_assets.delivery.reduce import reduce_tracking
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.faces.detection import Detection, ObjectDetection
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.face_sheet import face_sheet
from mediaflow_assets.faces.identity.embedders import Limits
from mediaflow_assets.faces.identity.reidentification import final_ids, joined_parts
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.details import SeenFace
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.reporting.export_names import EXPORTS
from mediaflow_assets.reporting.exports import ExportSource, write_exports
from mediaflow_assets.reporting.pages import write_video_page
from mediaflow_assets.reporting.sources import Document, ProjectSource, VideoSource
from mediaflow_assets.reporting.statistics import compute_statistics
from mediaflow_assets.reporting.timeline import build_timeline
from tests.faces.speaking.films import write_film

TOTAL, SIZE = 24, (96, 64)
Shown = Mapping[int, tuple[int, int]]
"""Number of a face or thing to the first and last of its frames, 0-based."""

runs = st.tuples(st.integers(0, TOTAL - 1), st.integers(0, TOTAL - 1)).map(lambda pair: (min(pair), max(pair)))
shown = st.dictionaries(st.integers(0, 3), runs, max_size=4)


class Scripted(StillEngine):
    """Faces where the script says."""

    name: ClassVar[str] = "scripted"
    summary: ClassVar[str] = "Known findings."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ()
    in_order: ClassVar[bool] = True

    def __init__(self, faces: Shown) -> None:
        self.device = DeviceChoice("cpu", "test")
        self._faces = faces
        self._frame = -1

    def load(self) -> None: ...

    def detect(self, picture: NDArray[np.uint8], index: int, *_: Any) -> list[Detection]:
        self._frame += 1
        return [
            Detection(
                bbox=(4 + 22 * number, 20, 18, 20),
                centroid=(13 + 22 * number, 30),
                confidence=0.9,
                blendshapes={"jawOpen": 0.1},
            )
            for number, (first, last) in self._faces.items()
            if first <= self._frame <= last
        ]


class Things:
    """Things in as many of the frames without a face as the script says."""

    name: ClassVar[str] = "things"
    summary: ClassVar[str] = "Known findings."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ()
    input_size: ClassVar[int] = 8
    source: ClassVar[str] = ""

    def __init__(self, things: Shown) -> None:
        self.device = DeviceChoice("cpu", "test")
        self._things = things

    def load(self) -> None: ...

    def close(self) -> None: ...

    def detect(self, square: NDArray[np.uint8], width: int, height: int) -> list[ObjectDetection]:
        frame = round((float(square.mean()) - 40) / 8)
        return [
            ObjectDetection(bbox=(2 + 20 * number, 2, 12, 12), centroid=(8 + 20 * number, 8), label="chair")
            for number, (first, last) in self._things.items()
            if first <= frame <= last
        ]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    pictures = [np.full((SIZE[1], SIZE[0], 3), 40 + 8 * frame, np.uint8) for frame in range(TOTAL)]
    sound = np.random.default_rng(1).standard_normal(TOTAL * 640).astype(np.float32) * 0.1
    write_film(folder / "v.mp4", pictures, sound, 16000)
    write_audio(
        folder / "audio.json", AudioHead(video_filename="v.mp4", total_frames=TOTAL), [["SPEAKER_00"]] * 12 + [[]] * 12
    )
    write_scenes(folder / "scenes.csv", [Scene(1, 9), Scene(10, TOTAL)])
    return folder


@settings(max_examples=12)
@given(faces=shown, things=shown)
@example(faces={}, things={})
@example(faces={}, things={0: (5, 5)})
@example(faces={}, things={0: (0, 23), 1: (3, 9)})
@example(faces={0: (7, 7)}, things={})
def test_whatever_is_seen_every_stage_and_report_works(inputs: Path, faces: Shown, things: Shown) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / "tracking.json"
        details = track_video(
            inputs / "v.mp4",
            TOTAL,
            inputs / "scenes.csv",
            inputs / "audio.json",
            target,
            Scripted(faces),
            Things(things),
            FaceSettings(object_detection="on"),
            ModelStore(folder),
            2,
        )
        document = json.loads(target.read_text())
        assert len(document["frames"]) == TOTAL
        for number, frame in enumerate(document["frames"]):
            seen = [item for item in frame["tracked_objects"] if item["label"] == "face"]
            assert len(seen) == sum(first <= number <= last for first, last in faces.values())
        reduce_tracking(target, folder / "reduced.json", TOTAL)
        sheet = face_sheet([(inputs / "v.mp4", SIZE, msgspec.convert(details["faces"], list[SeenFace]))])
        assert (sheet is None) == (not faces)
        _reported(inputs, folder, target)


def _reported(inputs: Path, folder: Path, tracking: Path) -> None:
    documents = {
        kind: Document(path, "project", "2026-11-29T00:00:00+00:00")
        for kind, path in (
            ("scenes", inputs / "scenes.csv"),
            ("audio", inputs / "audio.json"),
            ("tracking", tracking),
        )
    }
    video = VideoSource("v", "v.mp4", "0" * 64, documents=documents)

    project = ProjectSource("p", "P", "P", datetime(2026, 11, 29, tzinfo=UTC), (video,))
    timeline = build_timeline("P", video)
    exports = write_exports(tuple(EXPORTS), ExportSource("P", video, timeline), folder / "exports" / "v")
    page = write_video_page(
        folder / "v.html", project, video, timeline, compute_statistics(timeline), {}, exports, "en"
    )
    assert page.stat().st_size > 1000
    shutil.rmtree(folder / "exports")


@st.composite
def tracklets(draw: st.DrawFn) -> tuple[dict[int, FaceTrack], list[int], dict[int, int]]:
    """Faces with any gaps, numbers of faces and things, and which part goes on with which."""
    count = draw(st.integers(0, 6))
    faces = draw(st.sets(st.sampled_from(range(1, count + 1)))) if count else set()
    tracks = {}
    for number in sorted(faces):
        frames = np.array(sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=20))))
        values = np.zeros(len(frames))
        tracks[number] = FaceTrack(frames, np.tile([0, 0, 10, 10], (len(frames), 1)), values, values)
    before = {number: draw(st.integers(1, number - 1)) for number in range(2, count + 1) if draw(st.booleans())}
    return tracks, list(range(1, count + 1)), before


@given(tracklets(), st.floats(0.1, 1.0), st.integers(0, 3), st.integers(0, 2))
@example(({}, [1, 2], {2: 1}), 0.5, 0, 0)
@example(({}, [1, 2], {2: 1}), 0.5, 0, 1)
@example(({}, [], {}), 0.5, 0, 0)
def test_every_part_gets_an_id(
    found: tuple[dict[int, FaceTrack], list[int], dict[int, int]], limit: float, seed: int, dropped: int
) -> None:
    tracks, numbers, before = found
    random = np.random.default_rng(seed)
    embeddings = {number: random.normal(size=(2, 128)) / 12 for number in tracks if random.random() < 0.7}
    things = [number for number in numbers if number not in tracks]
    numbers = [number for number in numbers if number not in things[:dropped]]  # seen too shortly to count
    names = final_ids(numbers, tracks, embeddings, before, Limits(limit, 0.6))
    assert set(names) == set(numbers)
    assert set(names.values()) == set(range(1, len(set(names.values())) + 1)), "ids are counted from 1 without a gap"
    assert joined_parts(names, before) >= -len(before)
