"""Makes a combination of the matrix: two seconds of moving picture with two flashes, and a beep with each."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.video.ffmpeg import ffmpeg_binary
from support.media.matrix import EDITS, Combination

SECONDS = 2
_FLASHES = (0.6, 1.4)
"""Seconds, moved to the nearest picture."""
_LENGTH = 0.12
"""Of a flash and a beep, seconds."""
_TRIM = 0.3
"""Seconds that a trim takes off, moved to the nearest picture."""
_BEFORE = 0.003
"""Seconds: less than a picture lasts, more than a clock in milliseconds rounds."""
_KEY = 12
"""Pictures from one keyframe to the next: a trim is never at one."""

_FAST_X26 = ("-preset", "ultrafast", "-g", str(_KEY))
PICTURES: Mapping[str, tuple[str, ...]] = {
    "h264": ("libx264", *_FAST_X26),
    "hevc": ("libx265", *_FAST_X26, "-x265-params", "log-level=none:ctu=16", "-tag:v", "hvc1"),
    "av1": ("libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", str(_KEY)),
    "vp8": ("libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k"),
    "vp9": ("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k"),
    "theora": ("libtheora", "-q:v", "7"),
    "prores": ("prores_ks", "-profile:v", "0"),
    "dnxhr": ("dnxhd", "-profile:v", "dnxhr_lb"),
    "dvvideo": ("dvvideo",),
}
"""Encoder and its options, where they are not simply the name of the codec."""
_LOSSLESS = frozenset({"rawvideo", "huffyuv", "ffv1", "utvideo", "qtrle", "png", "cinepak"})
_SIZES = {"h263": "128x96", "dvvideo": "720x576", "dnxhr": "256x128"}
_FORMATS = {
    "prores": "yuv422p10le",
    "dnxhr": "yuv422p",
    "qtrle": "rgb24",
    "png": "rgb24",
    "cinepak": "rgb24",
    "mjpeg": "yuvj420p",
}
SOUNDS: Mapping[str, tuple[str, ...]] = {
    "mp3": ("libmp3lame",),
    "opus": ("libopus", "-b:a", "96k"),
    "vorbis": ("libvorbis", "-q:a", "5"),
    "dts": ("dca", "-strict", "-2"),
    "amr_nb": ("libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"),
    "pcm_mulaw": ("pcm_mulaw", "-ar", "8000", "-ac", "1"),
}
_CHANNELS = ("-ac", "2")
_MUXERS = {
    "m2ts": "mpegts",
    "h265": "hevc",
    "mpg": "mpeg",
    "m2v": "mpeg2video",
    "wmv": "asf",
    "m4v": "mp4",
    "h264": "h264",
}
_RATES_OF_SOUND = {"flv": "44100", "nut": "44100", "f4v": "44100"}
_PRIMING = {
    "aac": Fraction(1024, 48000),
    "mp3": Fraction(1105, 48000),
    "mp2": Fraction(481, 48000),
    "ac3": Fraction(256, 48000),
    "opus": Fraction(312, 48000),
}
"""Seconds of an encoder's first samples, which are heard where the container cannot say that they are not to be."""


@dataclass(frozen=True)
class Truth:
    """What the master of a combination has to be."""

    frames: int
    flashes: tuple[Fraction, ...]
    """Seconds after the first picture."""
    beeps: tuple[Fraction, ...]
    """Seconds after the first picture; empty without sound."""


def truth(one: Combination, source: Path) -> Truth:
    """What ``one`` was made to show; ``source`` is where it was written."""
    cut = Fraction(_cut(one)) / one.fps
    pictures = _pictures(one) - _cut(one)
    flashes = tuple(Fraction(start) / one.fps - cut for start in _starts(one))
    late = Fraction(one.delay) + (0 if one.states_priming else _PRIMING.get(one.sound, Fraction(0)))
    if one.edits == "no edit list":
        # Reordered pictures are late, and nothing says that the sound is to wait for them.
        late -= _first_picture(source)
    beeps = tuple(flash + late for flash in flashes) if one.sound != "none" else ()
    return Truth(math.floor(pictures / one.fps * FPS + Fraction(1, 2)), flashes, beeps)


