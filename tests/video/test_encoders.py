"""The choice of the encoder, on a machine without NVENC."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import Gpu
from mediaflow_assets.video import convert as conversion
from mediaflow_assets.video import encoders, job
from mediaflow_assets.video.encoders import Encoder, choose_encoder, parameters
from mediaflow_assets.video.settings import VideoSettings
from tests.video.media import ffmpeg

GPU = Gpu(index=0, name="NVIDIA H200", memory_total=1, memory_free=1)


@pytest.fixture
def one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU is reported, but NVENC does not work, as on GPUs for data centres."""
    monkeypatch.setattr(encoders, "gpus", lambda: (GPU,))


@pytest.mark.usefixtures("one_gpu")
def test_nvenc_is_tried_and_its_failure_is_the_reason() -> None:
    encoder = choose_encoder(VideoSettings())
    assert encoder.name == "libx264"
    assert encoder.reason.startswith("NVENC does not work on NVIDIA H200: gave up (")


@pytest.mark.usefixtures("one_gpu")
def test_nvenc_that_is_demanded_is_never_replaced_silently() -> None:
    with pytest.raises(Unavailable, match=r"VIDEO_ENCODER=h264_nvenc: NVENC does not work"):
        choose_encoder(VideoSettings(encoder="h264_nvenc"))


def test_a_failed_encode_on_the_gpu_is_repeated_on_the_cpu_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "choose_encoder", lambda _: Encoder("h264_nvenc", "chosen for this test"))
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=256x256:r=30:d=1", tmp_path / "v.mp4")
    made = conversion.convert(tmp_path / "v.mp4", tmp_path / "out.mp4", VideoSettings())
    assert made.encoder == "libx264 (h264_nvenc failed)"
    assert made.total_frames == 25
    assert any("encoded again by the CPU" in note and "gave up" in note for note in made.notes)


@pytest.mark.usefixtures("one_gpu")
def test_a_busy_gpu_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_encoder(VideoSettings()).name == "libx264"
    monkeypatch.setattr(encoders.runner, "run", lambda graph, stall_seconds: encoders.runner.StderrLog())
    assert choose_encoder(VideoSettings()).name == "h264_nvenc"


@pytest.mark.parametrize("quality", ["compact", "standard", "high", "custom"])
def test_qualities_differ_and_are_part_of_the_recipe(quality: str) -> None:
    settings = VideoSettings(quality=quality)
    others = [VideoSettings(quality=other) for other in ("compact", "standard", "high", "custom") if other != quality]
    assert parameters(settings) not in [parameters(other) for other in others]


def test_a_new_setting_makes_no_old_master_again() -> None:
    assert "shorter_than_sound" not in parameters(VideoSettings())
    assert parameters(VideoSettings(shorter_than_sound="hold")) != parameters(VideoSettings())


def test_a_custom_quality_reaches_x264(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=256x256:r=30:d=2", tmp_path / "v.mp4")
    sizes = []
    for crf in (15, 40):
        settings = VideoSettings(encoder="libx264", quality="custom", custom_preset="ultrafast", custom_crf=crf)
        conversion.convert(tmp_path / "v.mp4", tmp_path / "out.mp4", settings)
        sizes.append((tmp_path / "out.mp4").stat().st_size)
    assert sizes[0] > 2 * sizes[1]
