from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.sample.faces import PEOPLE, Person, cut_out, face_box


@pytest.mark.parametrize("person", PEOPLE)
def test_the_face_is_opaque_and_the_surroundings_are_not(person: Person) -> None:
    image, box = cut_out(person)
    opacity = image[:, :, 3]
    middle = opacity[
        box.y + box.height // 4 : box.y + 3 * box.height // 4, box.x + box.width // 4 : box.x + 3 * box.width // 4
    ]
    assert middle.min() == 255
    assert opacity[0, 0] == opacity[0, -1] == 0
    assert 0.2 < (opacity > 127).mean() < 0.8


@pytest.mark.parametrize("person", PEOPLE)
def test_the_box_lies_in_the_picture(person: Person) -> None:
    image, box = cut_out(person)
    assert box == face_box(person)
    assert 0 <= box.x < box.x + box.width <= image.shape[1]
    assert 0 <= box.y < box.y + box.height <= image.shape[0]


def test_there_are_two_people_and_their_pictures_cannot_be_spoiled() -> None:
    collins, hopper = cut_out("collins").image, cut_out("hopper").image
    assert collins.shape != hopper.shape
    with pytest.raises(ValueError, match="read-only"):
        collins[:] = np.uint8(0)