def write(one: Combination, folder: Path) -> Path:
    """Encode ``one`` below ``folder``."""
    target = folder / f"v.{one.kind.suffix}"
    whole = folder / f"whole.{one.kind.suffix}" if one.edits == "trimmed" else target
    muxer = ("-f", _MUXERS[one.kind.suffix]) if one.kind.suffix in _MUXERS else ()
    clock = ("-video_track_timescale", str(one.clock)) if one.clock else ()
    ending = (*one.kind.options, *EDITS[one.edits], *clock, *muxer)
    start = ("-output_ts_offset", f"{one.start:.7f}") if one.start else ()
    _ffmpeg(
        *_picture_input(one), *_sound_input(one), *_picture_output(one), *_sound_output(one), *start, *ending, whole
    )
    if whole != target:
        # Slightly before the picture to begin with, so that rounding changes nothing.
        begin = float(_cut(one) / one.fps) - _BEFORE
        _ffmpeg("-ss", f"{begin:.6f}", "-i", whole, "-map", "0", "-c", "copy", *ending, target)
        whole.unlink()
    return target


def _first_picture(source: Path) -> Fraction:
    """Seconds at which the first picture is shown, as the file says."""
    import av

    with av.open(str(source)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        return min(Fraction(packet.pts or 0) * packet.time_base for packet in packets)


def _pictures(one: Combination) -> int:
    return math.floor(SECONDS * one.fps + Fraction(1, 2))


def _cut(one: Combination) -> int:
    """Pictures that a trim hides."""
    return math.floor(_TRIM * one.fps + Fraction(1, 2)) if one.edits == "trimmed" else 0


def _starts(one: Combination) -> list[int]:
    """First picture of each flash."""
    return [math.floor(Fraction(time) * one.fps + Fraction(1, 2)) for time in _FLASHES]


def _picture_input(one: Combination) -> list[str]:
    last = math.ceil(_LENGTH * one.fps) - 1
    white = "+".join(f"between(n,{start},{start + last})" for start in _starts(one))
    box = f"drawbox=c=white:t=fill:enable='{white}'"
    return ["-f", "lavfi", "-i", f"testsrc2=s={_SIZES.get(one.picture, '96x64')}:r={one.rate},{box}"]


def _sound_input(one: Combination) -> list[str]:
    if one.sound == "none":
        return []
    times = [Fraction(start) / one.fps for start in _starts(one)]
    on = "+".join(f"between(t,{float(time):.6f},{float(time) + _LENGTH:.6f})" for time in times)
    tone = f"aevalsrc='0.5*sin(2*PI*1000*t)*({on})':s={_RATES_OF_SOUND.get(one.container, '48000')}"
    return ["-itsoffset", f"{one.delay:.6f}", "-f", "lavfi", "-i", tone]


def _picture_output(one: Combination) -> list[str]:
    encoder, *options = PICTURES.get(one.picture, (one.picture, *(() if one.picture in _LOSSLESS else ("-q:v", "4"))))
    chosen = [
        "-map",
        "0:v",
        "-frames:v",
        str(math.floor(SECONDS * one.fps + Fraction(1, 2))),
        "-c:v",
        encoder,
        *options,
    ]
    if one.b_frames:
        chosen += ["-bf", str(one.b_frames), *(["-g", str(_KEY)] if encoder.startswith("mpeg") else [])]
    elif encoder.startswith("libx26"):
        chosen += ["-bf", "0"]
    return [*chosen, "-pix_fmt", _FORMATS.get(one.picture, "yuv420p"), "-strict", "-1"]


def _sound_output(one: Combination) -> list[str]:
    if one.sound == "none":
        return []
    seconds = float(_pictures(one) / one.fps)
    encoder, *options = SOUNDS.get(one.sound, (one.sound,))
    return ["-map", "1:a", "-filter:a", f"atrim=duration={seconds:.6f}", *_CHANNELS, "-c:a", encoder, *options]


def _ffmpeg(*arguments: str | Path) -> None:
    command = [ffmpeg_binary(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr[-1500:]}")
