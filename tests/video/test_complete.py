"""Nothing is cut short, invented, or called damaged, without a word."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.convert import Conversion, convert
from mediaflow_assets.video.limits import check_length, span
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes
from tests.video.media import beeps, ffmpeg, nullsoft_video, pictures

SETTINGS = VideoSettings()
LENIENT = VideoSettings(missing_limit=1)

FORMS = {
    "fragments.mp4": ("-c", "copy", "-movflags", "+frag_keyframe+delay_moov"),
    "index.mp4": ("-c", "copy", "-movflags", "+dash+global_sidx+frag_keyframe"),
    "faststart.mp4": ("-c", "copy", "-movflags", "+faststart"),
    "v.mov": ("-c", "copy", "-movflags", "+faststart"),
    "v.avi": ("-c:v", "mpeg4", "-c:a", "mp3"),
    "v.mkv": ("-c", "copy", "-cluster_time_limit", "1000"),
    "v.flv": ("-c", "copy"),
    "v.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "v.mxf": ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of 25 fps, a keyframe a second, a beep at 2 s."""
    path = tmp_path_factory.mktemp("complete") / "v.mp4"
    sound = "aevalsrc='0.5*sin(2500*t)*between(t,2,2.5)':s=44100:d=8"
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=8", "-f", "lavfi", "-i", sound, *codecs, path)
    return path


def to(path: Path, settings: VideoSettings = SETTINGS) -> Conversion:
    return convert(path, path.with_name("out") / "m.mp4", settings)


def test_the_end_of_a_nullsoft_video_is_no_damage_and_a_cut_one_is(tmp_path: Path) -> None:
    path = nullsoft_video(tmp_path / "v.nsv", frames=100)
    whole = to(path)
    assert (whole.total_frames, whole.missing_seconds) == (100, 0)
    assert not [note for note in whole.notes if "damaged" in note or "states" in note]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadInput, match=r"^v\.nsv: is damaged: \d.* of \d.* s are lost.*VIDEO_MISSING_LIMIT"):
        to(path)


