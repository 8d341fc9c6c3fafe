"""Which H.264 encoder is used, found out by using it, and what each quality means to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mediaflow_assets.core.errors import Interrupted, Unavailable
from mediaflow_assets.execution.devices import gpus
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.settings import VideoSettings

EncoderName = Literal["libx264", "h264_nvenc"]
_PROBE_SECONDS = 30


class X264(NamedTuple):
    """How libx264 encodes."""

    preset: str
    crf: float
    params: str = ""
    """Differences from the preset, as ``-x264-params`` takes them."""


_X264 = {
    "compact": X264("superfast", 27.5, "mbtree=1:rc-lookahead=20:trellis=1"),
    "standard": X264("faster", 22),
    "high": X264("medium", 18),
}
"""Chosen with ``benchmarks/video/quality.py``: see ``benchmarks/results/video.md``."""
_NVENC_CQ = {"compact": 28, "standard": 23, "high": 19}
"""Constant quality of NVENC: lower is better and larger."""


@dataclass(frozen=True)
class Encoder:
    """An encoder and why it is the one."""

    name: EncoderName
    reason: str

    def options(self, settings: VideoSettings) -> Mapping[str, str | float]:
        """ffmpeg options for the quality that the settings ask for."""
        if self.name == "h264_nvenc":
            # b:v 0 leaves the rate to cq alone.
            options: dict[str, str | float] = {
                "preset": "p5",
                "tune": "hq",
                "rc": "vbr",
                "cq": nvenc_cq(settings),
                "b:v": 0,
            }
            return {"vcodec": self.name, **options}
        preset, crf, params = x264(settings)
        more = {"x264-params": params} if params else {}
        return {"vcodec": self.name, "preset": preset, "crf": crf, **more}


def x264(settings: VideoSettings) -> X264:
    """Of libx264, for the quality setting."""
    if settings.quality == "custom":
        return X264(settings.custom_preset, settings.custom_crf)
    return _X264[settings.quality]


def nvenc_cq(settings: VideoSettings) -> int:
    """Constant quality of NVENC for the quality setting."""
    return settings.custom_crf if settings.quality == "custom" else _NVENC_CQ[settings.quality]


def parameters(settings: VideoSettings) -> dict[str, object]:
    """What decides how a master looks. On which machine it is encoded does not make it another one."""
    # The default is left out, so that masters which were made before it could be chosen keep their recipe.
    held = {"shorter_than_sound": "hold"} if settings.shorter_than_sound == "hold" else {}
    return {"encoder": settings.encoder, "x264": list(x264(settings)), "nvenc_cq": nvenc_cq(settings), **held}


def choose_encoder(settings: VideoSettings) -> Encoder:
    """The encoder to try first.

    Raises:
        Unavailable: NVENC was demanded and does not work here.
    """
    if settings.encoder == "libx264":
        return Encoder("libx264", "VIDEO_ENCODER=libx264")
    problem = nvenc_problem()
    if problem is None:
        return Encoder("h264_nvenc", f"NVENC works on {gpus()[0].name}")
    if settings.encoder == "h264_nvenc":
        raise Unavailable("VIDEO_ENCODER=h264_nvenc", problem, "Set VIDEO_ENCODER=auto or libx264")
    return Encoder("libx264", problem)


def nvenc_problem() -> str | None:
    """Why NVENC cannot be used, or None after it has encoded a few pictures.

    Asked before every conversion: its sessions may all be taken now, and free later.
    That it is compiled in, or that there is a GPU, proves nothing: drivers are too old, and some
    GPUs (A100, H100, H200) have no encoder.
    """
    import ffmpeg

    if not gpus():
        return "no NVIDIA GPU was found"
    if "h264_nvenc" not in runner.encoders(runner.ffmpeg_binary()):
        return "this ffmpeg was built without NVENC"
    picture = ffmpeg.input("color=size=256x256:rate=25:duration=0.2", format="lavfi")
    graph = ffmpeg.output(picture, "-", format="null", vcodec="h264_nvenc", pix_fmt="yuv420p")
    try:
        runner.run(graph, stall_seconds=_PROBE_SECONDS)
    except Interrupted as error:
        return f"NVENC does not work on {gpus()[0].name}: {error.problem}"
    return None
