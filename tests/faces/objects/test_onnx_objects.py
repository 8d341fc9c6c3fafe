"""Decoding of the ONNX object detectors, on networks with known answers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.objects.coco import LABELS
from mediaflow_assets.faces.objects.nanodet_plus import NanoDetPlus
from mediaflow_assets.faces.objects.yolo11n import Yolo11n
from mediaflow_assets.faces.registries import OBJECT_DETECTORS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore, load_catalog
from tests.faces.clips import constant_network

CPU = ComputeSettings(device="cpu")


def test_yolo(tmp_path: Path) -> None:
    """A dog twice (the weaker goes), a cat at the same place (it stays), a weak car (it goes)."""
    output = np.zeros((1, 84, 8400), np.float32)
    dog, cat, car = (LABELS.index(name) for name in ("dog", "cat", "car"))
    for column, (kind, score, x) in enumerate([(dog, 0.9, 320), (dog, 0.8, 322), (cat, 0.7, 320), (car, 0.3, 100)]):
        output[0, :4, column] = (x, 160, 64, 32)
        output[0, 4 + kind, column] = score
    constant_network(tmp_path / "yolo11n.onnx", ("images", [1, 3, 640, 640]), output0=output)
    detector = Yolo11n(FaceSettings(), ModelStore(tmp_path), CPU)
    detector.load()
    found = detector.detect(np.zeros((640, 640, 3), np.uint8), 1280, 320)
    assert [(thing.label, thing.bbox) for thing in found] == [("dog", (576, 72, 128, 16)), ("cat", (576, 72, 128, 16))]
    assert found[0].confidence == pytest.approx(0.9)
    assert found[0].centroid == (640, 80)


def test_a_thing_ends_where_the_picture_ends(tmp_path: Path) -> None:
    output = np.zeros((1, 84, 8400), np.float32)
    output[0, :4, 0], output[0, 4, 0] = (630, 10, 40, 60), 0.9
    constant_network(tmp_path / "yolo11n.onnx", ("images", [1, 3, 640, 640]), output0=output)
    detector = Yolo11n(FaceSettings(), ModelStore(tmp_path), CPU)
    detector.load()
    (thing,) = detector.detect(np.zeros((640, 640, 3), np.uint8), 1280, 320)
    assert (thing.bbox, thing.centroid) == ((1220, 0, 60, 20), (1250, 10))


def test_nanodet(tmp_path: Path) -> None:
    """One bottle in the cell (row 2, column 3) of stride 32, 1, 2, 3 and 4 strides to each side."""
    output = np.zeros((1, 3598, 112), np.float32)
    cell = 52 * 52 + 26 * 26 + 2 * 13 + 3
    output[0, cell, LABELS.index("bottle")] = 0.8
    for side, distance in enumerate((1, 2, 3, 4)):
        output[0, cell, 80 + 8 * side + distance] = 50
    constant_network(tmp_path / "nanodet-plus-m_416.onnx", ("data", [1, 3, 416, 416]), output=output)
    detector = NanoDetPlus(FaceSettings(), ModelStore(tmp_path), CPU)
    detector.load()
    (bottle,) = detector.detect(np.zeros((416, 416, 3), np.uint8), 416, 416)
    assert bottle.label == "bottle"
    assert bottle.bbox == (96 - 32, 64 - 64, 128, 192)


def test_another_input_size_is_refused(tmp_path: Path) -> None:
    output = np.zeros((1, 84, 2100), np.float32)
    constant_network(tmp_path / "yolo11n.onnx", ("images", [1, 3, 320, 320]), output0=output)
    with pytest.raises(BadInput, match="Export it for 640 pixels"):
        Yolo11n(FaceSettings(), ModelStore(tmp_path), CPU).load()


@pytest.mark.parametrize("name", list(OBJECT_DETECTORS))
def test_every_detector_says_what_it_is_and_what_is_missing(name: str, tmp_path: Path) -> None:
    described = OBJECT_DETECTORS.get(name)
    (model,) = described.models
    assert load_catalog()[model].licence.split("-")[0] in described.licence
    assert described.source.startswith("https://")
    assert described.input_size >= 256
    detector = OBJECT_DETECTORS.create(name, FaceSettings(object_detector=name), ModelStore(tmp_path), CPU)
    with pytest.raises(Unavailable, match=model):
        detector.load()


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "yolo11n.onnx").write_bytes(msgspec.json.encode({"no": "network"}))
    with pytest.raises(BadInput, match="no model that ONNX Runtime can load"):
        Yolo11n(FaceSettings(), ModelStore(tmp_path), CPU).load()
