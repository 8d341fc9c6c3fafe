"""What is in a project: videos, files that are delivered as they came, and videos that cannot be read."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from mediaflow_assets.intake.contents import describe
from tests.video.media import ffmpeg


def test_one_unreadable_video_is_a_row_with_a_sentence(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.4")
    ffmpeg(*picture, tmp_path / "good.mp4")
    (tmp_path / "raw.mov").write_bytes((tmp_path / "good.mp4").read_bytes().replace(b"avc1", b"brhq"))
    (tmp_path / "empty.mkv").touch()
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.4", "-c:a", "aac", tmp_path / "voice.m4a")
    Image.new("RGB", (16, 16)).save(tmp_path / "photo.avif")
    (tmp_path / "app.ts").write_text("export default 1\n")
    videos, others = describe(tmp_path)
    assert [file.path for file in others] == ["app.ts", "photo.avif", "voice.m4a"]
    problems = {video.path: video.problem for video in videos}
    assert problems == {
        "empty.mkv": "is empty. Ask for the file again.",
        "good.mp4": None,
        "raw.mov": "has a picture that is coded as 'brhq' (Blackmagic RAW) and cannot be decoded. "
        "Ask for H.264 or ProRes 422.",
    }
