"""``make gpu-check`` on simulated devices: what it says without a GPU, and of one that fails or differs."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.gpu import check
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import Gpu
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.modelstore import ModelStore

H200 = Gpu(index=0, name="NVIDIA H200", memory_total=150_000_000_000, memory_free=140_000_000_000)


def test_a_machine_without_a_gpu_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "gpus", lambda: ())
    assert check.main() == 1
    assert capsys.readouterr().out == (
        "This machine has no GPU that the NVIDIA driver reports, so nothing was checked.\n"
    )


def test_every_path_has_a_row_whatever_another_one_does(model_store: ModelStore) -> None:
    def broken(_: ModelStore) -> check.Row:
        raise RuntimeError("CUDA error: no kernel image\nand more")

    def missing(_: ModelStore) -> check.Row:
        raise Unavailable("a model", "is not there", "Fetch it")

    rows = {
        "one": lambda _: check.Row(True, "12 frames", 3.0, 1.5),
        "two": broken,
        "three": missing,
        "four": lambda _: check.Row(None, "the CPU encodes: there is no encoder"),
    }
    lines, good = check.table(rows, model_store)
    assert lines[2:] == [
        "| one | yes | 3.00 | 1.50 | 2.0 | 12 frames |",
        "| two | **NO** |  |  |  | RuntimeError: CUDA error: no kernel image |",
        "| three | **NO** |  |  |  | a model: is not there. Fetch it. |",
        "| four | not here |  |  |  | the CPU encodes: there is no encoder |",
    ]
    assert not good
    assert check.table({"four": rows["four"]}, model_store)[1]


def test_a_gpu_that_cannot_be_used_fails_with_sentences_and_not_with_a_traceback(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver reports one, and the libraries are CPU builds or cannot start it."""
    for module in ("mediaflow_assets.execution.devices", "mediaflow_assets.video.encoders"):
        monkeypatch.setattr(f"{module}.gpus", lambda: (H200,))
    monkeypatch.setattr(check, "gpus", lambda: (H200,))
    names = ("video: NVENC", "scenes: TransNetV2, f32", "speech: onnx_local", "faces: landmark networks", "second GPU")
    lines, good = check.table({name: check.CHECKS[name] for name in names}, model_store)
    assert not good
    nvenc, scenes, speech, landmarks, second = lines[2:]
    assert nvenc.startswith("| video: NVENC | not here |") and "the CPU encodes: " in nvenc
    assert all("**NO**" in line and "MEDIAFLOW_DEVICE=cuda: " in line for line in (scenes, speech, landmarks))
    assert second == "| second GPU | not here |  |  |  | there is one GPU only |"


def test_without_a_visible_gpu_the_cpu_is_taken(model_store: ModelStore) -> None:
    assert check.hidden(model_store) == check.Row(True, "with none visible: cpu none")


def test_speakers_are_compared_by_time() -> None:
    one = [Segment(0.0, 1.0, "SPEAKER_00"), Segment(0.5, 1.0, "SPEAKER_01")]
    assert np.array_equal(check._who(one, 2), check._who(one[::-1], 2))
    other = [Segment(0.0, 1.0, "SPEAKER_00"), Segment(0.6, 1.0, "SPEAKER_01")]
    assert (check._who(one, 2) != check._who(other, 2)).sum() == 10
