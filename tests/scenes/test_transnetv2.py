"""The default shot detector: the reference's predictions, and cuts of known place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes import network
from mediaflow_assets.scenes.engines import transnetv2 as transnetv2_engine
from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
from mediaflow_assets.scenes.onnx_form import color_histograms
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.scenes.windows import padded_windows
from support.scenes.reference import reference_frames, stored_probabilities
from tests.scenes.material import cuts, dissolve, fade, flash, shot

Detect = Callable[[NDArray[np.uint8]], list[Scene]]


def probabilities(engine: TransNetV2Engine, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    return engine.process(iter(frames), lambda _: None).boundary


def test_predictions_are_those_of_the_reference_implementation(transnetv2: TransNetV2Engine) -> None:
    found, stored = probabilities(transnetv2, reference_frames()), stored_probabilities()
    assert (stored > 0.5).sum() >= 4
    assert np.abs(found - stored).max() < 0.02  # bf16
    assert np.array_equal(found > 0.5, stored > 0.5)


@pytest.mark.parametrize(("window", "padding"), [(64, 16), (100, 25)])
def test_every_way_to_calculate_decides_as_the_published_network(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch, window: int, padding: int
) -> None:
    """That is calculated window by window, each frame again in every window; the last one is not full."""
    settings = SceneSettings(window=window, stride=window - 2 * padding, padding=padding)
    frames = reference_frames()[:130]
    published = network.load_network(model_store.path("transnetv2"))
    kept = slice(padding, padding + settings.stride)
    expected: list[list[NDArray[np.float32]]] = [[], []]
    with torch.inference_mode():
        for pictures, real in padded_windows(iter(frames), window, settings.stride, padding):
            for head, logits in zip(expected, published(torch.from_numpy(pictures)[None]), strict=True):
                head.append(torch.sigmoid(logits[0, kept][:real]).numpy())
    boundary, transition = (np.concatenate(head) for head in expected)

    def differences() -> tuple[float, float]:
        engine = TransNetV2Engine(settings, model_store, ComputeSettings(device="cpu"))
        found = engine.process(iter(frames), lambda _: None)
        assert np.array_equal(found.boundary > 0.5, boundary > 0.5)
        assert found.transition is not None
        return np.abs(found.boundary - boundary).max(), np.abs(found.transition - transition).max()

    for gains_by_bf16, problem, nearest in ((True, "", 0.02), (False, "", 1e-4), (False, "it is not installed", 1e-4)):
        monkeypatch.setattr(transnetv2_engine, "gains_by_bf16", lambda gains_by_bf16=gains_by_bf16: gains_by_bf16)
        monkeypatch.setattr(transnetv2_engine, "openvino_problem", lambda problem=problem: problem)
        assert max(differences()) < nearest


@pytest.mark.parametrize(
    ("gains_by_bf16", "problem", "says"),
    [
        (True, "", "OpenVINO in bf16"),
        (False, "", "OpenVINO in f32"),
        (True, "OpenVINO is not installed", "torch in f32, because OpenVINO is not installed"),
    ],
)
def test_the_device_says_what_calculates(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch, gains_by_bf16: bool, problem: str, says: str
) -> None:
    monkeypatch.setattr(transnetv2_engine, "gains_by_bf16", lambda: gains_by_bf16)
    monkeypatch.setattr(transnetv2_engine, "openvino_problem", lambda: problem)
    engine = TransNetV2Engine(SceneSettings(), model_store, ComputeSettings(device="cpu"))
    engine.load()
    assert engine.device.reason == f"MEDIAFLOW_DEVICE=cpu; {says}"


def test_colours_are_counted_as_in_the_network() -> None:
    frames = reference_frames()[:20]
    assert np.array_equal(color_histograms(frames), network.color_histograms(torch.from_numpy(frames)[None])[0])


def test_one_video_leaves_nothing_behind_for_the_next(transnetv2: TransNetV2Engine) -> None:
    first = probabilities(transnetv2, cuts(20, 20))
    probabilities(transnetv2, dissolve(20, 10, 20))
    assert np.array_equal(probabilities(transnetv2, cuts(20, 20)), first)


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
def test_the_number_of_threads_changes_nothing(
    model_store: ModelStore, transnetv2: TransNetV2Engine, threads: int
) -> None:
    """Windows are calculated side by side, and their answers taken in order."""
    frames = np.concatenate([reference_frames()[:230], cuts(33, 34)])
    engine = TransNetV2Engine(SceneSettings(), model_store, ComputeSettings(device="cpu", threads=threads))
    assert np.array_equal(probabilities(engine, frames), probabilities(transnetv2, frames))


def test_a_stop_while_windows_are_under_way_is_told_and_leaves_the_network_usable(
    transnetv2: TransNetV2Engine,
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transnetv2.process(iter(reference_frames()[:400]), stop)
    assert np.flatnonzero(probabilities(transnetv2, cuts(20, 20)) > 0.5).tolist() == [19]


@pytest.mark.parametrize("lengths", [(1, 40, 2, 45), (30, 3, 5, 40, 1)])
def test_hard_cuts_are_exact(detect: Detect, lengths: tuple[int, ...]) -> None:
    assert [scene.last for scene in detect(cuts(*lengths))] == list(accumulate(lengths))


@pytest.mark.parametrize("length", [5, 15, 30])
def test_a_dissolve_is_one_cut_inside_it(detect: Detect, length: int) -> None:
    first, last = detect(dissolve(30, length, 30))
    assert 30 <= first.last <= 30 + length
    assert last.last == 60 + length


def test_a_fade_through_black_is_one_cut_inside_it(detect: Detect) -> None:
    first, _ = detect(fade(35, 15, 35))
    assert 35 <= first.last <= 65


def test_flashes_are_no_cuts(detect: Detect) -> None:
    assert detect(flash(90, [20, 45, 80])) == [Scene(1, 90)]


def test_still_pictures(detect: Detect) -> None:
    stills = [np.repeat(shot(number, 1), 25, axis=0) for number in range(3)]
    assert detect(np.concatenate(stills)) == [Scene(1, 25), Scene(26, 50), Scene(51, 75)]
    assert detect(stills[0]) == [Scene(1, 25)]
    assert detect(stills[0][:1]) == [Scene(1, 1)]


def test_loading_leaves_the_process_as_it_was(model_store: ModelStore) -> None:
    """The reference implementation reseeds every generator and switches to slow deterministic kernels."""
    torch.manual_seed(7)
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy(), torch.get_default_dtype()
    TransNetV2Engine(SceneSettings(), model_store, ComputeSettings(device="cpu")).load()
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_gpu_that_fails_is_left_and_named(model_store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = on_failing_gpu(model_store, "auto", monkeypatch)
    found = probabilities(engine, cuts(20, 20))
    assert np.flatnonzero(found > 0.5).tolist() == [19]
    assert engine.device.device == "cpu"
    assert engine.device.reason.startswith("Some GPU failed: CUDA out of memory; ")


def test_a_gpu_that_was_demanded_is_never_left_silently(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match=r"Some GPU failed: CUDA out of memory.*SCENES_BATCH"):
        probabilities(on_failing_gpu(model_store, "cuda", monkeypatch), cuts(20, 20))


def on_failing_gpu(store: ModelStore, policy: str, monkeypatch: pytest.MonkeyPatch) -> TransNetV2Engine:
    engine = TransNetV2Engine(SceneSettings(), store, ComputeSettings(device="cpu"))
    engine.load()
    engine._compute = ComputeSettings(device=policy)
    engine.device = DeviceChoice("cuda", "for this test", "Some GPU")

    def fail(_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory\nmore text")

    monkeypatch.setattr(engine, "_by_torch", fail)
    return engine