@pytest.mark.parametrize("name", FORMS)
def test_what_was_cut_at_a_packet_is_missed(media: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    ffmpeg("-i", media, *FORMS[name], path)
    whole = to(path)
    assert whole.missing_seconds == 0
    assert not [note for note in whole.notes if "damaged" in note]
    with av.open(str(path)) as container:
        places = sorted(packet.pos for packet in container.demux() if packet.pos is not None and packet.pos > 0)
    path.write_bytes(path.read_bytes()[: places[len(places) // 2]])
    with pytest.raises(BadInput, match=rf"^{name}: is damaged: \d.* of \d.* s are lost.*VIDEO_MISSING_LIMIT"):
        to(path)
    made = to(path, LENIENT)
    # A file of fragments states no more than the fragments that it still has in part.
    assert made.missing_seconds >= (0.5 if name == "fragments.mp4" else 3)
    assert any(note.startswith("damaged: ") for note in made.notes)


def test_time_stamps_that_are_all_alike_lose_the_time_that_is_stated(media: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    content = bytearray(media.read_bytes())
    stts = content.index(b"stts")
    content[stts + 16 : stts + 20] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"is damaged: .* of 8\.?\d* s are lost"):
        to(path)


def test_a_statement_that_is_nonsense_is_none(media: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    ffmpeg("-i", media, "-c", "copy", path)
    content = bytearray(path.read_bytes())
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        place = -1
        while (place := content.find(kind, place + 1)) > 0:
            offset = place + (24 if kind == b"tkhd" else 20)
            content[offset : offset + 4] = (10**8).to_bytes(4)
    path.write_bytes(content)
    assert to(path).missing_seconds == 0


def test_a_damaged_field_ends_in_a_sentence(media: Path, tmp_path: Path) -> None:
    content = bytearray(media.read_bytes())
    stts = content.index(b"stts")
    content[stts + 16 : stts + 20] = b"\x7f\xff\xff\xff"
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(BadInput, match=r"^v\.mp4: (lasts|shows one picture for) .*(h|days).*(VIDEO_MAX|still)"):
        to(tmp_path / "v.mp4")


def test_a_last_picture_of_hours_is_not_filled_unless_there_is_sound() -> None:
    picture = PictureTimes(
        start=Fraction(0),
        end=Fraction(20000),
        packets=1,
        whole=True,
        step=Fraction(20000),
        is_cfr=True,
        frame_aligned=False,
        last=Fraction(0),
        longest_step=Fraction(0),
    )
    with pytest.raises(BadInput, match=r"^v\.mp4: shows one picture for 5 h 33 min"):
        check_length("v.mp4", picture, None, SETTINGS)
    check_length(
        "v.mp4", picture, SoundTimes(start=Fraction(0), end=Fraction(19990), drift=None, overlap=Fraction(0)), SETTINGS
    )


def test_a_gap_of_hours_is_not_filled(media: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    ffmpeg("-i", media, "-c", "copy", "-an", "-bsf:v", "setts=ts=TS+gte(TS*TB\\,4)*10800/TB", path)
    with pytest.raises(BadInput, match=r"^v\.mkv: shows one picture for 3 h 0 min\..*VIDEO_MAX_STILL_SECONDS"):
        to(path)
    with pytest.raises(BadInput, match=r"^v\.mkv: lasts 3 h 0 min by its time stamps\..*VIDEO_MAX_SECONDS"):
        to(path, VideoSettings(max_seconds=10000, max_still_seconds=20000))


def test_a_variable_rate_is_not_damage_because_something_was_said(tmp_path: Path) -> None:
    """Bytes that belong to nothing make ffmpeg complain; every picture decodes."""
    path = tmp_path / "v.mkv"
    still = "select='not(mod(n\\,7))+lt(mod(n\\,40)\\,9)'"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=8", "-vf", still, "-fps_mode", "vfr", path)
    path.write_bytes(path.read_bytes() + bytes(range(1, 200)))
    made = to(path)
    assert made.missing_seconds == 0
    assert not [note for note in made.notes if "damaged" in note]


@pytest.mark.parametrize("setting", ["note", "hold"])
def test_a_picture_shorter_than_its_sound(tmp_path: Path, setting: str) -> None:
    path = tmp_path / "v.mp4"
    sound = "aevalsrc='0.5*sin(2500*t)*between(t,5,5.5)':s=48000:d=6"
    codecs = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2", "-f", "lavfi", "-i", sound, *codecs, path)
    made = to(path, VideoSettings(shorter_than_sound=setting))
    assert any(note.startswith("the picture ends 4") and "before the sound" in note for note in made.notes)
    master = tmp_path / "out" / "m.mp4"
    frames = list(pictures(master))
    if setting == "note":
        assert (made.total_frames, len(frames)) == (50, 50)
    else:
        assert len(frames) == made.total_frames == pytest.approx(150, abs=2)
        assert abs(frames[60].astype(int) - frames[-1]).mean() < 2
        assert abs(frames[0].astype(int) - frames[-1]).mean() > 5
    assert beeps(master)[0] == pytest.approx(5, abs=0.03)
    assert made.missing_seconds == 0


@pytest.mark.parametrize(("suffix", "rate"), [("h264", 25), ("h264", 50), ("h265", 30)])
def test_a_bare_stream_has_its_own_rate(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"v.{suffix}"
    quiet = ("-x265-params", "log-level=error") if suffix == "h265" else ("-bf", "2")
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=96x64:r={rate}:d=2", "-pix_fmt", "yuv420p", *quiet, path)
    made = to(path)
    assert (made.total_frames, made.missing_seconds) == (50, 0)


def test_interlaced_pictures_are_found_behind_progressive_ones(tmp_path: Path) -> None:
    black, woven = tmp_path / "black.mpg", tmp_path / "woven.mpg"
    codec = ("-c:v", "mpeg2video", "-g", "12", "-bf", "0", "-qscale:v", "2", "-f", "mpeg2video")
    ffmpeg("-f", "lavfi", "-i", "color=black:s=176x144:r=25:d=2", *codec, black)
    moving = "testsrc2=s=176x144:r=50:d=2,interlace=scan=tff"
    ffmpeg("-f", "lavfi", "-i", moving, *codec, "-flags", "+ilme+ildct", woven)
    path = tmp_path / "v.m2v"
    path.write_bytes(black.read_bytes() + woven.read_bytes())
    made = to(path)
    assert "interlaced" in made.notes
    with av.open(str(path)) as container:
        assert made.total_frames == sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.08, "4.08 s"), (3599, "60 min"), (10800, "3 h 0 min"), (16_900_000, "196 days")]
)
def test_spans_are_said_in_fitting_units(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_part_of_a_stream_is_whole_and_said(media: Path, tmp_path: Path) -> None:
    """As DASH and HLS send them: the header is that of the whole stream."""
    path = tmp_path / "v.mp4"
    ffmpeg("-i", media, "-c", "copy", "-an", "-movflags", "+frag_keyframe+empty_moov", path)
    content = bytearray(path.read_bytes())
    mdhd = content.index(b"mdhd")
    content[mdhd + 20 : mdhd + 24] = (int.from_bytes(content[mdhd + 16 : mdhd + 20]) * 60).to_bytes(4)
    mvhd = content.index(b"mvhd")
    content[mvhd + 20 : mvhd + 24] = (int.from_bytes(content[mvhd + 16 : mvhd + 20]) * 60).to_bytes(4)
    path.write_bytes(content)
    made = to(path)
    assert made.total_frames == 200
    assert made.missing_seconds == pytest.approx(52, abs=0.2)
    assert "it states 60 s and has 8 s" in made.notes


@pytest.mark.parametrize("name", ["v.mkv", "v.flv"])
def test_a_header_that_is_wrong_is_said_and_no_damage(media: Path, tmp_path: Path, name: str) -> None:
    """All bytes are there that the file says it has."""
    path = tmp_path / name
    ffmpeg("-i", media, "-c", "copy", "-an", path)
    stated = {"v.mkv": (b"\x44\x89\x88", b"DURATION"), "v.flv": (b"duration\0", b"")}[name]
    content = bytearray(path.read_bytes())
    place = content.index(stated[0]) + len(stated[0])
    seconds = struct.unpack(">d", content[place : place + 8])[0]
    content[place : place + 8] = struct.pack(">d", seconds * 2)
    path.write_bytes(bytes(content).replace(stated[1], b"DURATIOM") if stated[1] else bytes(content))
    made = to(path)
    assert made.total_frames == 200
    assert made.missing_seconds == pytest.approx(8, abs=0.3)
    assert any(note.startswith("it states 16") for note in made.notes)
