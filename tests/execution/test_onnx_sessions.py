"""Where ONNX networks run is decided truthfully."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution import devices, onnx_sessions
from mediaflow_assets.execution.devices import DeviceChoice, Gpu
from tests.faces.clips import constant_network

H200 = Gpu(index=0, name="NVIDIA H200", memory_total=150_000_000_000, memory_free=140_000_000_000)


@pytest.fixture
def cuda_build(monkeypatch: pytest.MonkeyPatch) -> None:
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnx_sessions.runtime(), "get_available_providers", lambda: providers)


def gpus(monkeypatch: pytest.MonkeyPatch, *found: Gpu) -> None:
    monkeypatch.setattr(devices, "gpus", lambda: found)


def test_a_gpu_is_used_when_there_is_one(cuda_build: None, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, H200)
    assert onnx_sessions.onnx_device("auto") == DeviceChoice("cuda", "NVIDIA H200 is present", "NVIDIA H200")
    assert onnx_sessions.onnx_device("cpu").device == "cpu"


def test_a_full_gpu_is_not_started_on(cuda_build: None, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, H200.model_copy(update={"memory_free": 900_000_000}))
    choice = onnx_sessions.onnx_device("auto")
    assert (choice.device, choice.reason) == ("cpu", "the GPU has 0.9 GB of free memory, 1.5 GB are needed")
    with pytest.raises(Unavailable, match="GB are needed"):
        onnx_sessions.onnx_device("cuda")


def test_a_cpu_build_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_sessions.runtime(), "get_available_providers", lambda: ["CPUExecutionProvider"])
    gpus(monkeypatch, H200)
    assert "make gpu" in onnx_sessions.onnx_device("auto").reason


def test_a_session_that_fell_back_to_the_cpu_is_refused(tmp_path: Path) -> None:
    """ONNX Runtime itself only warns when CUDA does not start."""
    network = constant_network(tmp_path / "n.onnx", ("input", [1]), output=np.zeros(1, np.float32))
    with pytest.raises(Unavailable, match="would have used the CPU"):
        onnx_sessions.open_session(network, DeviceChoice("cuda", "test"))
