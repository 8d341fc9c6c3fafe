"""YuNet finds faces of every size at their place."""

from __future__ import annotations

import psutil
import pytest

from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.execution.memory import give_back_free_memory
from mediaflow_assets.faces.networks.yunet import YuNet
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.ingredients import COFFEE, GRASS, GRAVEL, ROCKET, Ingredient
from tests.faces.clips import Placed, draw


@pytest.fixture(scope="module")
def yunet(model_store: ModelStore) -> YuNet:
    return YuNet(model_store.path("yunet"), DeviceChoice("cpu", "test"), longest_side=1920, least_score=0.7)


@pytest.mark.parametrize("size", [(320, 180), (641, 359), (1080, 1920)])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.85])
def test_faces_of_all_sizes_in_pictures_of_all_shapes(yunet: YuNet, size: tuple[int, int], part: float) -> None:
    height = part * min(size)
    x, y = 0.55 * size[0], 0.5 * size[1]
    found = yunet.detect(draw(Placed("hopper", x, y, height), size=size))
    assert len(found.boxes) == 1
    left, top, right, bottom = found.boxes[0]
    assert (left + right) / 2 == pytest.approx(x, abs=0.15 * height)
    assert (top + bottom) / 2 == pytest.approx(y, abs=0.15 * height)
    assert bottom - top == pytest.approx(height, rel=0.3)
    right_eye, left_eye, nose, *mouth = found.points[0]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_eye[1] < nose[1] < min(point[1] for point in mouth)


def test_a_large_face_is_found_without_looking_for_small_ones(yunet: YuNet) -> None:
    picture = draw(Placed("hopper", 1200, 600, 450), Placed("collins", 200, 150, 28), size=(1920, 1080))
    assert len(yunet.detect(picture).boxes) == 2
    assert len(yunet.detect(picture, smallest=250).boxes) == 1


def test_memory_of_a_large_picture_is_given_back(yunet: YuNet) -> None:
    picture = draw(Placed("hopper", 1200, 600, 450), size=(1920, 1080))
    process = psutil.Process()
    found = yunet.detect(picture)
    held = process.memory_info().rss
    yunet.rest()
    give_back_free_memory()
    assert process.memory_info().rss < held - 30_000_000
    again = yunet.detect(picture)
    assert all((one == other).all() for one, other in zip(found, again, strict=True))


def test_blank_picture(yunet: YuNet) -> None:
    assert len(yunet.detect(draw(size=(64, 48))).boxes) == 0


@pytest.mark.parametrize("behind", [COFFEE, GRASS, GRAVEL, ROCKET], ids=lambda ingredient: ingredient.file)
@pytest.mark.parametrize("width", [480, 1280, 2200])
def test_no_face_where_there_is_none(yunet: YuNet, behind: Ingredient, width: int) -> None:
    """A cup and some stones look like faces from afar."""
    assert len(yunet.detect(draw(size=(width, width * 9 // 16), behind=behind)).boxes) == 0
