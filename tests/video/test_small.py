"""The small pictures beside a master."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.small import small_frames, small_path
from mediaflow_assets.video.verify import verify
from tests.video.media import ffmpeg


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("master")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=3", folder / "v.mkv")
    convert(folder / "v.mkv", folder / "m.mp4", VideoSettings(encoder="libx264"))
    return folder / "m.mp4"


def test_kept_pictures_are_those_of_the_master(master: Path) -> None:
    kept = np.stack(list(small_frames(master)))
    moved = small_path(master).rename(master.with_name("elsewhere"))
    decoded = np.stack(list(small_frames(master)))
    moved.rename(small_path(master))
    assert kept.shape == (75, 27, 48, 3)
    assert np.array_equal(kept, decoded)


def test_a_damaged_master_is_not_a_short_one(master: Path, tmp_path: Path) -> None:
    content = bytearray(master.read_bytes())
    middle = content.index(b"mdat") + len(content) // 3
    content[middle : middle + 2000] = bytes(2000)
    (tmp_path / "m.mp4").write_bytes(content)
    with pytest.raises(Interrupted, match="did not decode everything"):
        list(small_frames(tmp_path / "m.mp4"))
    with pytest.raises(Interrupted, match="does not decode to its end"):
        verify(tmp_path / "m.mp4", tmp_path / "small.mkv", "v.mkv", has_sound=False, stall_seconds=30)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("-vf", "fps=24"), "not constant 25 fps"),
        (("-vf", "select='not(eq(n,20))'", "-fps_mode", "vfr"), "not constant 25 fps"),
        (("-vf", "setpts=PTS+1/TB", "-fps_mode", "passthrough"), "not constant 25 fps"),
        (("-pix_fmt", "yuv444p"), "progressive H.264 yuv420p"),
        (("-c:v", "mpeg4"), "progressive H.264 yuv420p"),
        (("-vf", "setsar=2"), "progressive H.264 yuv420p"),
    ],
)
def test_what_is_no_master_is_not_accepted(
    master: Path, tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    ffmpeg("-i", master, *arguments, tmp_path / "m.mp4")
    with pytest.raises(Interrupted, match=problem):
        verify(tmp_path / "m.mp4", tmp_path / "small.mkv", "v.mkv", has_sound=False, stall_seconds=30)


def test_a_file_without_pictures_is_refused(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "v.mp4")
    with pytest.raises(BadInput, match="has no picture"):
        convert(tmp_path / "v.mp4", tmp_path / "out.mp4", VideoSettings())
