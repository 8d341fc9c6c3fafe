"""Engines whose weights are not fetched by default, on networks with known answers."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.engines.insightface import InsightFace
from mediaflow_assets.faces.engines.opencv_haar import OpencvHaar
from mediaflow_assets.faces.engines.opencv_yunet import OpencvYunet
from mediaflow_assets.faces.engines.openseeface import OpenSeeFace
from mediaflow_assets.faces.jaw import jaw_of_66, jaw_of_68, only_jaw
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore, load_catalog
from tests.faces.clips import Placed, constant_network, draw

CPU = ComputeSettings(device="cpu")


def open_store(folder: Path) -> ModelStore:
    """A store that accepts any content: the networks here are made by the tests."""
    catalog = {
        name: msgspec.structs.replace(model, sha256="", bytes=0, sources=()) for name, model in load_catalog().items()
    }
    return ModelStore(folder, catalog)


def logistic(offset: float) -> float:
    """The value that OpenSeeFace's networks give for an offset, a part of the picture."""
    return float(1 / (1 + np.exp(-16 * offset)))


@pytest.fixture
def openseeface(tmp_path: Path) -> OpenSeeFace:
    """One face: middle at (112, 84) of the 224 x 224 square, radius 56; all points in its middle."""
    maps = np.zeros((1, 2, 56, 56), np.float32)
    maps[0, 0, 21, 28], maps[0, 1, 21, 28] = 0.9, 0.5
    maps[0, 0, 22, 28] = 0.85  # beside the peak: no second face
    peaks = maps.copy()
    peaks[0, 0, 22, 28] = 0.9
    read = ("input", ["n", 3, 224, 224])
    constant_network(tmp_path / "mnv3_detection_opt.onnx", read, output=maps, maxpool=peaks)
    points = np.zeros((1, 198, 28, 28), np.float32)
    points[0, :66, 14, 14] = 0.8
    points[0, 66:] = logistic(0.0)
    points[0, 66 + 30, 14, 14] = logistic(0.1)  # the nose lies a tenth of the square lower
    constant_network(tmp_path / "lm_model0_opt.onnx", read, output=points)
    engine = OpenSeeFace(FaceSettings(engine="openseeface"), open_store(tmp_path), CPU)
    engine.load()
    return engine


def test_openseeface_decodes_its_maps(openseeface: OpenSeeFace) -> None:
    picture = np.zeros((448, 448, 3), np.uint8)
    (face,) = openseeface.detect(picture, 0)
    assert face.confidence == pytest.approx(0.8)
    assert face.landmarks.shape == (66, 3)
    # In the picture of twice the size the face is 224 wide from (112, 56); its crop is a tenth and
    # an eighth wider on each side: x 90..358, y 28..308. The middle cell is 14/27 of the crop.
    x, y = 90 + (14 / 27) * 268 * 223 / 224, 28 + (14 / 27) * 280 * 223 / 224
    assert face.landmarks[0, :2] == pytest.approx([x, y], abs=1.5)
    assert face.landmarks[30, 1] - face.landmarks[0, 1] == pytest.approx(0.1 * 280 * 223 / 224, abs=0.5)
    assert isinstance(face.blendshapes, dict) and set(face.blendshapes.values()) == {0.0}


def test_openseeface_does_without_a_face(openseeface: OpenSeeFace, tmp_path: Path) -> None:
    strict = OpenSeeFace(FaceSettings(detection_confidence=0.95), open_store(tmp_path), CPU)
    strict.load()
    assert strict.detect(np.zeros((448, 448, 3), np.uint8), 0) == []


