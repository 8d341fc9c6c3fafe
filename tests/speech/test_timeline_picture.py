from __future__ import annotations

import io

from PIL import Image

from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.timeline_picture import LANE, timeline_picture


def test_a_lane_for_each_speaker() -> None:
    segments = [Segment(0, 5, "SPEAKER_00"), Segment(5, 10, "SPEAKER_01")]
    data = timeline_picture([("film", 10.0, segments)])
    assert data is not None
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert picture.height == 3 * LANE + 4
    # The first lane is coloured on the left, the second on the right.
    rows = [number * LANE + LANE // 2 + 2 for number in (1, 2)]
    left, right = 300, 800
    assert picture.getpixel((left, rows[0])) != picture.getpixel((right, rows[0]))
    assert picture.getpixel((right, rows[1])) != picture.getpixel((left, rows[1]))


def test_a_long_project_stays_small() -> None:
    segments = [Segment(n, n + 0.5, f"SPEAKER_{n % 6:02d}") for n in range(3600)]
    data = timeline_picture((f"视频 {n}", 3600.0, segments) for n in range(50))
    assert data is not None
    assert len(data) < 100_000


def test_no_video_no_picture() -> None:
    assert timeline_picture([]) is None
