"""Reading the 25-fps video that the stages share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.decode import decoded_frames, grey_frames_at
from tests.video.media import ffmpeg, pictures


def test_a_video_that_went_away_meanwhile_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as said:
        next(decoded_frames(tmp_path / "a.mp4"))
    assert said.value.sentence == "a.mp4: is not there any more. Run it again: what is missing is made first."


def test_a_damaged_one_is_made_again_and_never_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a video" * 1000)
    with pytest.raises(BadInput, match=r"a\.mp4: cannot be decoded to its end .*Materialize video_25fps again"):
        next(decoded_frames(path))


@pytest.mark.parametrize(
    "codec", [("libx264", "-bf", "3", "-x264-params", "b-pyramid=normal:ref=4"), ("mpeg4", "-bf", "2")]
)
def test_a_picture_in_the_middle_is_that_of_the_whole(tmp_path: Path, codec: tuple[str, ...]) -> None:
    """Frames before it that nothing refers to are not decoded, which must not be seen."""
    path = tmp_path / "a.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-c:v", *codec, "-g", "60", "-pix_fmt", "yuv420p", path)
    whole = list(pictures(path))
    numbers = [1, 2, 3, 40, 41, 42, 43, 44, 45, 59, 60, 61, 62, 99, 100]
    for number, picture in zip(numbers, grey_frames_at(path, numbers), strict=True):
        assert np.array_equal(picture, whole[number - 1]), number