def pack(folder: Path, name: str = "antelopev2") -> None:
    """A model pack with an SCRFD-shaped network: one face in the cell (row 10, column 20) of stride 8."""
    outputs: dict[str, Any] = {}
    for kind, width in (("score", 1), ("box", 4), ("point", 10)):
        for stride in (8, 16, 32):
            outputs[f"{kind}{stride}"] = np.zeros((2 * (640 // stride) ** 2, width), np.float32)
    cell = 2 * (10 * 80 + 20)
    outputs["score8"][cell] = 0.9
    outputs["box8"][cell] = (2, 3, 4, 5)  # left, top, right, bottom in strides from the cell
    outputs["point8"][cell] = (-1, -1, 1, -1, 0, 0, -1, 1, 1, 1)
    network = constant_network(folder / "det.onnx", ("input.1", [1, 3, "h", "w"]), **outputs)
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        archive.write(network, f"{name}/scrfd_10g_bnkps.onnx")


def test_insightface_runs_the_pack_s_detector(tmp_path: Path) -> None:
    pack(tmp_path)
    settings = FaceSettings(engine="insightface", insightface_modules="detection")
    engine = InsightFace(settings, open_store(tmp_path), CPU)
    engine.load()
    (face,) = engine.detect(np.zeros((360, 640, 3), np.uint8), 0)
    assert face.bbox == (160 - 16, 80 - 24, 48, 64)
    assert face.confidence == pytest.approx(0.9)
    assert face.keypoints.tolist() == [[152, 72], [168, 72], [160, 80], [152, 88], [168, 88]]
    assert engine.device.device == "cpu"
    (large,) = engine.detect(np.zeros((1440, 2560, 3), np.uint8), 0)
    assert large.bbox == (4 * 144, 4 * 56, 4 * 48, 4 * 64), "coordinates are those of the picture"


def test_insightface_says_what_a_pack_lacks(tmp_path: Path) -> None:
    pack(tmp_path)
    with pytest.raises(BadInput, match="no network 1k3d68"):
        InsightFace(FaceSettings(engine="insightface"), open_store(tmp_path), CPU).load()


def test_insightface_never_downloads(tmp_path: Path) -> None:
    engine = InsightFace(FaceSettings(insightface_pack="buffalo_l"), ModelStore(tmp_path), CPU)
    assert engine.models == ("insightface-buffalo-l",)
    with pytest.raises(Unavailable, match=r"buffalo_l\.zip is not in .*get it from https://github.com/deepinsight"):
        engine.load()


def test_cuda_on_demand_is_not_replaced_by_the_cpu(model_store: ModelStore) -> None:
    with pytest.raises(Unavailable, match="MEDIAFLOW_DEVICE=cuda"):
        OpencvYunet(FaceSettings(), model_store, ComputeSettings(device="cuda")).load()


@pytest.mark.parametrize("own", [False, True])
def test_cascade_of_the_store_or_of_the_user(own: bool, model_store: ModelStore, tmp_path: Path) -> None:
    cascade = model_store.path("haar-frontal-face") if own else None
    engine = OpencvHaar(FaceSettings(haar_cascade=cascade), ModelStore(tmp_path) if own else model_store, CPU)
    engine.load()
    (face,) = engine.detect(draw(Placed("hopper", 240, 165, 160), size=(480, 320)), 0)
    assert abs(face.centroid[0] - 240) < 30 and abs(face.centroid[1] - 165) < 40
    assert face.confidence is None


def test_a_file_that_is_no_cascade_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text("<html/>")
    with pytest.raises(BadInput, match="no Haar cascade"):
        OpencvHaar(FaceSettings(haar_cascade=tmp_path / "bad.xml"), ModelStore(tmp_path), CPU).load()


def test_jaw_of_68_points() -> None:
    points = np.zeros((68, 3), np.float32)
    points[30], points[8], points[62], points[66] = (0, 0, 0), (0, 100, 0), (0, 40, 0), (0, 65, 0)
    assert jaw_of_68(points) == pytest.approx(0.25)
    points[66] = (0, 500, 0)
    assert jaw_of_68(points) == 1.0
    assert jaw_of_68(np.zeros((68, 3), np.float32)) == 0.0


def test_jaw_of_66_points() -> None:
    points = np.zeros((66, 3), np.float32)
    points[30] = (0, 50, 0)
    points[63:66, 1] = 10
    assert jaw_of_66(points) == pytest.approx(0.2)
    shapes = only_jaw(0.2)
    assert len(shapes) == 51 and shapes["jawOpen"] == 0.2 and sum(shapes.values()) == 0.2
