"""Files of several clips, put one after the other byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.pieces import Pieces, find_pieces, join
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.source import read_source
from tests.video.media import beeps, ffmpeg, first_frames

SETTINGS = VideoSettings(encoder="libx264")
CODECS = {
    "ts": ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-c:a", "aac"),
    "mts": ("-c:v", "libx264", "-preset", "veryfast", "-c:a", "ac3", "-mpegts_m2ts_mode", "1"),
    "mpg": ("-c:v", "mpeg2video", "-q:v", "3", "-c:a", "mp2"),
}


def clip(path: Path, seconds: int, event: int, *, sound_seconds: int | None = None, later: float = 0) -> Path:
    """White and loud for 0.2 s from second ``event`` on.

    Args:
        later: seconds by which all of it is moved against the start of its sound.
    """
    on = f"between(t,{event + later}-0.001,{event + later}+0.199)"
    shown = f"color=black:s=160x120:r=30:d={seconds + later},drawbox=c=white:t=fill:enable='{on}',trim=start={later}"
    heard = f"aevalsrc='0.5*sin(2500*t)*{on}':s=48000:d={(sound_seconds or seconds) + later}"
    codecs = (*CODECS[path.suffix[1:]], "-pix_fmt", "yuv420p", "-g", "15")
    ffmpeg("-f", "lavfi", "-i", shown, "-f", "lavfi", "-i", heard, "-copyts", *codecs, path)
    return path


def concatenated(target: Path, *clips: Path) -> Path:
    target.write_bytes(b"".join(path.read_bytes() for path in clips))
    return target


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("long_sound", [False, True])
@pytest.mark.parametrize("sound_first", [False, True])
def test_clips_follow_one_another_with_their_sound(
    tmp_path: Path, suffix: str, long_sound: bool, sound_first: bool
) -> None:
    first = clip(tmp_path / f"a.{suffix}", 3, 2, sound_seconds=5 if long_sound else None)
    second = clip(tmp_path / f"b.{suffix}", 2, 1, later=0.5 if sound_first else 0)
    source = concatenated(tmp_path / f"v.{suffix}", first, second, first)
    made = convert(source, tmp_path / "out" / "v.mp4", SETTINGS)
    assert made.total_frames == pytest.approx(8 * 25, abs=3)  # MPEG-2 shows its last picture for two steps
    assert made.missing_seconds == 0
    assert "time stamps start anew 2 times: all pieces were joined" in made.notes
    shown = [frame / 25 for frame in first_frames(tmp_path / "out" / "v.mp4")[0][::2]]
    assert shown == pytest.approx([2, 4, 7], abs=0.13)
    assert beeps(tmp_path / "out" / "v.mp4") == pytest.approx(shown, abs=0.04)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["v.48x27.mkv", "v.mp4"]


def test_of_a_damaged_piece_only_what_is_lost_counts(tmp_path: Path) -> None:
    first, second = clip(tmp_path / "a.ts", 6, 2), clip(tmp_path / "b.ts", 3, 1)
    content = bytearray(concatenated(tmp_path / "v.ts", first, second).read_bytes())
    middle = first.stat().st_size // 188 // 2 * 188
    content[middle : middle + 15 * 188] = bytes(15 * 188)
    (tmp_path / "v.ts").write_bytes(content)
    made = convert(tmp_path / "v.ts", tmp_path / "out.mp4", VideoSettings(encoder="libx264", missing_limit=0.5))
    assert made.total_frames == 225
    assert 0 < made.missing_seconds < 2
    assert any("damaged" in note for note in made.notes)


def test_wrong_bits_in_time_stamps_lose_no_second(tmp_path: Path) -> None:
    """Every fortieth picture is due three hours later, the others when they should be."""
    source = clip(tmp_path / "a.ts", 6, 2)
    content, start = bytearray(source.read_bytes()), 0
    for number in range(180):
        start = content.index(b"\0\0\1\xe0", start) + 4  # the header of a picture, ISO/IEC 13818-1
        if number % 40 == 20:
            content[start + 5] ^= 0x02  # bit 30 of the time at which it is shown
            if content[start + 3] & 0x40:
                content[start + 10] ^= 0x02  # the same of the time at which it is decoded
    source.write_bytes(content)
    made = convert(source, tmp_path / "out.mp4", SETTINGS)
    assert made.total_frames == pytest.approx(6 * 25, abs=5)
    assert beeps(tmp_path / "out.mp4")[0] == pytest.approx(first_frames(tmp_path / "out.mp4")[0][0] / 25, abs=0.1)


@pytest.mark.parametrize(("offset", "pieces"), [(5, 1), (60, 2)])
def test_a_short_gap_stays_a_gap(tmp_path: Path, offset: int, pieces: int) -> None:
    first, second = clip(tmp_path / "a.ts", 2, 1), tmp_path / "b.ts"
    ffmpeg("-i", first, "-c", "copy", "-output_ts_offset", str(offset), second)
    source = concatenated(tmp_path / "v.ts", first, second)
    found = find_pieces(source, read_source(source))
    assert (len(found.starts) if found else 1) == pieces


def test_time_stamps_of_other_containers_are_believed(tmp_path: Path) -> None:
    ffmpeg("-i", clip(tmp_path / "a.ts", 1, 0), "-c", "copy", tmp_path / "a.mkv")
    assert find_pieces(tmp_path / "a.mkv", read_source(tmp_path / "a.mkv")) is None


def test_what_cannot_be_joined_is_refused(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.ts", 1, 0)
    pieces = Pieces(positions=(), starts=(0,), ends=(1,))
    with pytest.raises(BadInput, match=r"a\.ts: has time stamps that start anew, and its pieces cannot be joined"):
        join(source, read_source(source), pieces, tmp_path / "missing" / "v.nut")
