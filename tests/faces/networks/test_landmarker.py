"""The landmark networks as ONNX say what they say in TensorFlow Lite, in batches of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import open_session
from mediaflow_assets.faces.engines import opencv_yunet_facemesh
from mediaflow_assets.faces.engines.opencv_yunet_facemesh import OpencvYunetFacemesh
from mediaflow_assets.faces.networks import landmarker
from mediaflow_assets.faces.networks.landmarker import BLENDSHAPES, DETECTOR, LANDMARKS, LandmarkerNetworks, onnx_form
from mediaflow_assets.faces.networks.tflite_to_onnx import convert
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from tests.faces.clips import Placed, draw

CPU = DeviceChoice("cpu", "test")
GPU = DeviceChoice("cuda", "Some GPU is present", "Some GPU")


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A GPU that calculates as the CPU does; the tensors that it was given."""
    given: list[Any] = []

    class Session:
        def __init__(self, session: Any) -> None:
            self._session = session
            self.get_inputs = session.get_inputs

        def run(self, names: None, tensors: dict[str, Any]) -> Any:
            given.append(tensors)
            return self._session.run(names, tensors)

    monkeypatch.setattr(landmarker, "open_session", lambda model, _: Session(open_session(model, CPU)))
    return given


def faces() -> list[NDArray[np.float32]]:
    """Crops with and without a face, ``(256, 256, 3)`` in 0..1."""
    placed = [Placed(who, 128 + x, 130, height) for who in ("hopper", "collins") for x, height in ((0, 150), (12, 190))]
    crops = [draw(one, size=(256, 256)) for one in placed]
    return [crop.astype(np.float32) / 255 for crop in [*crops, np.full((256, 256, 3), 90, np.uint8)]]


def outputs(store: ModelStore, name: str, tensors: list[NDArray[np.float32]]) -> list[list[NDArray[np.float32]]]:
    """Of each input by TensorFlow Lite, and of all together by ONNX; one row per input."""
    with LandmarkerNetworks(store, CPU).open(name).acquire() as network:
        each = [
            np.stack(parts) for parts in zip(*([o.ravel() for o in network.run(t[None])] for t in tensors), strict=True)
        ]
    session = open_session(onnx_form(store, name), CPU)
    whole = session.run(None, {session.get_inputs()[0].name: np.stack(tensors)})
    return [each, [output.reshape(len(tensors), -1) for output in whole]]


def test_landmarks_are_within_a_thousandth_of_a_pixel(model_store: ModelStore) -> None:
    (points, presence, *_), (found, found_presence, *_) = outputs(model_store, LANDMARKS, faces())
    assert np.abs(points - found).max() < 1e-3
    assert np.abs(presence - found_presence).max() < 1e-3
    assert (presence[:4] > 0).all() and (presence[4] < 0).all()


def test_blendshapes_are_within_a_ten_thousandth(model_store: ModelStore) -> None:
    _, (points, *_) = outputs(model_store, LANDMARKS, faces()[:4])
    seen = [one.reshape(478, 3)[:146, :2] for one in points]
    (values,), (found,) = outputs(model_store, BLENDSHAPES, seen)
    assert values.shape == found.shape == (4, 52)
    assert np.abs(values - found).max() < 1e-4


def test_the_detector_finds_the_same(model_store: ModelStore) -> None:
    squares = [2 * crop[::2, ::2] - 1 for crop in faces()]
    for expected, found in zip(*outputs(model_store, DETECTOR, squares), strict=True):
        assert np.abs(expected - found).max() < 1e-2  # logits of up to 100, pixels of up to 128


def test_an_engine_on_a_gpu_sees_what_it_sees_on_a_cpu(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch, on_gpu: list[Any]
) -> None:
    picture = draw(Placed("hopper", 200, 175, 160), Placed("collins", 420, 175, 140), size=(640, 360))

    def seen(device: DeviceChoice) -> list[Any]:
        monkeypatch.setattr(opencv_yunet_facemesh, "onnx_device", lambda _: device)
        # YuNet has its own session, and there is no GPU here.
        real = opencv_yunet_facemesh.open_yunet
        with monkeypatch.context() as patch:
            patch.setattr(opencv_yunet_facemesh, "open_yunet", lambda settings, store, _: real(settings, store, CPU))
            engine = OpencvYunetFacemesh(FaceSettings(), model_store, ComputeSettings())
            engine.load()
        assert engine.device == device
        return sorted(engine.detect(picture, 0), key=lambda face: face.bbox[0])

    by_cpu, by_gpu = seen(CPU), seen(GPU)
    assert on_gpu
    assert len(by_cpu) == len(by_gpu) == 2
    for one, other in zip(by_cpu, by_gpu, strict=True):
        assert one.landmarks is not None and other.landmarks is not None
        assert np.abs(one.landmarks - other.landmarks).max() < 1e-2
        assert one.blendshapes.keys() == other.blendshapes.keys()
        assert (
            max(abs(one.blendshapes[name] - other.blendshapes[name]) for name in one.blendshapes) < 5e-4
        )  # of two looks, the second where the first one says


def test_a_gpu_without_room_for_one_face_is_said_in_a_sentence(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def get_inputs(self) -> Any:
            return [type("Port", (), {"name": "input"})]

        def run(self, *_: Any) -> Any:
            raise RuntimeError("BFCArena::Allocate: Failed to allocate memory")

    monkeypatch.setattr(landmarker, "open_session", lambda *_: Full())
    with (
        LandmarkerNetworks(model_store, GPU).open(LANDMARKS).acquire() as network,
        pytest.raises(Unavailable, match=r"Some GPU: has no memory left.*MEDIAFLOW_DEVICE=cpu"),
    ):
        network.run(np.zeros((1, 256, 256, 3), np.float32))


def test_a_network_with_other_operators_is_refused(model_store: ModelStore, tmp_path: Path) -> None:
    model = model_store.path("efficientdet-lite0").read_bytes()
    with pytest.raises(BadInput, match=r"other: has .*, which cannot be converted to ONNX"):
        convert(model, tmp_path / "other.onnx", "other")
