"""Conversion of videos whose every frame is known."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.convert import Conversion, convert
from mediaflow_assets.video.settings import VideoSettings
from tests.video.media import beeps, ffmpeg, first_frames, pictures, stamps, times_at, write_shots

RATES = ["24000/1001", "24", "25", "30000/1001", "30", "50", "60"]
SETTINGS = VideoSettings()


def convert_to(path: Path, folder: Path, settings: VideoSettings = SETTINGS) -> tuple[Path, Conversion]:
    target = folder / "out" / "v.mp4"
    return target, convert(path, target, settings)


def at_25(time: Fraction) -> int:
    """Frame of a 25-fps video, from 0, at which a picture of that time is shown first."""
    return math.floor(time * 25 + Fraction(1, 2))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_every_cut_is_on_its_frame(tmp_path: Path, rate: str, container: str) -> None:
    fps = Fraction(rate)
    times = times_at(fps, 101)
    # The second frame, two master frames later, in the middle, and the last frame.
    starts = [2, 2 + math.ceil(2 * fps / 25), 50, 99]
    source = write_shots(tmp_path / f"v.{container}", times, starts, fps)
    target, made = convert_to(source, tmp_path)
    found, frames = first_frames(target)
    assert found == [at_25(times[start]) for start in starts]
    assert made.total_frames == frames
    assert abs(frames / 25 - 101 / fps) <= Fraction(1, 25)
    assert stamps(target) == [Fraction(frame, 25) for frame in range(frames)]


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_variable_rate_keeps_every_cut(tmp_path: Path, container: str) -> None:
    steps = [Fraction(milliseconds, 1000) for milliseconds in (17, 33, 50, 100, 33, 8, 8, 260, 40, 21) * 12]
    times = [Fraction(0), *accumulate(steps)]
    starts = [8, 40, 42, 77, 118]
    source = write_shots(tmp_path / f"v.{container}", times, starts, Fraction(25))
    target, made = convert_to(source, tmp_path)
    assert first_frames(target)[0] == [at_25(times[start]) for start in starts]
    assert "variable frame rate" in made.notes


def test_a_cut_after_the_first_and_before_the_last_frame(tmp_path: Path) -> None:
    source = write_shots(tmp_path / "v.mkv", times_at(Fraction(25), 30), [1, 3, 5, 29], Fraction(25))
    target, made = convert_to(source, tmp_path)
    assert first_frames(target) == ([1, 3, 5, 29], 30)
    assert made.method == "copied"


@pytest.mark.parametrize("rate", ["25", "60", "1"])
def test_a_video_of_one_frame(tmp_path: Path, rate: str) -> None:
    source = write_shots(tmp_path / "v.mp4", [Fraction(0)], [], Fraction(rate))
    assert convert_to(source, tmp_path)[1].total_frames == max(1, 25 // int(rate))


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Already what a master has to be; its sound is a beep in the third second."""
    path = tmp_path_factory.mktemp("right") / "right.mp4"
    sound = "aevalsrc='0.5*sin(2500*t)*between(t,2,2.5)':s=48000:d=6"
    encoder = ("-c:v", "libx264", "-preset", "fast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-g", "25")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=6", "-f", "lavfi", "-i", sound, *encoder, path)
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "MOV", "flv"])
def test_what_is_right_is_copied_bit_for_bit(right: Path, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"v.{suffix}"
    ffmpeg("-i", right, "-c", "copy", source)
    target, made = convert_to(source, tmp_path)
    assert (made.method, made.audio, made.total_frames) == ("copied", "copied", 150)
    assert slices(target) == slices(right)
    assert beeps(target)[0] == pytest.approx(2.0, abs=0.02)


def slices(path: Path) -> list[bytes]:
    """Coded pictures without parameter sets, whatever the container frames them with."""
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return [packet[-200:] for packet in packets]


def test_pcm_sound_is_encoded_and_the_picture_copied(right: Path, tmp_path: Path) -> None:
    ffmpeg("-i", right, "-c:v", "copy", "-c:a", "pcm_s16le", tmp_path / "v.mov")
    target, made = convert_to(tmp_path / "v.mov", tmp_path)
    assert (made.method, made.audio) == ("copied", "encoded")
    assert slices(target) == slices(right)


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
HDR = "log-level=error:colorprim=bt2020:transfer={}:colormatrix=bt2020nc"
FORMS = {
    "rotated": (("-c:v", "copy"), "rotated 90 degrees", (120, 160)),
    "odd": (("-vf", "scale=161:121", *H264, "-pix_fmt", "yuv444p"), "odd size (161x121)", (160, 120)),
    "anamorphic": (("-vf", "setsar=4/3", *H264), "pixels are not square (4:3)", (214, 120)),
    "10 bit": (("-c:v", "libx264", "-pix_fmt", "yuv420p10le"), "high bit depth (yuv420p10le)", (160, 120)),
    "PQ": (
        ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", HDR.format("smpte2084")),
        "tone-mapped to BT.709",
        (160, 120),
    ),
    "HLG": (
        ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", HDR.format("arib-std-b67")),
        "HDR (arib-std-b67)",
        (160, 120),
    ),
    "PQ without primaries and matrix": (
        ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=error:transfer=smpte2084"),
        "tone-mapped to BT.709",
        (160, 120),
    ),
    "interlaced": (("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-field_order", "tt"), "interlaced", (160, 120)),
    "full range": (("-c:v", "libx264", "-pix_fmt", "yuvj420p"), "full range", (160, 120)),
    "RGB": (("-c:v", "ffv1", "-pix_fmt", "bgr0"), "full range", (160, 120)),
    "silent": (("-c:v", "copy", "-an"), "no sound", (160, 120)),
    "two tracks": (("-c:v", "copy", "-map", "0", "-map", "0:a"), "audio track 1 is used", (160, 120)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_becomes_a_plain_master_and_is_named(right: Path, tmp_path: Path, name: str) -> None:
    arguments, note, size = FORMS[name]
    source = tmp_path / "v.mkv"
    ffmpeg(*(("-display_rotation", "-90") if name == "rotated" else ()), "-i", right, *arguments, source)
    target, made = convert_to(source, tmp_path)
    assert any(note in found for found in made.notes), made.notes
    assert (made.width, made.height) == size
    assert made.total_frames == 150
    assert made.method == ("copied" if name in ("silent", "two tracks") else "encoded")
    assert made.has_audio is (name != "silent")
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.sample_aspect_ratio) == ("h264", "yuv420p", 1)
        assert len(container.streams.audio) == made.has_audio
        assert not next(container.decode(stream)).interlaced_frame


def test_a_picture_that_a_player_turns_over_is_turned_over(right: Path, tmp_path: Path) -> None:
    """Upside down, which is no rotation: its display matrix has a negative determinant."""
    ffmpeg("-display_vflip", "-i", right, "-c", "copy", tmp_path / "v.mp4")
    target, made = convert_to(tmp_path / "v.mp4", tmp_path, VideoSettings(quality="high"))
    assert (made.method, "mirrored" in made.notes) == ("encoded", True)
    shown, original = next(iter(pictures(target))).astype(int), next(iter(pictures(right))).astype(int)
    assert abs(shown - original[::-1]).mean() < 5 < abs(shown - original).mean()


def test_a_picture_of_an_impossible_size_is_refused(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=s=16400x16:d=0.1", "-c:v", "ffv1", "-pix_fmt", "yuv420p", tmp_path / "v.mkv")
    with pytest.raises(BadInput, match="has a picture of 16400x16 pixels; 2 to 16384 are possible"):
        convert_to(tmp_path / "v.mkv", tmp_path)


def test_a_cover_picture_is_not_the_video(right: Path, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", cover)
    maps = ("-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", right, "-i", cover, *maps, tmp_path / "v.mp4")
    _, made = convert_to(tmp_path / "v.mp4", tmp_path)
    assert (made.total_frames, made.width, made.method) == (150, 160, "copied")
    assert "has a cover picture or a second picture track" in made.notes


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mp4"])
@pytest.mark.parametrize("offset", [0.7, -0.7, 0.03])
def test_sound_stays_with_the_picture(right: Path, tmp_path: Path, suffix: str, offset: float) -> None:
    """The beep is at 2 s; the picture is moved against it, by an offset in the time stamps only."""
    source = tmp_path / f"v.{suffix}"
    moved = ("-itsoffset", str(offset), "-i", right, "-map", "0:v", "-map", "1:a")
    ffmpeg("-i", right, *moved, *H264, "-r", "30", "-c:a", "aac", source)
    target, _ = convert_to(source, tmp_path)
    assert beeps(target)[0] == pytest.approx(2.0 + offset, abs=0.02)


@pytest.mark.parametrize("reorder", ["0", "3"])
def test_a_container_without_display_times_keeps_pictures_and_sound_together(tmp_path: Path, reorder: str) -> None:
    """AVI: what the decoder holds back for reordering is no delay of the picture."""
    shown = write_shots(tmp_path / "v.mkv", times_at(Fraction(25), 75), [1, 50, 74], Fraction(25))
    sound = "aevalsrc='0.5*sin(2500*t)*between(t,2,2.5)':s=48000:d=3"
    encoder = (*H264, "-bf", reorder, "-x264-params", "b-adapt=0", "-c:a", "pcm_s16le")
    ffmpeg("-i", shown, "-f", "lavfi", "-i", sound, *encoder, tmp_path / "v.avi")
    target, _ = convert_to(tmp_path / "v.avi", tmp_path)
    assert first_frames(target) == ([1, 50, 74], 75)
    assert beeps(target) == pytest.approx([2.0], abs=0.011)


@pytest.mark.parametrize("suffix", ["mkv", "flv"])
def test_mp3_is_copied(right: Path, tmp_path: Path, suffix: str) -> None:
    ffmpeg("-i", right, "-c:v", "copy", "-c:a", "libmp3lame", "-ar", "44100", tmp_path / f"v.{suffix}")
    target, made = convert_to(tmp_path / f"v.{suffix}", tmp_path)
    assert (made.method, made.audio) == ("copied", "copied")
    assert beeps(target)[0] == pytest.approx(2.0, abs=0.02)


def test_sound_that_is_over_before_the_picture_begins_is_left_out(right: Path, tmp_path: Path) -> None:
    maps = ("-itsoffset", "10", "-i", right, "-map", "1:v", "-map", "0:a")
    ffmpeg("-i", right, *maps, "-c", "copy", tmp_path / "v.mkv")
    _, made = convert_to(tmp_path / "v.mkv", tmp_path)
    assert (made.total_frames, made.has_audio) == (150, False)
    assert "no sound: it ends before the first picture" in made.notes


def test_a_last_picture_of_unknown_length_is_no_long_one(tmp_path: Path) -> None:
    """In MPEG-TS no picture says how long it lasts, and here the one before the last stands for 4 s."""
    times = [Fraction(0), Fraction(1, 25), Fraction(2, 25), Fraction(1), Fraction(26, 25), Fraction(5)]
    source = write_shots(tmp_path / "v.ts", times, [1, 2, 3, 4, 5], Fraction(25))
    target, _ = convert_to(source, tmp_path)
    assert first_frames(target) == ([1, 2, 25, 26, 125], 126)


def test_pictures_that_change_their_size_are_not_copied(right: Path, tmp_path: Path) -> None:
    """Every picture has 1/25 s, but from the middle on they are larger."""
    plain = ("-an", *H264, "-bf", "0", "-muxdelay", "0", "-muxpreload", "0")
    ffmpeg("-i", right, *plain, tmp_path / "a.ts")
    ffmpeg("-i", right, *plain, "-vf", "scale=320:240", "-output_ts_offset", "6", tmp_path / "b.ts")
    source = tmp_path / "v.ts"
    source.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    target, made = convert_to(source, tmp_path)
    assert (made.method, made.total_frames) == ("encoded", 300)
    assert {picture.shape for picture in pictures(target)} == {(120, 160)}


def test_a_gap_in_the_sound_becomes_silence(right: Path, tmp_path: Path) -> None:
    """The packets between 0.5 s and 1.5 s are missing."""
    source = tmp_path / "v.mkv"
    ffmpeg("-i", right, "-c", "copy", "-bsf:a", "noise=drop='between(n,23,70)'", source)
    target, made = convert_to(source, tmp_path)
    assert made.audio == "encoded"
    assert beeps(target)[0] == pytest.approx(2.0, abs=0.02)


@pytest.mark.slow
def test_sound_stays_with_the_picture_for_thirty_minutes(tmp_path: Path) -> None:
    """The sound's clock is 0.1 % slow (1.8 s in the end), as its time stamps say."""
    flash = "color=black:s=32x32:r=30:d=1800,drawbox=c=white:t=fill:enable='lt(mod(t,60),0.2)'"
    beep = "aevalsrc='0.5*sin(2500*t)*lt(mod(t*1.001,60),0.2)':s=8000:d=1798,asetpts=PTS*1.001"
    source = tmp_path / "v.mkv"
    inputs = ("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep)
    ffmpeg(*inputs, *H264, "-c:a", "pcm_s16le", source)
    target, made = convert_to(source, tmp_path)
    assert made.total_frames == 45_000
    shown = [frame / 25 for frame in first_frames(target)[0][1::2]]
    heard = beeps(target)[1:]
    assert len(shown) == 29
    assert heard[:29] == pytest.approx(shown, abs=0.02)


def test_a_truncated_video_is_converted_as_far_as_it_goes(right: Path, tmp_path: Path) -> None:
    ffmpeg("-i", right, "-c", "copy", "-movflags", "+faststart", tmp_path / "whole.mp4")
    whole = (tmp_path / "whole.mp4").read_bytes()
    source = tmp_path / "v.mp4"
    source.write_bytes(whole[: int(len(whole) * 0.95)])
    target, made = convert_to(source, tmp_path, VideoSettings(missing_limit=0.5))
    assert made.method == "encoded"
    assert made.missing_seconds == pytest.approx(6 - made.duration, abs=0.2)
    assert 0.1 < made.missing_seconds < 1.5
    assert any("damaged" in note for note in made.notes)
    assert len(stamps(target)) == made.total_frames


def test_lost_stretches_are_counted_and_keep_their_length(right: Path, tmp_path: Path) -> None:
    """One second and a half of the file is overwritten: the last good picture stands still."""
    ffmpeg("-i", right, "-c", "copy", tmp_path / "whole.mkv")
    content = bytearray((tmp_path / "whole.mkv").read_bytes())
    start, length = len(content) // 2, len(content) // 4
    content[start : start + length] = bytes(length)
    source = tmp_path / "v.mkv"
    source.write_bytes(content)
    _, made = convert_to(source, tmp_path, VideoSettings(missing_limit=0.5))
    assert 1 < made.missing_seconds < 2.5
    assert made.total_frames == 150


def test_too_much_damage_is_refused_and_leaves_nothing(right: Path, tmp_path: Path) -> None:
    ffmpeg("-i", right, "-c", "copy", "-movflags", "+faststart", tmp_path / "whole.mp4")
    source = tmp_path / "v.mp4"
    whole = (tmp_path / "whole.mp4").read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match=r"s are lost .*VIDEO_MISSING_LIMIT"):
        convert_to(source, tmp_path)
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("content", [b"", b"not a video" * 1000])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(BadInput, match=r"is empty|cannot be read as a video"):
        convert_to(tmp_path / "v.mp4", tmp_path)


def test_progress_rises_to_its_end(right: Path, tmp_path: Path) -> None:
    ffmpeg("-i", right, "-r", "30", *H264, tmp_path / "v.mp4")
    seen: list[float] = []
    convert(tmp_path / "v.mp4", tmp_path / "out.mp4", SETTINGS, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1, abs=0.05)


def test_the_same_source_gives_the_same_bytes(right: Path, tmp_path: Path) -> None:
    ffmpeg("-i", right, "-r", "30", *H264, tmp_path / "v.mp4")
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for target in (first, second):
        convert(tmp_path / "v.mp4", target, SETTINGS)
    assert first.read_bytes() == second.read_bytes()
