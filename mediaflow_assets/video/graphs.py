"""The ffmpeg graphs of a conversion.

The first picture is time 0 of everything: the input is shifted by its time stamp, so that sound
which starts earlier is cut and sound which starts later begins with silence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediaflow_assets.core.decimals import decimal_text
from mediaflow_assets.core.timebase import FPS, FRAME_SECONDS
from mediaflow_assets.video.sound_clock import SoundClock
from mediaflow_assets.video.source import AudioStream, MediaInfo, VideoStream
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

Treatment = Literal["copied", "encoded"]

MP4_AUDIO = frozenset({"aac", "mp3", "ac3", "eac3"})
"""Codecs that are copied into MP4."""
_MP4_LAYOUTS = "mono|stereo|3.0|4.0|5.0|5.1|7.1"
"""Channel layouts of AAC (ISO/IEC 14496-3, channelConfiguration 1 to 7)."""
_AMBISONIC_TO_STEREO = "stereo|FL<c0+c1|FR<c0-c1"
"""Two cardioids to the left and to the right, of W and Y (ambiX: first channels in ACN order, SN3D; RFC 8486)."""
_GUESSED_LAYOUTS = frozenset((*range(1, 9), 10, 12, 14, 16, 24))
"""Numbers of channels to which FFmpeg gives a layout where the file names none (``av_channel_layout_default``)."""
_MAX_OFFSET = Fraction(20, 1000)
"""Seconds that copied sound may be away from the picture."""
_MAX_PRIMING = Fraction(60, 1000)
"""Seconds by which an encoder's own first samples may precede the picture; they are not played."""

_MAX_DELAY = 16
"""Pictures by which a decoder of H.264 may be late (ITU-T H.264, A.3.1: MaxDpbFrames)."""

_MASTER: Mapping[str, str | float] = {
    "format": "mp4",
    "movflags": "+faststart",
    # 512 ticks to a frame, whatever the source's clock was.
    "video_track_timescale": 512 * FPS,
    # Nothing that changes from run to run or tells of the sender's machine.
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
}


@dataclass(frozen=True)
class ConversionPlan:
    """What has to be done with the streams of a source."""

    picture: Treatment
    sound: Treatment | None


def plan(source: MediaInfo, pictures: PictureTimes, sounds: SoundTimes | None) -> ConversionPlan:
    """Copy what already is as it has to be."""
    sound: Treatment | None = None
    if source.sound and sounds:
        in_time = -_MAX_PRIMING <= sounds.start - pictures.start <= _MAX_OFFSET
        is_cfr = sounds.drift is not None and sounds.drift <= _MAX_OFFSET and not sounds.shifts
        sound = "copied" if in_time and is_cfr and source.sound.codec in MP4_AUDIO else "encoded"
    return ConversionPlan("copied" if is_right(source.picture) and pictures.frame_aligned else "encoded", sound)


def is_right(picture: VideoStream) -> bool:
    """Whether the picture of a master may look like this; its times are another question."""
    return (
        picture.codec == "h264"
        and picture.pixel_format == "yuv420p"
        and picture.pixel_aspect == 1
        and not (picture.rotation or picture.mirrored or picture.interlaced or picture.hdr or picture.full_range)
    )


def master_graph(
    path: Path,
    source: MediaInfo,
    pictures: PictureTimes,
    plan: ConversionPlan,
    target: Path,
    encoder: Mapping[str, str | float],
    clock: SoundClock | None = None,
    hold: int | None = None,
    sound_shift: float = 0.0,
    sound_limit: Fraction | None = None,
) -> OutputStream:
    """From a received video to its master.

    Args:
        encoder: ffmpeg options of the picture's encoder.
        clock: of sound whose stamps tremble; None where they are followed as they are.
        sound_shift: seconds to add to FFmpeg's times of the sound alone.
        sound_limit: seconds from which on sound is left out; None to keep all.
        hold: frames of the master, for the end of which its last picture is held; None to end with the pictures.
    """
    import ffmpeg

    # ffmpeg takes the container's start off by itself; it need not be that of the picture.
    media = ffmpeg.input(str(path), itsoffset=decimal_text(source.start - pictures.start))
    options: dict[str, str | float] = dict(_MASTER)
    streams = [media[str(source.picture.index)]]
    if plan.picture == "copied":
        options["c:v"] = "copy"
    else:
        streams = [_to_master(_on_grid(streams[0], source, pictures, hold), source.picture)]
        # What fps made is on the grid; cfr only fills frames that could not be decoded at the start.
        options |= {**encoder, "pix_fmt": "yuv420p", "fps_mode": "cfr", "flags:v": "+bitexact"}
    if source.sound and plan.sound:
        if sound_shift:
            media = ffmpeg.input(
                str(path), itsoffset=decimal_text(source.start - pictures.start + Fraction(sound_shift))
            )
        sound = media[str(source.sound.index)]
        if plan.sound == "copied":
            streams.append(sound)
            options["c:a"] = "copy"
        else:
            if clock:
                sound = sound.filter("asetpts", clock.expression(sound_shift - float(pictures.start)))
            sound = _mixable(sound, source.sound)
            if sound_limit is not None:
                sound = sound.filter("aselect", f"lt(t,{decimal_text(sound_limit)})")
            # A clock that runs differently is followed by resampling; gaps become silence.
            sound = sound.filter("aresample", **{"async": 1000, "min_hard_comp": 0.02, "first_pts": 0})
            streams.append(sound.filter("aformat", channel_layouts=_MP4_LAYOUTS, sample_rates="48000|44100"))
            options |= {"c:a": "aac", "b:a": "192k", "flags:a": "+bitexact"}
    return ffmpeg.output(*streams, str(target), **options)


