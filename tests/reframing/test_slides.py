"""Slides with a small camera picture are shown whole; other still pictures are cut as ever."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.reframing.aspects import Rect
from mediaflow_assets.reframing.plan import Look
from mediaflow_assets.reframing.slides import looks_like_a_slide, may_be_slides
from mediaflow_assets.reframing.tracks import shots
from mediaflow_assets.reframing.validity import problems
from support.drawn_documents import Drawn, frames_of, planned, scenes_of, still

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
