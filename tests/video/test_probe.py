"""Videos are recognized by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.probe import is_video, probe
from tests.video.media import ffmpeg

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