def _on_grid(stream: FilterableStream, source: MediaInfo, pictures: PictureTimes, hold: int | None) -> FilterableStream:
    """One picture every 1/25 s. This comes first: no filter after it works on a frame that is dropped."""
    if pictures.counted:
        stream = stream.filter("setpts", f"N*{pictures.step.numerator}/({pictures.step.denominator}*TB)")
    elif not source.has_pts:
        # Pictures are due when the decoder gives them; what it holds back for reordering makes them all late.
        late = decimal_text(_MAX_DELAY * pictures.step)
        stream = stream.filter("setpts", f"if(lte(STARTPTS*TB,{late}),PTS-STARTPTS,PTS)")
    elif pictures.shifts:
        stream = stream.filter("setpts", pictures.shifts.expression(-float(pictures.start)))
    if source.picture.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    briefly = pictures.duration < FRAME_SECONDS / 2
    stream = stream.filter("fps", fps=FPS, eof_action="pass" if briefly else "round")
    if hold is not None:
        return stream.filter("tpad", stop=-1, stop_mode="clone").filter("trim", end_frame=hold)
    if pictures.whole:
        # A last picture that does not say how long it lasts would be given the time of the one before it.
        stream = stream.filter("trim", end_frame=max(1, math.ceil(pictures.duration * FPS)))
    return stream


def _mixable(stream: FilterableStream, sound: AudioStream) -> FilterableStream:
    """Channels of which FFmpeg knows where they are heard."""
    if sound.layout.startswith("ambisonic"):
        return stream.filter("pan", _AMBISONIC_TO_STEREO)
    if sound.layout == f"{sound.channels} channels" and sound.channels not in _GUESSED_LAYOUTS:
        # One channel, as loud as all of them if they have nothing in common.
        mix = "+".join(f"c{channel}" for channel in range(sound.channels))
        return stream.filter("pan", f"mono|c0<{mix}").filter("volume", round(math.sqrt(sound.channels), 3))
    return stream


def _to_master(stream: FilterableStream, picture: VideoStream) -> FilterableStream:
    if picture.pixel_aspect != 1:
        stream = stream.filter("scale", "max(2,trunc(iw*sar/2+0.5)*2)", "max(2,trunc(ih/2)*2)").filter("setsar", 1)
    elif picture.width % 2 or picture.height % 2:
        # yuv420p needs even sides. Cutting a row keeps every pixel where it was; scaling blurs them all.
        stream = stream.filter("crop", "trunc(iw/2)*2", "trunc(ih/2)*2", 0, 0)
    if picture.hdr:
        return _tone_mapped(stream, picture)
    if picture.rgb:
        stream = stream.filter("scale", out_color_matrix="bt709", out_range="tv")
    elif picture.full_range:
        stream = stream.filter("scale", out_range="tv")
    return stream.filter("format", "yuv420p")


def _tone_mapped(stream: FilterableStream, picture: VideoStream) -> FilterableStream:
    """High dynamic range to BT.709, in linear light (the chain of ffmpeg's own documentation of ``tonemap``).

    Where the video does not name its colours, they are those of BT.2100.
    """
    usual = {"primaries": ("color_primaries", "bt2020"), "matrix": ("colorspace", "bt2020nc")}
    if picture.unnamed:
        stream = stream.filter("setparams", **dict(usual[name] for name in picture.unnamed))
    stream = stream.filter("zscale", t="linear", npl=100).filter("format", "gbrpf32le")
    stream = stream.filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    return stream.filter("zscale", t="bt709", m="bt709", r="tv").filter("format", "yuv420p")


def small_pictures(picture: FilterableStream, size: tuple[int, int]) -> FilterableStream:
    """The picture stream of a master, as RGB of a small size."""
    # One thread: slices of so few rows would each scale their neighbours' rows again.
    return picture.filter("scale", *size, flags="bicubic", threads=1).filter("format", "rgb24")


def verification_graph(
    master: Path, small: Path, size: tuple[int, int], has_sound: bool, full_size: tuple[int, int] | None = None
) -> OutputStream:
    """Decode everything once; the picture is kept in a small size, without loss.

    Args:
        size: (width, height) of the small pictures.
        full_size: of every picture of the master; ffmpeg fails at one of another size.
    """
    import ffmpeg

    media = ffmpeg.input(str(master))
    picture = media["v:0"]
    if full_size:
        width, height = full_size
        picture = picture.filter("crop", f"if(eq(iw,{width})*eq(ih,{height}),iw,0)", "ih")
    picture = small_pictures(picture, size).filter("format", "gbrp")
    options = {"format": "matroska", "vcodec": "ffv1", "threads": 1, "fps_mode": "passthrough", "fflags": "+bitexact"}
    graph = ffmpeg.output(picture, str(small), **options)
    if has_sound:
        graph = ffmpeg.merge_outputs(graph, ffmpeg.output(media["a:0"], "-", format="null"))
    return graph


def raw_graph(master: Path, size: tuple[int, int]) -> OutputStream:
    """The picture of a master in another size to standard output, 3 bytes to a pixel."""
    import ffmpeg

    picture = small_pictures(ffmpeg.input(str(master))["v:0"], size)
    return ffmpeg.output(picture, "pipe:1", format="rawvideo", pix_fmt="rgb24", fps_mode="passthrough")
