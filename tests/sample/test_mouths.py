"""Mouths that move with their voices."""

from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.sample.faces import PEOPLE, Person, cut_out
from mediaflow_assets.sample.mouths import openings, with_mouth
from mediaflow_assets.sample.storyboard import INTERVIEW, SILENT


def test_a_mouth_moves_while_its_voice_is_heard_and_rests_else() -> None:
    mouths = openings(INTERVIEW)
    assert len(mouths) == INTERVIEW.frames
    assert not any(mouths[:160]), "nobody has spoken yet"
    speaking = np.array([mouths[frame].get("hopper", 0.0) for frame in range(265, 360)])
    assert speaking.max() > 0.8
    assert np.abs(np.diff(speaking)).mean() > 0.05
    assert not any("collins" in mouths[frame] for frame in range(280, 360))


def test_the_listener_chews() -> None:
    (chewing,) = INTERVIEW.chewing
    moved = [frame[chewing.person] for frame in openings(INTERVIEW)[chewing.first : chewing.last + 1]]
    assert 0.2 < max(moved) < 0.5


def test_without_voices_nobody_moves() -> None:
    assert not any(openings(SILENT))


@pytest.mark.parametrize("person", PEOPLE)
def test_an_open_mouth_is_dark_and_the_rest_of_the_face_stays(person: Person) -> None:
    shut, wide = with_mouth(person, 0.0), with_mouth(person, 1.0)
    assert shut is cut_out(person)
    assert wide.box == shut.box
    changed = (wide.image != shut.image).any(axis=2)
    box = shut.box
    assert not changed[: box.y + box.height // 2].any(), "eyes and nose"
    assert 0.05 < changed[box.y : box.y + box.height, box.x : box.x + box.width].mean() < 0.5
