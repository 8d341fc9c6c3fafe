"""The description of the matrix: what encoders write, in one place for tests and benchmarks.

A container lists the codecs that are put into it in the world, and how it differs from others: its rates, its clock,
what it does about a late start. :func:`combinations` crosses picture and sound codecs of every container in full, and
deals the values of all other axes to these pairs, so that each value occurs in each container that has it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

FILM, NTSC, DOUBLE_NTSC = "24000/1001", "30000/1001", "60000/1001"
BROADCAST = (FILM, "24", "25", NTSC, "30", "50", DOUBLE_NTSC, "60")
"""Rates of ITU-T H.262, table 6-4."""
ANY = (*BROADCAST, "10", "12", "15", "25/2", "120")
"""And those of web cameras, screen recorders, animation and slow motion."""
ONES = ("mpeg1video", "mpeg2video")
REORDERING = frozenset({"h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4"})
"""Codecs whose encoders here can write B-frames."""
VARIANTS = 2
"""Combinations of each pair of codecs."""
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Container:
    """A kind of file and what is put into it."""

    suffix: str
    pictures: tuple[str, ...]
    sounds: tuple[str, ...]
    """``none``: a file without sound."""
    rates: tuple[str, ...] = ANY
    starts: tuple[float, ...] = (0.0,)
    """Seconds by which everything is shown later than 0."""
    delays: tuple[float, ...] = (0.0, 0.32, -0.28)
    """Seconds by which sound is late against the picture."""
    clocks: tuple[int | None, ...] = (None,)
    """Ticks per second of the picture; None: what the muxer likes."""
    edits: tuple[str, ...] = ("usual",)
    """How a start is written: see ``EDITS``."""
    options: tuple[str, ...] = ()
    """Of the muxer."""
    refused: str | None = None
    """Pattern of the sentence that such a file is answered with; None: it is converted."""


EDITS: Mapping[str, tuple[str, ...]] = {
    "usual": (),
    # Left to itself, ffmpeg would make the first picture longer by what the sound's encoder needs.
    "no edit list": ("-use_editlist", "0", "-avoid_negative_ts", "disabled"),
    "negative offsets": ("-movflags", "+negative_cts_offsets"),
    "fragments": ("-movflags", "+frag_keyframe+delay_moov+default_base_moof"),
    "fragments of 0.3 s": ("-movflags", "+delay_moov+default_base_moof", "-frag_duration", "300000"),
    "fast start": ("-movflags", "+faststart"),
    "trimmed": (),
}
"""Name to options of the muxer. ``trimmed``: copied from the middle of a group of pictures by an edit list."""
_WITHOUT_DELAY = frozenset({"no edit list", "fragments", "fragments of 0.3 s", "trimmed"})
"""Where a late track cannot be stated: muxers make its first packet longer instead."""
_TIMED = {
    "starts": (0.0, 1.0, 0.1234567, 3600.04),
    "clocks": (None, 90000, 600, 30000, 1000, 12800, 48000),
    "edits": tuple(EDITS),
}
_BYTES = {"starts": (0.0, 1.4, 0.0000111, 5000.0333333)}

CONTAINERS: Mapping[str, Container] = {
    "mp4": Container(
        "mp4",
        ("h264", "hevc", "av1", "mpeg4", "vp9"),
        ("aac", "mp3", "ac3", "eac3", "opus", "flac", "alac", "none"),
        **_TIMED,
    ),
    "mov": Container(
        "mov",
        ("h264", "hevc", "prores", "mjpeg", "qtrle", "dnxhr", "png"),
        ("pcm_s16le", "pcm_s24be", "aac", "alac", "pcm_mulaw", "none"),
        **_TIMED,
    ),
    "m4v": Container("m4v", ("h264", "mpeg4"), ("aac", "ac3"), **_TIMED),
    "3gp": Container("3gp", ("h263", "mpeg4", "h264"), ("amr_nb", "aac", "none"), rates=("15", "12", "25", NTSC)),
    "3g2": Container("3g2", ("h264", "mpeg4"), ("aac",), rates=("15", "30", NTSC)),
    "f4v": Container("f4v", ("h264",), ("aac", "mp3")),
    "ismv": Container("ismv", ("h264",), ("aac", "none"), delays=(0.0,), edits=("no edit list",)),
    "mkv": Container(
        "mkv",
        ("h264", "hevc", "vp8", "vp9", "av1", "ffv1", "mpeg4", "mpeg2video", "theora", "utvideo", "prores"),
        ("opus", "vorbis", "flac", "aac", "ac3", "dts", "mp3", "mp2", "pcm_s16le", "wavpack", "none"),
        rates=BROADCAST,
        starts=(0.0, 1.0, 0.0337, 100000.0),
    ),
    "webm": Container("webm", ("vp8", "vp9", "av1"), ("opus", "vorbis", "none"), starts=(0.0, 0.5, 77.777)),
    "avi": Container(
        "avi",
        ("mpeg4", "mjpeg", "h264", "rawvideo", "huffyuv", "msmpeg4v2", "ffv1", "cinepak"),
        ("mp3", "pcm_s16le", "ac3", "mp2", "adpcm_ms", "none"),
        delays=(0.0,),
        # An encoder's first samples would move the picture.
        options=("-avoid_negative_ts", "disabled"),
    ),
    "ts": Container(
        "ts",
        ("h264", "hevc", "mpeg2video"),
        ("aac", "mp2", "ac3", "eac3", "mp3", "opus", "none"),
        rates=BROADCAST,
        **_BYTES,
    ),
    "m2ts": Container(
        "m2ts", ("h264", "mpeg2video"), ("ac3", "aac"), rates=BROADCAST, options=("-mpegts_m2ts_mode", "1"), **_BYTES
    ),
    "mpg": Container("mpg", ONES, ("mp2", "mp3", "none"), rates=BROADCAST, starts=(0.0, 1.0)),
    "vob": Container("vob", ("mpeg2video",), ("ac3", "mp2", "pcm_dvd"), rates=("25", NTSC), starts=(0.0, 0.5)),
    "flv": Container("flv", ("h264", "flv1"), ("aac", "mp3", "pcm_s16le", "none"), starts=(0.0, 1.0, 5.033)),
    "wmv": Container("wmv", ("wmv1", "wmv2", "msmpeg4v3"), ("wmav2", "wmav1", "none"), starts=(0.0, 3.0)),
    "asf": Container("asf", ("mpeg4", "msmpeg4v2", "mjpeg"), ("mp3", "aac")),
    "mxf": Container(
        "mxf",
        ("mpeg2video", "h264", "prores", "dnxhr"),
        ("pcm_s16le", "pcm_s24le", "none"),
        rates=BROADCAST,
        delays=(0.0,),
    ),
    "ogv": Container("ogv", ("theora",), ("vorbis", "opus", "flac", "none"), starts=(0.0, 2.0)),
    "nut": Container("nut", ("h264", "ffv1", "mpeg4"), ("pcm_s16le", "mp3", "vorbis", "flac"), starts=(0.0, 1.2345)),
    "wtv": Container("wtv", ("mpeg2video",), ("mp2", "ac3"), rates=BROADCAST),
    "dv": Container("dv", ("dvvideo",), ("pcm_s16le", "none"), rates=("25",), delays=(0.0,)),
    "rm": Container("rm", ("rv10", "rv20"), ("ac3", "none"), rates=("15", "25", "30"), delays=(0.0,)),
    "h264": Container("h264", ("h264",), ("none",), rates=("25", "30", NTSC), delays=(0.0,)),
    "h265": Container("h265", ("hevc",), ("none",), rates=("25", "30", NTSC), delays=(0.0,)),
    "m2v": Container("m2v", ("mpeg2video",), ("none",), rates=("25", NTSC, "50"), delays=(0.0,)),
    "ivf": Container("ivf", ("vp8", "vp9", "av1"), ("none",), delays=(0.0,)),
    "y4m": Container("y4m", ("rawvideo",), ("none",), delays=(0.0,)),
    "encrypted mp4": Container(
        "mp4",
        ("h264", "hevc"),
        ("aac", "none"),
        options=(
            *("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"),
            *("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
        ),
        delays=(0.0,),
        refused=r"encrypted",
    ),
}


@dataclass(frozen=True)
class Combination:
    """One file of the matrix."""

    container: str
    picture: str
    sound: str
    rate: str
    start: float = 0.0
    delay: float = 0.0
    clock: int | None = None
    edits: str = "usual"
    b_frames: int = 0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        parts = [self.container, self.picture, self.sound, self.rate.replace("/", ":"), f"at {self.start:g}"]
        parts += [f"sound {self.delay:+g}", f"clock {self.clock or 'usual'}", self.edits, f"{self.b_frames} B"]
        object.__setattr__(self, "name", ", ".join(parts))

    @property
    def kind(self) -> Container:
        return CONTAINERS[self.container]

    @property
    def states_priming(self) -> bool:
        """The file says which first samples of an encoder are not to be heard."""
        return self.container != "avi" and self.edits != "no edit list"

    @property
    def fps(self) -> Fraction:
        return Fraction(self.rate)


def combinations(seed: int = 14) -> list[Combination]:
    """Every combination, in a fixed order."""
    return [one for name in CONTAINERS for one in _of_container(name, random.Random(f"{seed} {name}"))]  # noqa: S311


def part(size: int, seed: int) -> list[Combination]:
    """Some of all combinations, the same for a seed: at least one of each container."""
    chance = random.Random(seed)  # noqa: S311
    every = combinations()
    first = [chance.choice([one for one in every if one.container == name]) for name in CONTAINERS]
    rest = [one for one in every if one not in first]
    return first + chance.sample(rest, size - len(first))


def _of_container(name: str, chance: random.Random) -> Iterator[Combination]:
    kind = CONTAINERS[name]
    axes = {
        "rate": _dealt(kind.rates, chance),
        "start": _dealt(kind.starts, chance),
        "delay": _dealt(kind.delays, chance),
        "clock": _dealt(kind.clocks, chance),
        "edits": _dealt(kind.edits, chance),
        "b_frames": _dealt((0, 2, 3), chance),
    }
    seen: set[Combination] = set()
    for picture in kind.pictures:
        for sound in kind.sounds:
            for _ in range(VARIANTS):
                one = _possible(Combination(name, picture, sound, **{axis: next(deck) for axis, deck in axes.items()}))
                if one not in seen:
                    seen.add(one)
                    yield one


def _possible(one: Combination) -> Combination:
    """Without what the codecs, or a trim, leave no room for."""
    if one.sound == "none":
        one = replace(one, delay=0.0)
    if one.picture not in REORDERING:
        one = replace(one, b_frames=0)
    if (one.container, one.picture) == ("mxf", "h264"):
        one = replace(one, b_frames=0)  # ffmpeg's index of such files does not say that pictures are reordered
    if (one.container, one.sound) == ("ogv", "flac"):
        one = replace(one, start=0.0, delay=0.0)  # pages of a second, of which ffmpeg writes no start
    if one.edits in _WITHOUT_DELAY:
        one = replace(one, delay=0.0)
    if one.edits == "trimmed":
        one = replace(one, start=0.0)
    return one


def _dealt(values: tuple[_Value, ...], chance: random.Random) -> Iterator[_Value]:
    """All values in an order of chance, again and again."""
    while True:
        yield from chance.sample(values, len(values))
