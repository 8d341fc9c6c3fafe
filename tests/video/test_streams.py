"""Streams in any order and of any kind, and starts at any time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings
from tests.video.media import beeps, ffmpeg, first_frames, times_at, write_shots

SETTINGS = VideoSettings()


@pytest.mark.parametrize("ticks", range(1, 10))
def test_a_start_that_is_no_whole_number_of_microseconds(tmp_path: Path, ticks: int) -> None:
    ntsc = Fraction(30000, 1001)
    times = [time + 1 + Fraction(ticks, 90_000) for time in times_at(ntsc, 40)]
    source = write_shots(tmp_path / "v.ts", times, [20], ntsc)
    target = tmp_path / "m.mp4"
    convert(source, target, SETTINGS)
    assert first_frames(target) == ([int(times_at(ntsc, 40)[20] * 25 + Fraction(1, 2))], 33)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 25 fps with a beep at 2 s."""
    path = tmp_path_factory.mktemp("streams") / "v.mkv"
    sound = "aevalsrc='0.5*sin(2500*t)*between(t,2,2.5)':s=48000:d=4"
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-f", "lavfi", "-i", sound, *codecs, path)
    return path


def _subtitles_first(media: Path, folder: Path) -> Path:
    (folder / "v.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    inputs = ("-i", media, "-i", folder / "v.srt")
    ffmpeg(*inputs, "-map", "1", "-map", "0", "-c", "copy", folder / "v.mkv")
    return folder / "v.mkv"


def _timecode_first(media: Path, folder: Path) -> Path:
    ffmpeg("-i", media, "-c", "copy", "-timecode", "01:00:00:00", folder / "v.mov")
    content = (folder / "v.mov").read_bytes()
    # Tracks are numbered in the order of their boxes; the time code's is the last one.
    first = content.index(b"trak") - 4
    start = content.rindex(b"trak") - 4
    end = start + int.from_bytes(content[start : start + 4])
    (folder / "v.mov").write_bytes(content[:first] + content[start:end] + content[first:start] + content[end:])
    return folder / "v.mov"


def _sound_before_data(media: Path, folder: Path) -> Path:
    (folder / "klv").write_bytes(b"\x06\x0e\x2b\x34" + bytes(60))
    inputs = ("-i", media, "-f", "data", "-i", folder / "klv")
    ffmpeg(*inputs, "-map", "1", "-map", "0:a", "-map", "0:v", "-c", "copy", folder / "v.ts")
    return folder / "v.ts"


@pytest.mark.parametrize("made", [_subtitles_first, _timecode_first, _sound_before_data])
def test_neither_picture_nor_sound_is_the_first_stream(
    made: Callable[[Path, Path], Path], media: Path, tmp_path: Path
) -> None:
    source = made(media, tmp_path)
    target = tmp_path / "m.mp4"
    assert convert(source, target, SETTINGS).total_frames == 100
    assert len(beeps(target)) == 1
    assert abs(beeps(target)[0] - 2) <= 0.03


def test_joined_pieces_with_another_stream_first(media: Path, tmp_path: Path) -> None:
    one = _sound_before_data(media, tmp_path)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(one.read_bytes() * 2)
    made = convert(twice, tmp_path / "m.mp4", SETTINGS)
    assert made.total_frames == 200


def test_names_in_a_file_may_be_in_any_encoding(media: Path, tmp_path: Path) -> None:
    """Titles of old programs are no UTF-8; every reader of the file has to bear it."""
    for suffix in ("mkv", "avi", "ts"):
        source = tmp_path / f"v.{suffix}"
        options = ("-c:a", "libvorbis") if suffix == "mkv" else ("-c:v", "mpeg4") if suffix == "avi" else ()
        ffmpeg("-i", media, "-metadata", "title=XXXX", "-metadata", "service_name=XXXX", *options, source)
        content = source.read_bytes()
        assert b"XXXX" in content
        source.write_bytes(content.replace(b"XXXX", b"\xe9t\xe9\xff"))
        assert abs(convert(source, tmp_path / "m.mp4", SETTINGS).total_frames - 100) <= 1


def test_a_program_stream_without_times(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2", "-c:v", "mpeg2video", tmp_path / "v.m2v")
    ffmpeg("-framerate", "25", "-i", tmp_path / "v.m2v", "-c", "copy", tmp_path / "v.mpg")
    assert convert(tmp_path / "v.mpg", tmp_path / "m.mp4", SETTINGS).total_frames == 50
