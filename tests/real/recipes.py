"""Inputs that once failed, made again: each function writes one file below a folder."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from support.media.boxes import Film
from tests.video.media import ffmpeg

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")
Recipe = Callable[[Path], Path]


def flashes(rate: str, seconds: float, times: Sequence[float] = (), size: str = "160x90") -> tuple[str, str, str, str]:
    """Input: a moving picture that is white for 0.12 s at ``times``."""
    white = "+".join(f"between(t,{time - 0.001},{time + 0.119})" for time in times) or "0"
    source = f"testsrc2=s={size}:r={rate}:d={seconds},drawbox=c=white:t=fill:enable='{white}'"
    return ("-f", "lavfi", "-i", source)


def beeps(seconds: float, times: Sequence[float] = ()) -> tuple[str, str, str, str]:
    """Input: a tone for 0.12 s at ``times``; without times, all the while."""
    on = "+".join(f"between(t,{time},{time + 0.12})" for time in times) or "1"
    return ("-f", "lavfi", "-i", f"aevalsrc='0.5*sin(2*PI*1000*t)*({on})':s=48000:d={seconds}")


def video(path: Path, seconds: float = 4.08, *options: str) -> Path:
    """Picture at 25 with B-frames, and sound."""
    ffmpeg(*flashes("25", seconds), *beeps(seconds), *H264, "-bf", "2", "-g", "25", *AAC, *options, path)
    return path


def ntsc_without_edit_list(folder: Path) -> Path:
    path = folder / "ntsc_noedit.mp4"
    source = flashes("30000/1001", 8.008, (2.002, 4.004, 6.006))
    ffmpeg(*source, *H264, "-bf", "2", "-use_editlist", "0", "-frames:v", "240", path)
    return path


def stream_that_starts_at(folder: Path, ticks: int) -> Path:
    """A transport stream whose first picture is ``ticks`` of 1/90000 s after a whole second."""
    path = folder / f"at_{ticks}.ts"
    start = f"{1 + ticks / 90000:.6f}"
    picture = flashes("30000/1001", 2.002)
    ffmpeg(*picture, *H264, "-bf", "2", "-muxdelay", "0", "-output_ts_offset", start, path)
    return path


def picture_in_an_unknown_code(folder: Path, suffix: str = "mp4") -> Path:
    path = video(folder / f"unknown.{suffix}", 1)
    film = Film(path)
    entries = film.track(b"vide").one(b"stsd")
    entries.body = entries.body.replace(b"avc1", b"xxxx")
    return film.write()


def asf_that_interleaves_its_sound(folder: Path) -> Path:
    """Variable rate with a still stretch, and an interleaving that the sound does not have: ffmpeg warns."""
    path = folder / "spread.asf"
    varied = ("-vf", "select='lt(mod(n*n,7),3)*not(between(n,20,49))'", "-fps_mode", "vfr")
    ffmpeg(*flashes("12", 8), *beeps(8), *varied, "-c:v", "msmpeg4v2", "-c:a", "wmav1", "-b:a", "32k", path)
    data = bytearray(path.read_bytes())
    # Advanced Systems Format 3.3 and 10.: Audio Spread, 18 bytes after the type-specific data's own header.
    spread = bytes.fromhex("50cdc3bf8f61cf118bb200aa00b4e220")
    at = data.index(spread) + 16
    (length,) = struct.unpack_from("<I", data, at + 8)
    where = at + 8 + 4 + 4 + 2 + 4 + length
    (_, packet, _) = struct.unpack_from("<BHH", data, where)
    struct.pack_into("<BHH", data, where, 7, packet * 2, packet)
    path.write_bytes(data)
    return path


def mpeg1_elementary_stream(folder: Path) -> Path:
    path = folder / "es.mpg"
    ffmpeg(*flashes("25", 19 / 25), "-c:v", "mpeg1video", "-bf", "2", "-f", "mpeg1video", path)
    return path


def fragments_cut_in_half(folder: Path) -> Path:
    path = video(folder / "half.mp4", 4.08, "-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-g", "250")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def fast_start_cut_at_a_sample(folder: Path) -> Path:
    whole = video(folder / "fast.mp4", 4.08, "-movflags", "+faststart")
    with av.open(str(whole)) as container:
        packets = [packet for packet in container.demux() if packet.size and packet.pos is not None]
    cut = sorted(packets, key=lambda packet: packet.pos or 0)[len(packets) // 2]
    whole.write_bytes(whole.read_bytes()[: cut.pos])
    return whole


def sample_sizes_that_are_damaged(folder: Path) -> Path:
    """The index gives the picture after the first 21 a size of 3 GB: a reader stops there."""
    film = Film(video(folder / "sizes.mp4"))
    sizes = film.track(b"vide").one(b"stsz")
    body = bytearray(sizes.body)
    body[12 + 4 * 21] = 0xB8
    sizes.body = bytes(body)
    return film.write()


def offsets_that_are_damaged(folder: Path) -> Path:
    """Two pictures are to be shown days before the others."""
    film = Film(video(folder / "offsets.mp4"))
    offsets = film.track(b"vide").one(b"ctts")
    body = bytearray(offsets.body)
    for entry in (20, 40):
        body[8 + 8 * entry + 4] = 0x9C
    offsets.body = bytes(body)
    return film.write()


def a_picture_of_196_days(folder: Path) -> Path:
    film = Film(video(folder / "days.mp4"))
    steps = film.track(b"vide").one(b"stts")
    steps.body = steps.body[:-4] + bytes.fromhex("7fffffff")
    return film.write()


def gap_of_three_hours(folder: Path) -> Path:
    path = folder / "gap.mp4"
    later = "setpts='PTS+if(gte(N,50),10800/TB,0)'"
    ffmpeg(*flashes("25", 4), "-vf", later, *H264, "-fps_mode", "vfr", path)
    return path


def progressive_then_interlaced(folder: Path, first: float = 1.0) -> Path:
    """Black for ``first`` seconds, then 3 s of fast movement in two fields a picture; MPEG-2 as on a DVD."""
    path, both = folder / "late.mpg", folder / "both.m2v"
    size = "s=352x288"
    fields = f"testsrc2={size}:r=50:d=3,scroll=h=0.03,interlace=lowpass=0,setfield=tff"
    parts = []
    for source, flags in ((f"color=black:{size}:r=25:d={first}", ()), (fields, ("-flags", "+ildct+ilme"))):
        part = folder / f"part{len(parts)}.m2v"
        ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mpeg2video", "-b:v", "4M", *flags, part)
        parts.append(part)
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    ffmpeg("-fflags", "+genpts", "-framerate", "25", "-i", both, "-c", "copy", path)
    return path


def sound_that_comes_late(folder: Path, worst: float = 0.06) -> Path:
    """Ten seconds of 440 Hz in Opus; packets are stamped up to ``worst`` seconds late, as browsers do under load."""
    whole, path = folder / "even.mkv", folder / "jitter.mkv"
    tone = ("-f", "lavfi", "-i", "sine=f=440:r=48000:d=10")
    ffmpeg(*flashes("25", 10), *tone, *H264, "-c:a", "libopus", whole)
    chance = np.random.default_rng(1)

    def late(number: int, time: Fraction) -> Fraction:
        return time + Fraction(int(chance.integers(0, round(worst * 1000))), 1000)

    return restamped(whole, path, late)


def sound_whose_stamps_jump(folder: Path) -> Path:
    """Noise in Vorbis, whose stamps are 10 ms wrong for some packets at a time, as at changes of its block size."""
    whole, path = folder / "even.webm", folder / "jumps.webm"
    noise = ("-f", "lavfi", "-i", "anoisesrc=r=48000:d=8:a=0.3:seed=3")
    ffmpeg(*flashes("25", 8), *noise, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis", whole)
    return restamped(whole, path, lambda number, time: time + Fraction(number // 9 % 2, 100))


def restamped(source: Path, target: Path, stamp: Callable[[int, Fraction], Fraction]) -> Path:
    """``source`` with other times of its sound packets: ``stamp(number, seconds)``; order is kept."""
    number, last = 0, Fraction(-1)
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        streams = {stream.index: written.add_stream_from_template(stream) for stream in read.streams}
        for packet in read.demux():
            if packet.dts is None:
                continue
            index = packet.stream.index
            if packet.stream.type == "audio":
                time = stamp(number, packet.pts * packet.time_base)
                time, number = max(time, last + Fraction(1, 1000)), number + 1
                last = time
                packet.pts = packet.dts = round(time / packet.time_base)
            packet.stream = streams[index]
            written.mux(packet)
    return target


def two_edits(folder: Path) -> Path:
    """Twelve seconds with a flash and a beep at 2.00, 3.00, 8.00 and 10.00 s; shown are 1 to 4 s and 7 to 11 s."""
    path, times = folder / "edits.mp4", (2.0, 3.0, 8.0, 10.0)
    ffmpeg(*flashes("25", 12, times), *beeps(12, times), *H264, "-bf", "2", "-g", "50", *AAC, path)
    film = Film(path)
    # Reordered pictures: the media begin two pictures late, and the sound with what its encoder needs.
    film.edit(b"vide", [(3, 1 + 0.08), (4, 7 + 0.08)])
    film.edit(b"soun", [(3, 1 + 1024 / 48000), (4, 7 + 1024 / 48000)])
    return film.write()


def timecode_first(folder: Path) -> Path:
    film = Film(video(folder / "timecode.mov", 4, "-timecode", "01:00:00:00"))
    film.first(b"tmcd")
    return film.write()


def ambisonic_sound(folder: Path) -> Path:
    path = folder / "ambisonic.mkv"
    # Ambisonics of the first order, ACN: all around first, then the three directions.
    field = ("-filter:a", "pan=4.0|c0=c0|c1=0.5*c0|c2=0.1*c0|c3=0.4*c0")
    opus = (*field, "-c:a", "libopus", "-mapping_family", "2")
    ffmpeg(*flashes("25", 2), *beeps(2), *H264, *opus, path)
    return path


def sound_that_cannot_be_decoded(folder: Path) -> Path:
    """AAC whose description says that it is something that nobody can decode."""
    film = Film(video(folder / "undecodable.mp4", 2))
    entries = film.track(b"soun").one(b"stsd")
    # AudioSpecificConfig of AAC LC (ISO/IEC 14496-3), 48 kHz, mono; made error-resilient HVXC.
    assert entries.body.count(b"\x11\x88") == 1
    entries.body = entries.body.replace(b"\x11\x88", b"\xc9\x88")
    return film.write()


def picture_shorter_than_sound(folder: Path) -> Path:
    path = folder / "longer.mp4"
    ffmpeg(*flashes("25", 4), *beeps(12), *H264, *AAC, path)
    return path


def first_track_silent(folder: Path) -> Path:
    path = folder / "tracks.mov"
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000:d=4")
    both = ("-map", "0:v", "-map", "1:a", "-map", "2:a")
    ffmpeg(*flashes("25", 4), *silence, *beeps(4, (1.0, 3.0)), *both, *H264, "-c:a", "pcm_s16le", path)
    return path


def still_picture(folder: Path, suffix: str) -> Path:
    path = folder / f"photo.{suffix}"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=128x128", "-frames:v", "1", "-c:v", "libaom-av1", "-f", "avif", path)
    return path


def sound_only(folder: Path, suffix: str) -> Path:
    path = folder / f"voice.{suffix}"
    ffmpeg(*beeps(1), *AAC, "-f", "mov" if suffix == "mov" else "mp4", path)
    return path
