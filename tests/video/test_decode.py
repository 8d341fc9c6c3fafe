"""Reading the 25-fps video that the stages share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.decode import decoded_frames, frames_within, grey_frames_at
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
    "codec",
    [
        ("libx264", "-bf", "3", "-x264-params", "b-pyramid=normal:ref=4"),
        ("libx264", "-bf", "3", "-x264-params", "open-gop=1:keyint=60:min-keyint=20"),
        ("libx264", "-bf", "0", "-x264-params", "intra-refresh=1:keyint=20"),
        ("mpeg4", "-bf", "2"),
    ],
    ids=["closed", "open", "refreshed", "mpeg4"],
)
def test_a_picture_in_the_middle_is_that_of_the_whole(tmp_path: Path, codec: tuple[str, ...]) -> None:
    """Frames before it that nothing refers to are not decoded, and none twice, which must not be seen."""
    path = tmp_path / "a.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-c:v", *codec, "-g", "60", "-pix_fmt", "yuv420p", path)
    whole = list(pictures(path))
    some = np.random.default_rng(7)
    sets = [[1, 2, 3, 40, 41, 42, 43, 44, 45, 59, 60, 61, 62, 99, 100], [50, 50, 100, 100]]
    sets += [sorted(some.choice(100, 6, replace=False) + 1) for _ in range(20)]
    for numbers in sets:
        for number, picture in zip(numbers, grey_frames_at(path, numbers), strict=True):
            assert np.array_equal(picture, whole[number - 1]), (number, numbers)


@pytest.mark.parametrize("gop", ["closed", "open"])
def test_a_span_is_shown_by_a_key_frame_near_its_middle_or_by_its_middle(tmp_path: Path, gop: str) -> None:
    path = tmp_path / "a.mp4"
    x264 = f"keyint=120:min-keyint=120:scenecut=0:open-gop={int(gop == 'open')}"
    film = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=20")
    ffmpeg(*film, "-c:v", "libx264", "-bf", "2", "-x264-params", x264, "-pix_fmt", "yuv420p", path)
    whole = [picture.to_image() for picture in decoded_frames(path)]
    spans = [(1, 20), (30, 210), (245, 300), (301, 420)]
    shown = [
        next(number for number, frame in enumerate(whole, start=1) if np.array_equal(frame, picture))
        for picture in frames_within(path, spans, (96, 64))
    ]
    keys = [number for number, frame in enumerate(decoded_frames(path), start=1) if frame.key_frame]
    assert shown[0] == 10
    assert shown[1] in keys
    assert shown[2] == 272
    assert shown[3] in keys
    assert all(first <= number <= last for (first, last), number in zip(spans, shown, strict=True))


def test_pictures_that_are_refreshed_bit_by_bit_are_shown_whole(tmp_path: Path) -> None:
    """Their key frames cannot be decoded alone."""
    path = tmp_path / "a.mp4"
    film = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=8")
    x264 = ("-x264-params", "intra-refresh=1:keyint=20:bframes=0")
    ffmpeg(*film, "-c:v", "libx264", *x264, "-pix_fmt", "yuv420p", path)
    whole = [picture.to_image() for picture in decoded_frames(path)]
    for span, picture in zip([(1, 90), (91, 200)], frames_within(path, [(1, 90), (91, 200)], (96, 64)), strict=True):
        assert np.array_equal(picture, whole[sum(span) // 2 - 1])


def test_a_video_without_an_index_shows_its_middles(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    film = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4")
    ffmpeg(*film, "-c:v", "libx264", "-g", "20", "-pix_fmt", "yuv420p", path)
    assert len(list(frames_within(path, [(1, 40), (41, 100)], (96, 64)))) == 2
