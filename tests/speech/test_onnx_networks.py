"""Running out of a GPU's memory: a part of this machine's memory, as small, plays the GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.execution.onnx_sessions import open_session
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech import onnx_networks
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.derived_models import onnx_model
from mediaflow_assets.speech.diarization import NO_HINTS
from mediaflow_assets.speech.engines import onnx_local
from mediaflow_assets.speech.engines.onnx_local import OnnxLocal
from mediaflow_assets.speech.onnx_networks import OnnxNetworks
from mediaflow_assets.speech.processor import Processor
from mediaflow_assets.speech.settings import SpeechSettings

GPU = DeviceChoice("cuda", "it is present", "Small GPU")


@pytest.fixture(scope="module")
def small_memory() -> None:
    where = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    limits = onnxruntime.OrtArenaCfg({"max_mem": 40_000_000, "arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(where, limits)


@pytest.fixture
def small_gpu(small_memory: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA sessions run in 40 MB."""

    def opened(model: Path, device: DeviceChoice, threads: int) -> Any:
        if device.device == "cpu":
            return open_session(model, device, threads)
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnx_networks, "open_session", opened)
    monkeypatch.setattr(onnx_local, "onnx_device", lambda _: GPU)


def networks(store: ModelStore, device: DeviceChoice) -> OnnxNetworks:
    segmentation, embedding = (onnx_model(store, name) for name in OnnxLocal.models)
    return OnnxNetworks(segmentation, embedding, Processor(device, 8, half_precision=False, threads=1))


def test_smaller_batches_hear_the_same(small_gpu: None, model_store: ModelStore) -> None:
    windows = np.random.default_rng(5).normal(0, 0.1, (8, 1, 10 * SAMPLE_RATE)).astype(np.float32)
    small = networks(model_store, GPU)
    heard = small.speakers(windows)
    assert small.processor.device == GPU
    tried = [f"The GPU's memory was full: cuda with batches of {batch}." for batch in (4, 2, 1) if batch >= small.batch]
    assert small.retreats == tried != []
    for found, expected in zip(
        heard, networks(model_store, DeviceChoice("cpu", "test")).speakers(windows), strict=True
    ):
        assert (found == expected).all()


def test_a_voice_that_does_not_fit_is_taken_on_the_cpu(small_gpu: None, model_store: ModelStore) -> None:
    long = np.random.default_rng(6).normal(0, 1, (4_000, 80)).astype(np.float32)
    small = networks(model_store, GPU)
    voice = small.voice(long)
    assert small.processor.device == DeviceChoice("cpu", "the memory of Small GPU was full even with one voice")
    assert len(small.retreats) == 1
    np.testing.assert_allclose(voice, networks(model_store, DeviceChoice("cpu", "test")).voice(long), atol=1e-3)


def test_the_engine_says_once_that_memory_was_full(
    small_gpu: None, model_store: ModelStore, conversation: Waveform
) -> None:
    engine = OnnxLocal(SpeechSettings(), model_store, ComputeSettings(device="cuda"))
    first, second = (engine.process(conversation, NO_HINTS, lambda *_: None) for _ in range(2))
    assert first.notes
    assert not second.notes
    assert first.segments == second.segments
    assert engine.device == GPU


def test_other_failures_are_not_taken_for_it(small_gpu: None, model_store: ModelStore) -> None:
    small = networks(model_store, GPU)
    with pytest.raises(Exception, match="Invalid rank"):
        small.speakers(np.zeros((1, 160_000), np.float32))
    assert small.batch == 8


def test_a_rest_changes_nothing(model_store: ModelStore) -> None:
    tested = networks(model_store, DeviceChoice("cpu", "test"))
    features = np.random.default_rng(7).normal(0, 1, (200, 80)).astype(np.float32)
    before = tested.voice(features)
    tested.rest()
    assert (tested.voice(features) == before).all()
