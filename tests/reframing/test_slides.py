"""Slides with a small camera picture are shown whole; other still pictures are cut as ever."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.reframing.plan import Look
from mediaflow_assets.reframing.playback import views_of
from mediaflow_assets.reframing.render import render
from mediaflow_assets.reframing.slides import looks_like_a_slide, may_be_slides
from mediaflow_assets.reframing.tracks import shots
from mediaflow_assets.reframing.transforms import single_views
from mediaflow_assets.reframing.validity import problems
from mediaflow_assets.video.decode import rgb_frames
from support.drawn_documents import Drawn, frames_of, planned, scenes_of, still
from tests.reframing.films import write_film

CONTENT = Rect(0.0, 0.0, 1920.0, 1080.0)
WEBCAM = Drawn("obj_1", still(1750), lambda frame: True, y=950, size=110)


def slide() -> NDArray[np.uint8]:
    picture = np.full((1080, 1920), 245, np.uint8)
    for row in range(150, 900, 70):
        cv2.putText(picture, "A line of a slide with some words on it", (120, row), 0, 1.6, (20,), 3)
    return picture


def test_a_page_of_text_is_a_slide_and_a_camera_picture_is_not() -> None:
    assert looks_like_a_slide(slide())
    noise = np.random.default_rng(1).normal(0, 6, (1080, 1920))
    ramp = np.linspace(40, 200, 1920)[None, :] + noise
    assert not looks_like_a_slide(np.clip(ramp, 0, 255).astype(np.uint8))
    assert not looks_like_a_slide(np.full((1080, 1920), 30, np.uint8))


@pytest.mark.parametrize(
    ("person", "length", "moving", "may"),
    [
        (WEBCAM, 300, 0.05, True),
        (WEBCAM, 200, 0.05, False),
        (WEBCAM, 300, 0.6, False),
        (Drawn("obj_1", still(960), y=540, size=110), 300, 0.05, False),
        (Drawn("obj_1", still(1700), y=900, size=300), 300, 0.05, False),
        (Drawn("obj_1", lambda frame: 1200 + 2.0 * frame, y=950, size=110), 300, 0.05, False),
    ],
)
def test_only_one_small_still_face_in_a_corner(person: Drawn, length: int, moving: float, may: bool) -> None:
    (shot,) = shots(scenes_of(length), frames_of([person], length))
    assert may_be_slides(shot, CONTENT, moving) is may


def test_slides_are_shown_whole() -> None:
    document = planned([WEBCAM], 300, looks=[Look(CONTENT, lambda shot: True)])
    assert [(segment.layout, segment.why) for segment in document.segments] == [("fit", "slides")]
    assert not problems(document, scenes_of(300), 300)
    assert planned([WEBCAM], 300).segments[0].layout == "single"


@pytest.mark.parametrize("aspect", ["9:16", "4:5", "1:1"])
def test_a_slide_is_above_its_speaker_where_screens_may_be_split(aspect: str) -> None:
    document = planned([WEBCAM], 300, aspect=aspect, split="auto", looks=[Look(CONTENT, lambda shot: True)])
    assert [(segment.layout, segment.why) for segment in document.segments] == [("split", "slides")]
    assert not problems(document, scenes_of(300), 300)
    (panel,) = document.panels
    x, y, width, height = panel.lower[0].crop
    assert x <= 1750 - 110
    assert 1750 + 55 <= x + width <= 1920
    assert y <= 950 - 110
    assert 950 + 55 <= y + height <= 1080
    whole = views_of(document)[0]
    assert whole[2] / whole[3] == pytest.approx(width / height, rel=0.002)
    assert whole[0] <= 0
    assert whole[1] <= 0
    assert whole[0] + whole[2] >= 1920
    assert whole[1] + whole[3] >= 1080
    assert document.measures.speaker_whole_percent == 100
    # Programs that know no split screen show the slide.
    (single,) = np.unique(single_views(document), axis=0)
    assert single[2] / single[3] == pytest.approx(document.output.width / document.output.height)
    assert single[0] <= 0 < 1920 <= single[0] + single[2]


def test_a_slide_stays_whole_in_wide_pictures() -> None:
    document = planned([WEBCAM], 300, aspect="16:9", split="auto", looks=[Look(CONTENT, lambda shot: True)])
    assert document.segments[0].layout == "fit"


def test_a_slide_and_its_speaker_are_rendered_one_above_the_other(tmp_path: Path) -> None:
    page = np.repeat(slide()[:, :, None], 3, axis=2)
    page[800:, 1600:] = (200, 30, 30)  # the camera picture
    page[895:1005, 1695:1805] = (30, 30, 200)
    master = write_film(tmp_path / "slides.mp4", (page for _ in range(260)))
    document = planned([WEBCAM], 260, split="auto", looks=[Look(CONTENT, lambda shot: True)])
    video = render(master, document, tmp_path / "tall.mp4", "preview")
    shown = next(rgb_frames(video)).astype(int)
    upper, lower = shown[:480], shown[480:]
    assert (lower[..., 0] > lower[..., 2] + 60).mean() > 0.3
    assert (lower[..., 2] > lower[..., 0] + 60).mean() > 0.03
    assert (upper[240 - 60 : 240, 30:400] > 200).mean() > 0.5  # the page's ground
    assert (upper[:40] < 200).mean() > 0.9  # the blurred ground above it
