"""Making the 25-fps master: a stream copy when the video is already right, else one encode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from mediaflow_assets.errors import BadInput
from mediaflow_assets.files import atomic_path
from mediaflow_assets.formats.manifest import VideoProbe
from mediaflow_assets.timebase import FPS
from mediaflow_assets.video import ffmpeg as runner
from mediaflow_assets.video.decode import count_frames
from mediaflow_assets.video.probe import probe
from mediaflow_assets.video.settings import VideoSettings

CODE_VERSION = "1"

_COPYABLE_AUDIO = {"aac", "mp3", "ac3", "eac3"}


@dataclass(frozen=True)
class Conversion:
    """What was done to one video."""

    total_frames: int
    width: int
    height: int
    has_audio: bool
    method: str
    encoder: str
    source_fps: str
    notes: tuple[str, ...]


def parameters(settings: VideoSettings) -> dict[str, Any]:
    """The settings that change the result."""
    preset, crf = encoding(settings)
    return {"preset": preset, "crf": crf, "encoder": "libx264", "fps": FPS}


def encoding(settings: VideoSettings) -> tuple[str, int]:
    """x264 preset and CRF for the quality setting."""
    return {
        "compact": ("veryfast", 26),
        "standard": ("fast", 22),
        "high": ("medium", 18),
        "custom": (settings.custom_preset, settings.custom_crf),
    }[settings.quality]


def convert(
    source: Path, target: Path, settings: VideoSettings, on_fraction: Callable[[float], None] = lambda _: None
) -> Conversion:
    """Write ``target`` as H.264 yuv420p MP4 at constant 25 fps.

    Raises:
        BadInput: ``source`` is not a readable video, or nothing of it can be decoded.
        Interrupted: ffmpeg failed or stalled.
    """
    facts = probe(source)
    copy = is_master(source, facts)
    with atomic_path(target) as temporary:
        graph = _copy_graph(source, temporary, facts) if copy else _encode_graph(source, temporary, facts, settings)
        runner.run(
            graph,
            on_time=lambda seconds: on_fraction(min(seconds / facts.duration, 1.0) if facts.duration else 0.0),
            stall_seconds=settings.stall_seconds,
        )
        result = probe(temporary)
        frames = count_frames(temporary)
        if frames == 0:
            raise BadInput(source.name, "has no frame that can be decoded", "Ask for the file again")
        if Fraction(result.fps) != FPS:
            raise BadInput(source.name, f"was converted to {result.fps} fps instead of {FPS}", "Report this as a bug")
    return Conversion(
        total_frames=frames,
        width=result.width,
        height=result.height,
        has_audio=result.audio_codec is not None,
        method="copied" if copy else "encoded",
        encoder="none" if copy else "libx264",
        source_fps=facts.fps,
        notes=facts.notes,
    )


def is_master(source: Path, facts: VideoProbe) -> bool:
    """Whether ``source`` already is what we would make: H.264 yuv420p MP4, every frame 1/25 s."""
    import av

    right = (
        "mp4" in facts.container
        and facts.codec == "h264"
        and facts.pixel_format == "yuv420p"
        and Fraction(facts.fps) == FPS
        and not facts.rotation
        and facts.audio_codec in {None, *_COPYABLE_AUDIO}
    )
    if not right:
        return False
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        stamps = sorted(packet.pts for packet in container.demux(stream) if packet.pts is not None)
        if not stamps or stream.time_base is None:
            return False
        step = Fraction(1, FPS) / stream.time_base
        return stamps[0] == 0 and all(stamp == index * step for index, stamp in enumerate(stamps))


def _encode_graph(source: Path, target: Path, facts: VideoProbe, settings: VideoSettings) -> Any:
    import ffmpeg

    preset, crf = encoding(settings)
    media = ffmpeg.input(str(source))
    picture = media.video.filter("fps", fps=FPS)
    # yuv420p needs even sides.
    picture = picture.filter("scale", "trunc(iw/2)*2", "trunc(ih/2)*2")
    outputs = [picture]
    options: dict[str, Any] = {
        "vcodec": "libx264",
        "preset": preset,
        "crf": crf,
        "pix_fmt": "yuv420p",
        "movflags": "+faststart",
        "map_metadata": -1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "video_track_timescale": 12800,
    }
    if facts.audio_codec:
        outputs.append(media.audio)
        options |= {"acodec": "aac", "audio_bitrate": "192k", "flags:a": "+bitexact"}
    return ffmpeg.output(*outputs, str(target), format="mp4", **options)


def _copy_graph(source: Path, target: Path, facts: VideoProbe) -> Any:
    import ffmpeg

    media = ffmpeg.input(str(source))
    outputs = [media["v:0"], *([media["a:0"]] if facts.audio_codec else [])]
    options = {"c": "copy", "movflags": "+faststart", "map_metadata": -1, "fflags": "+bitexact"}
    return ffmpeg.output(*outputs, str(target), format="mp4", **options)
