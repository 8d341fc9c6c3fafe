"""Videos are recognized by their content."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.probe import is_video, probe
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.sniff import looks_like_container
from tests.video.media import ffmpeg, nullsoft_video

CONTAINERS = ["mp4", "MOV", "avi", "mkv", "webm", "flv", "wmv", "m4v", "mts", "mpg", "Mxf"]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_container_is_known_without_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"v.{suffix}"
    codec = ("-c:v", "mpeg2video") if suffix == "Mxf" else ()
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=1", "-pix_fmt", "yuv420p", *codec, path)
    facts = probe(path)
    assert (facts.width, facts.height, facts.audio_codec) == (176, 144, None)
    assert facts.duration == pytest.approx(1, abs=0.05)
    hidden = path.rename(tmp_path / "attachment.bin")
    assert is_video(hidden)


def test_pictures_sound_and_texts_are_attachments(tmp_path: Path) -> None:
    for name, source in (("a.png", "testsrc2=s=64x64"), ("a.gif", "testsrc2=s=64x64:d=1"), ("a.wav", "sine=d=1")):
        ffmpeg("-f", "lavfi", "-i", source, *(("-frames:v", "1") if name == "a.png" else ()), tmp_path / name)
    (tmp_path / "a.txt").write_text("ftyp")
    assert not any(is_video(path) for path in tmp_path.iterdir())


def test_a_broken_video_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "clip.MP4").write_bytes(b"nothing")
    assert is_video(tmp_path / "clip.MP4")


def test_a_list_of_files_or_a_picture_named_like_a_video_is_refused(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", tmp_path / "other.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "picture.mp4")
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile other.mp4\n")
    for name in ("picture.mp4", "list.mp4"):
        with pytest.raises(BadInput, match=rf"{name}: is no video, but: .*Remove it"):
            probe(tmp_path / name)


def test_what_is_no_video_is_an_attachment_under_any_name(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "photo.avif")
    heic = (tmp_path / "photo.avif").read_bytes().replace(b"ftypavif", b"ftypheic")
    (tmp_path / "photo.HEIC").write_bytes(heic)
    (tmp_path / "app.ts").write_text("export const name = 'é';\n")
    (tmp_path / "index.d.ts").write_bytes(b"")
    for name in ("voice.mp4", "voice.mov", "voice.m4a", "voice.mkv"):
        ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", tmp_path / name)
    assert not any(is_video(path) for path in tmp_path.iterdir())


RARE = {
    "m2v": ("-c:v", "mpeg2video"),
    "m2t": ("-f", "mpegts"),
    "f4v": ("-f", "f4v"),
    "rm": ("-c:v", "rv20"),
    "nut": (),
    "h264": ("-c:v", "libx264"),
    "h265": ("-c:v", "libx265", "-x265-params", "log-level=error"),
    "y4m": (),
    "3g2": (),
    "ogv": ("-c:v", "libtheora"),
    "gxf": ("-c:v", "mpeg2video", "-s", "720x576"),
    "wtv": ("-c:v", "mpeg2video"),
    "dv": ("-s", "720x576", "-pix_fmt", "yuv420p"),
    "ts": (),
}


@pytest.mark.parametrize("suffix", RARE)
def test_rare_kinds_are_known_by_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"v.{suffix}"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=0.4", "-pix_fmt", "yuv420p", *RARE[suffix], path)
    hidden = path.rename(tmp_path / "attachment.bin")
    assert is_video(hidden)
    assert probe(hidden).width in (176, 720)


def test_nullsoft_video_is_known_by_content(tmp_path: Path) -> None:
    path = nullsoft_video(tmp_path / "attachment.bin", frames=10)
    assert is_video(path)
    assert (probe(path).container, probe(path).width) == ("nsv", 176)


@pytest.mark.parametrize(
    ("head", "candidate"),
    [
        (b"NSVf\x1c\0\0\0", True),
        (b"NSVsVP31MP3 ", True),
        (b"SMK2@\x01\0\0", True),
        (b"SMK4@\x01\0\0", True),
        (b"BIKi\xb4\x06&\0", True),
        (b"KB2g\xb4\x06&\0", True),
        (b"\0\0\x01\x09\x10\0\0\x01", True),
        (b"\0\0\0\x18stypmsdh", True),
        (b"NSV is a format", False),
        (b"SMK is another", False),
    ],
)
def test_heads_of_rare_containers(head: bytes, candidate: bool) -> None:
    assert looks_like_container(head) is candidate


def test_moving_jpeg_2000_is_no_photograph(tmp_path: Path) -> None:
    path = tmp_path / "v.mov"
    fragments = ("-movflags", "empty_moov+default_base_moof+frag_keyframe")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.4", "-c:v", "jpeg2000", *fragments, path)
    signature = b"\0\0\0\x0cjP  \r\n\x87\n"
    movie = path.read_bytes()
    for brand, moves in ((b"mjp2", True), (b"jp2 ", False)):
        path.write_bytes(
            signature + b"\0\0\0\x14ftyp" + brand + b"\0\0\0\0" + brand + movie[movie.index(b"moov") - 4 :]
        )
        assert is_video(path.rename(tmp_path / "attachment.bin")) is moves


def test_subtitles_alone_are_an_attachment(tmp_path: Path) -> None:
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nBonjour\n")
    for name in ("words.mp4", "words.mkv"):
        ffmpeg("-i", tmp_path / "words.srt", *(("-c:s", "mov_text") if name.endswith("mp4") else ()), tmp_path / name)
        assert not is_video(tmp_path / name)


def test_an_unknown_code_is_named(tmp_path: Path) -> None:
    path = tmp_path / "camera.mov"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.2", path)
    for code, words in (("xxxx", "'xxxx' and"), ("brxq", r"'brxq' \(Blackmagic RAW\) and"), ("CRAW", "Canon RAW")):
        camera = path.with_name(f"{code}.mov")
        camera.write_bytes(path.read_bytes().replace(b"avc1", code.encode()))
        assert is_video(camera)
        with pytest.raises(BadInput, match=rf"^{code}\.mov: .*{words}.* cannot be decoded\. Ask for H\.264"):
            probe(camera)


def test_a_protected_file_is_called_protected(tmp_path: Path) -> None:
    key = ("-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1")
    ffmpeg(*source, "-encryption_scheme", "cenc-aes-ctr", *key, tmp_path / "drm.mp4")
    ffmpeg(*source, tmp_path / "clear.ts")
    content = bytearray((tmp_path / "clear.ts").read_bytes())
    for packet in range(0, len(content), 188):
        if int.from_bytes(content[packet + 1 : packet + 3]) & 0x1FFF == 256:
            content[packet + 3] |= 0x80
            content[packet + 12 : packet + 188] = bytes(byte ^ 0x5A for byte in content[packet + 12 : packet + 188])
    (tmp_path / "pay.ts").write_bytes(content)
    for name, words in (("drm.mp4", r"encrypted \(DRM\)"), ("pay.ts", "scrambled")):
        assert is_video(tmp_path / name)
        with pytest.raises(BadInput, match=rf"^{name}: .*{words}.*without protection"):
            probe(tmp_path / name)


def test_a_reference_movie_is_called_that(tmp_path: Path) -> None:
    path = tmp_path / "cut.mov"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-movflags", "+faststart", path)
    index = path.read_bytes().partition(b"mdat")[0][:-4]
    for kind in (b"url ", b"alis"):
        index = index.replace(kind + b"\0\0\0\1", kind + b"\0\0\0\0")
    path.write_bytes(index)
    assert is_video(path)
    with pytest.raises(BadInput, match=r"^cut\.mov: is a reference movie.*self-contained"):
        convert(path, tmp_path / "out" / "m.mp4", VideoSettings())


def test_a_recording_that_was_not_closed_is_called_that(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", path)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"moov") - 4])
    assert is_video(path)
    with pytest.raises(BadInput, match=r"^v\.mp4: was not closed by its recorder.*moov"):
        probe(path)
    path.write_bytes(b"")
    with pytest.raises(BadInput, match=r"^v\.mp4: is empty"):
        probe(path)


@pytest.mark.parametrize(
    ("name", "deep"), [("nv12", False), ("yuv410p", False), ("yuv420p10le", True), ("gray", False)]
)
def test_depth_is_that_of_the_pixel_format(tmp_path: Path, name: str, deep: bool) -> None:
    path = tmp_path / "v.nut"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.1", "-c:v", "rawvideo", "-pix_fmt", name, path)
    assert any("high bit depth" in note for note in probe(path).notes) is deep


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_anywhere_raises_nothing_but_our_own_error(data: st.DataObject) -> None:
    seed = _seed(data.draw(st.sampled_from(["mp4", "mkv", "ts", "avi", "flv"])))
    content = bytearray(seed[: data.draw(st.integers(0, len(seed)))] if data.draw(st.booleans()) else seed)
    for place in data.draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=12)) if content else ():
        content[place] = data.draw(st.integers(0, 255))
    with NamedTemporaryFile(suffix=".mp4") as file:
        path = Path(file.name)
        path.write_bytes(content)
        assert is_video(path) in (True, False)
        with contextlib.suppress(BadInput):
            probe(path)


@cache
def _seed(suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"v.{suffix}"
        inputs = ("-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.5", "-f", "lavfi", "-i", "sine=d=0.5")
        ffmpeg(*inputs, "-pix_fmt", "yuv420p", path)
        return path.read_bytes()
