from __future__ import annotations

import cv2
import numpy as np
import pytest

from mediaflow_assets.sample.camera import draw_frame
from mediaflow_assets.sample.faces import PEOPLE, Box, Person, cut_out
from mediaflow_assets.sample.ingredients import Picture, read_picture
from mediaflow_assets.sample.storyboard import FILMS, HEIGHT, INTERVIEW, WIDTH, Film
from mediaflow_assets.sample.truth import video_truth

every_film = pytest.mark.parametrize("film", FILMS, ids=lambda film: film.path)


@every_film
def test_faces_are_where_the_truth_says(film: Film) -> None:
    truth = video_truth(film, film.path)
    for shot, scene in zip(film.shots, truth.scenes, strict=True):
        for index, frame in ((0, scene.first), (shot.frames - 1, scene.last)):
            boxes = truth.faces_at(frame)
            picture = draw_frame(shot, index)
            for person in PEOPLE:
                likeness, x, y = _find(picture, person, boxes.get(person, Box(0, 0, 100, 120)))
                assert (likeness > 0.9) == (person in boxes)
                if person in boxes:
                    assert x == pytest.approx(boxes[person].x, abs=2)
                    assert y == pytest.approx(boxes[person].y, abs=2)


def _find(picture: Picture, person: Person, box: Box) -> tuple[float, float, float]:
    """Where in the whole picture a face of ``box``'s size is most like the person's.

    Returns the correlation and the left and top of the face. Only the middle of the face is
    compared: the corners of the box show the backdrop.
    """
    image, own = cut_out(person)
    face = image[own.y : own.y + own.height, own.x : own.x + own.width, :3]
    face = cv2.resize(face, (box.width, box.height), interpolation=cv2.INTER_AREA)
    left, top = box.width // 5, box.height // 5
    match = cv2.matchTemplate(picture, face[top:-top, left:-left], cv2.TM_CCOEFF_NORMED)
    _, likeness, _, (x, y) = cv2.minMaxLoc(match)
    return likeness, x - left, y - top


@every_film
def test_people_move_smoothly(film: Film) -> None:
    for track in video_truth(film, film.path).faces:
        boxes = np.array(track.boxes)
        assert np.abs(np.diff(boxes, axis=0)).max() <= 6
        assert np.ptp(boxes[:, 0]) >= 15


@every_film
def test_the_backdrop_always_fills_the_frame(film: Film) -> None:
    for shot in film.shots:
        height, width = read_picture(shot.backdrop.picture).shape[:2]
        for progress in (0, 0.5, 1):
            pose = shot.backdrop.move.at(progress)
            half_width, half_height = pose.height * width / height / 2, pose.height / 2
            assert pose.x - half_width <= 0 < WIDTH <= pose.x + half_width
            assert pose.y - half_height <= 0 < HEIGHT <= pose.y + half_height


def test_a_frame_is_the_same_every_time() -> None:
    shot = INTERVIEW.shots[2]
    picture = draw_frame(shot, 70)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, draw_frame(shot, 70))
    assert not np.array_equal(picture, draw_frame(shot, 71))
