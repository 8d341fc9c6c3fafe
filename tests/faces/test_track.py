"""The whole tracking stage with an engine whose findings are known."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.engines import StillEngine
from mediaflow_assets.faces.face_sheet import face_sheet
from mediaflow_assets.faces.preview import render_preview
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.details import SeenFace
from mediaflow_assets.formats.manifest import Master, Masters, write_document
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from mediaflow_assets.video.decode import decoded_frames
from tests.faces.speaking.films import write_film

TOTAL, CUT = 150, 110
RATE = 16000
A_SPEAKS, OFF_SCREEN = range(10, 60), range(65, 105)
SIZE = (192, 128)


def jaw(frame: int) -> float:
    """The left face talks while A is heard."""
    return 0.05 + 0.15 * (frame % 6 in (1, 2, 3)) if frame in A_SPEAKS else 0.03


class Scripted(StillEngine):
    """Two faces before the cut, of which the left one talks; one after it; none at the end."""

    name: ClassVar[str] = "scripted"
    summary: ClassVar[str] = "Known findings."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ()
    in_order: ClassVar[bool] = True

    def __init__(self) -> None:
        self.device = DeviceChoice("cpu", "test")
        self._frame = -1

    def load(self) -> None: ...

    def detect(self, picture: NDArray[np.uint8], index: int, *_: Any) -> list[Detection]:
        self._frame += 1
        frame = self._frame
        if frame >= 140:
            return []
        left = self._face(20 + frame // 10, jaw(frame), picture)
        return [self._face(120, 0.03, picture), left] if frame < CUT else [left]

    def _face(self, x: int, opened: float, picture: NDArray[np.uint8]) -> Detection:
        assert picture.shape == (SIZE[1], SIZE[0], 3)
        return Detection(
            bbox=(x, 30, 40, 50),
            centroid=(x + 20, 55),
            confidence=np.float32(0.87654),  # type: ignore[arg-type]
            blendshapes={"jawOpen": opened, "mouthShrugUpper": 0.1},
            landmarks=np.full((2, 3), 1 / 3, np.float32),
        )


def sound() -> NDArray[np.float32]:
    """Loud when the jaw is open, and for somebody else in between."""
    level = np.array([max(jaw(frame) - 0.04, 0) * 2 if frame in A_SPEAKS else 0.0 for frame in range(TOTAL)])
    level[list(OFF_SCREEN)] = 0.2 + 0.1 * np.sin(np.arange(len(OFF_SCREEN)))
    return (np.repeat(level, RATE // 25) * np.random.default_rng(1).standard_normal(TOTAL * RATE // 25)).astype(
        np.float32
    )


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    grey = [np.full((SIZE[1], SIZE[0], 3), 60 + frame, np.uint8) for frame in range(TOTAL)]
    labels = [["SPEAKER_00"] * (n in A_SPEAKS) + ["SPEAKER_01"] * (n in OFF_SCREEN) for n in range(TOTAL)]
    write_audio(folder / "a.json", AudioHead(video_filename="v.mp4", total_frames=TOTAL), labels)
    write_scenes(folder / "s.csv", [Scene(1, CUT), Scene(CUT + 1, TOTAL)])
    return {
        "video": write_film(folder / "v.mp4", grey, sound(), RATE),
        "scenes": folder / "s.csv",
        "audio": folder / "a.json",
    }


def run(inputs: dict[str, Path], target: Path, total: int = TOTAL, **settings: Any) -> dict[str, Any]:
    chosen = FaceSettings(object_detection="off", **settings)
    store = ModelStore(target.parent)
    return track_video(
        inputs["video"], total, inputs["scenes"], inputs["audio"], target, Scripted(), None, chosen, store, 2
    )


def documents(target: Path) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    document = json.loads(target.read_text())
    assert [frame["frame"] for frame in document["frames"]] == list(range(1, TOTAL + 1))
    return document["metadata"], [frame["tracked_objects"] for frame in document["frames"]]


def test_only_the_face_that_speaks_gets_the_voice(inputs: dict[str, Path], tmp_path: Path) -> None:
    details = run(inputs, tmp_path / "t.json")
    metadata, frames = documents(tmp_path / "t.json")
    assert metadata["speaking_mode"] == "associated"
    left, right = frames[0]
    assert left["centroid_x"] < right["centroid_x"]
    talker, other = left["id"], right["id"]
    said = [{item["id"] for item in objects if item["is_speaking"]} for objects in frames]
    assert sum(talker in said[frame] for frame in A_SPEAKS) >= 0.9 * len(A_SPEAKS)
    assert all(not said[frame] for frame in range(TOTAL) if frame not in A_SPEAKS)
    assert all(other not in ids for ids in said)
    for objects in frames:
        for item in objects:
            audio = item["speaking_sources"]["audio"]
            assert audio["active_speakers"] == (["SPEAKER_00"] if item["is_speaking"] else [])
            assert (item["speaking_confidence"] > 0.5) == item["is_speaking"]
            assert item["speaking_method"] == "associated"
    likeliest = {pair["speaker"]: pair for pair in reversed(metadata["speakers"])}
    assert likeliest["SPEAKER_00"]["id"] == talker
    assert likeliest["SPEAKER_00"]["confidence"] > 0.8
    assert likeliest["SPEAKER_01"]["confidence"] < 0.3
    assert details["speakers"]["SPEAKER_01"] == "off screen"
    assert details["speakers"]["SPEAKER_00"].startswith(f"{talker} (")
    assert details["speaking_share"][other] == 0
    assert 0.3 < details["speaking_share"][talker] < 0.6


def test_ids_and_numbers(inputs: dict[str, Path], tmp_path: Path) -> None:
    details = run(inputs, tmp_path / "t.json")
    _, frames = documents(tmp_path / "t.json")
    assert {item["id"] for item in frames[0]} == {"obj_1", "obj_2"}
    assert {item["id"] for item in frames[CUT]} == {"obj_3"}
    assert frames[139]
    assert not frames[140]
    assert details["frames"] == TOTAL
    assert details["frames_with_face"] == 140
    assert details["coverage"] == pytest.approx(0.933)
    assert (details["most_faces"], details["ids"]) == (2, 3)
    assert [face["id"] for face in details["faces"]] == ["obj_1", "obj_2", "obj_3"]
    last = details["faces"][2]
    assert (last["frames"], last["first"], last["last"], last["best_frame"]) == (30, 111, 140, 111)
    assert last["best_box"] == (31, 30, 40, 50)
    assert set(details["ms_per_frame"]) == {"detection", "identity", "speaking", "writing"}
    assert frames[0][0]["confidence"] == 0.877
    assert "landmarks" not in frames[0][0]


def test_decisions_use_all_blendshapes_whatever_is_exported(inputs: dict[str, Path], tmp_path: Path) -> None:
    run(inputs, tmp_path / "full.json")
    run(inputs, tmp_path / "none.json", blendshapes_profile="none", verbose_fields=True)
    (_, full), (_, none) = documents(tmp_path / "full.json"), documents(tmp_path / "none.json")
    assert none[0][0]["blendshapes"] is None
    assert none[0][0]["landmarks"] == [[0.33, 0.33, 0.33]] * 2
    assert [[item["is_speaking"] for item in objects] for objects in full] == [
        [item["is_speaking"] for item in objects] for objects in none
    ]


def test_the_legacy_modes_keep_their_faults(inputs: dict[str, Path], tmp_path: Path) -> None:
    run(inputs, tmp_path / "t.json", speaking_mode="fused", tracker="centroid")
    metadata, frames = documents(tmp_path / "t.json")
    assert (metadata["tracker"], metadata["speaking_mode"], metadata["speakers"]) == ("centroid", "fused", [])
    assert all(item["is_speaking"] for item in frames[OFF_SCREEN[0]])
    assert frames[CUT][0]["id"] in {item["id"] for item in frames[CUT - 1]}


def test_the_same_inputs_give_the_same_document(inputs: dict[str, Path], tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        run(inputs, tmp_path / name)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_nothing_is_left_of_a_failure(inputs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ends at frame 150, the video has 149"):
        run(inputs, tmp_path / "t.json", total=149)
    write_audio(tmp_path / "short.json", AudioHead(video_filename="v.mp4", total_frames=149), [[]] * 149)
    with pytest.raises(BadInput, match="has 149 frames, the video has 150"):
        run(inputs | {"audio": tmp_path / "short.json"}, tmp_path / "t.json")
    with pytest.raises(Unavailable, match="lr-asd-talkset"):
        run(inputs, tmp_path / "t.json", speaking_mode="asd")
    assert [path.name for path in tmp_path.iterdir()] == ["short.json"]


def test_sheet_and_preview(inputs: dict[str, Path], tmp_path: Path) -> None:
    import av

    details = run(inputs, tmp_path / "t.json")
    sheet = face_sheet(
        [(inputs["video"], SIZE, msgspec.convert(details["faces"], list[SeenFace])), (inputs["video"], SIZE, [])]
    )
    assert sheet is not None
    assert len(sheet) < 100_000
    assert Image.open(io.BytesIO(sheet)).size == (3 * 96, 96)
    assert face_sheet([(inputs["video"], SIZE, [])]) is None

    fractions: list[float] = []
    target = tmp_path / "preview.mp4"
    render_preview(
        inputs["video"], inputs["scenes"], inputs["audio"], tmp_path / "t.json", SIZE, target, fractions.append
    )
    assert sum(1 for _ in decoded_frames(target)) == TOTAL
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    with av.open(str(target)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (SIZE[0], SIZE[1] + 2 * 22)
        assert sum(frame.samples for frame in container.decode(audio=0)) == pytest.approx(TOTAL * RATE / 25, abs=3000)
    with av.open(str(target)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    greens = [int(((p[:128, :, 1] > 180) & (p[:128, :, 0] < 130)).sum()) for p in pictures]
    assert greens[40] > 200
    assert greens[85] == 0


def test_a_sheet_of_many_faces_stays_small(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (2, 128, 192, 3), dtype=np.uint8)
    video = write_film(tmp_path / "noise.mp4", noise, np.zeros(1280, np.float32), RATE)
    faces = [
        SeenFace(
            id=f"obj_{number}",
            frames=2,
            first=1,
            last=2,
            speaking_share=1.0,
            best_frame=1 + number % 2,
            best_box=(9, 9, 90, 90),
        )
        for number in range(60)
    ]
    sheet = face_sheet([(video, SIZE, faces)])
    assert sheet is not None
    assert len(sheet) < 100_000
    assert Image.open(io.BytesIO(sheet)).size == (8 * 96, 5 * 96)


def test_preview_command(inputs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(tmp_path))
    folders = Layout(Settings.load().folders).project("13_Camille")
    master = Master(
        id="v-1", source_path="a/v.mov", source_sha256="", path="v-1.mp4", sha256="", bytes=1, total_frames=TOTAL,
        width=SIZE[0], height=SIZE[1], has_audio=True,
    )  # fmt: skip
    write_document(folders.video / "manifest.json", Masters(project="13_Camille", videos=(master,)))
    for source, target in (
        ("video", folders.video / "v-1.mp4"),
        ("scenes", folders.scenes / "v-1.csv"),
        ("audio", folders.audio / "v-1_audio.json"),
    ):
        target.parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(inputs[source], target)
    run(inputs, folders.tracking / "v-1_tracking.json")
    for name in ("v", "v-1"):
        done = CliRunner().invoke(app, ["preview", "13_Camille", name, "--output", str(tmp_path / "p.mp4")])
        assert done.exit_code == 0, done.output
        assert sum(1 for _ in decoded_frames(tmp_path / "p.mp4")) == TOTAL
    refused = CliRunner().invoke(app, ["preview", "13_Camille", "other"])
    assert refused.exit_code == 1
    assert isinstance(refused.exception, BadInput)
    assert "a/v.mov" in str(refused.exception)
