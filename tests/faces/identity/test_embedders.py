"""How faces are cut out for a network, and what it says of real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.alignment import decoded
from mediaflow_assets.faces.identity.embedders import FaceEmbedder
from mediaflow_assets.faces.registries import FACE_EMBEDDERS, FACE_ENGINES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.faces import PEOPLE
from tests.faces.clips import Placed, draw

Picture = NDArray[np.uint8]

EYES = {"dlib": ((47.7, 47.1), (100.3, 47.1)), "sface": ((38.3, 51.7), (73.5, 51.5))}
"""Where each network has the right eye and the left, x and y."""
SIDES = {"dlib": 150, "sface": 112}

every_network = pytest.mark.parametrize("name", FACE_EMBEDDERS.names)


def face(*points: Sequence[float] | NDArray[np.float64], **fields: object) -> Detection:
    keypoints = np.array(points, np.float32)
    return Detection(bbox=(0, 0, 40, 40), centroid=(20, 20), keypoints=keypoints, **fields)  # type: ignore[arg-type]


def frontal(eyes: float, **fields: object) -> Detection:
    """Its eyes ``eyes`` pixels apart, in the proportions of a grown-up."""
    return face(
        (0, 0), (eyes, 0), (eyes / 2, 0.57 * eyes), (0.09 * eyes, 1.15 * eyes), (0.92 * eyes, 1.15 * eyes), **fields
    )


@every_network
@pytest.mark.parametrize("angle", [0, 30, -80])
def test_the_eyes_of_a_chip_are_level_and_in_their_places(name: str, angle: float) -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    found = frontal(80)
    radians = np.radians(angle)
    turn = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    found.keypoints = ((found.keypoints - [40, 40]) @ turn + [200, 150]).astype(np.float32)
    for eye, colour in zip(found.keypoints, ((255, 0, 0), (0, 0, 255)), strict=False):
        cv2.circle(picture, eye.astype(int).tolist(), 4, colour, -1)
    data = FACE_EMBEDDERS.get(name).chip(picture, found)
    assert data is not None
    chip = decoded(data)
    assert chip.shape == (SIDES[name], SIDES[name], 3)
    for channel, expected in zip((0, 2), EYES[name], strict=True):
        rows, columns = np.nonzero(chip[:, :, channel] > 128)
        assert (columns.mean(), rows.mean()) == pytest.approx(expected, abs=2)


@every_network
def test_no_chip_of_what_cannot_be_recognized(name: str) -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    chip = FACE_EMBEDDERS.get(name).chip
    assert chip(picture, frontal(30)) is not None
    assert chip(picture, frontal(9)) is None
    assert chip(picture, frontal(30, interpolated=True)) is None
    assert chip(picture, Detection(bbox=(0, 0, 40, 40), centroid=(20, 20))) is None


def test_a_large_profile_has_a_chip_although_its_eyes_are_near_each_other() -> None:
    profile = face((30, 30), (38, 30), (55, 50), (34, 70), (40, 70))
    assert FACE_EMBEDDERS.get("sface").chip(np.zeros((100, 100, 3), np.uint8), profile) is not None


class Comparing:
    """One network, and the detector that finds the faces for it."""

    def __init__(self, name: str, store: ModelStore) -> None:
        settings = FaceSettings(engine="opencv_yunet")
        self.embedder: FaceEmbedder = FACE_EMBEDDERS.create(name, store)
        self._detector = FACE_ENGINES.create(settings.engine, settings, store, ComputeSettings(device="cpu"))
        self._detector.load()

    def vector(self, picture: Picture) -> NDArray[np.float64]:
        (found,) = self._detector.detect(picture, 0)
        chip = self.embedder.chip(picture, found)
        assert chip is not None
        return self.embedder.embed(decoded(chip))


@pytest.fixture(scope="module", params=FACE_EMBEDDERS.names)
def comparing(request: pytest.FixtureRequest, model_store: ModelStore) -> Iterator[Comparing]:
    yield Comparing(request.param, model_store)


def looks(person: str) -> list[Picture]:
    """The same photograph large, half as large, blurred and dark."""
    large = draw(Placed(person, 320, 180, 160), size=(640, 360))
    half = draw(Placed(person, 200, 150, 80), size=(640, 360))
    blurred = cv2.GaussianBlur(large, (0, 0), 4).astype(np.uint8)
    return [large, half, blurred, (large // 3).astype(np.uint8)]


def test_looks_at_one_person_are_nearer_than_two_people(comparing: Comparing) -> None:
    collins, hopper = ([comparing.vector(look) for look in looks(person)] for person in PEOPLE)
    limits = comparing.embedder.limits
    for one in (collins, hopper):
        assert all(np.linalg.norm(look - one[0]) < limits.one_person for look in one[1:])
    assert all(np.linalg.norm(a - b) > limits.one_person for a in collins for b in hopper)
