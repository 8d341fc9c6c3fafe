"""What goes wrong in the documents, and that the picture stays calm and on the speaker all the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reframing.playback import crops_of
from mediaflow_assets.reframing.validity import problems
from support.drawn_documents import Drawn, planned, scenes_of, still

LENGTH = 1500
SIDES = {"obj_1": 420.0, "obj_2": 1500.0}


def in_turns(name: str) -> Callable[[int], bool]:
    """Two who speak for five seconds each."""
    return lambda frame: (frame - 1) // 125 % 2 == (name == "obj_2")


def flipped(says: Callable[[int], bool], part: float, seed: int) -> Callable[[int], bool]:
    """``says``, wrong in a part of the frames, in runs of 0.2 to 0.6 s."""
    random = np.random.default_rng(seed)
    wrong = np.zeros(LENGTH + 1, bool)
    while wrong.mean() < part:
        start = int(random.integers(1, LENGTH))
        wrong[start : start + int(random.integers(5, 16))] = True
    return lambda frame: says(frame) ^ bool(wrong[frame])


def whole_percent(document: Reframing, size: float = 160) -> float:
    """How long the one who truly speaks is whole."""
    crops = crops_of(document)
    shown = []
    for frame, (left, _, width, _) in enumerate(crops, start=1):
        name = next(name for name in SIDES if in_turns(name)(frame))
        shown.append(left <= SIDES[name] - size / 2 and SIDES[name] + size / 2 <= left + width)
    return 100 * float(np.mean(shown))


@pytest.mark.parametrize(("part", "least"), [(0.0, 97.0), (0.1, 92.0), (0.2, 80.0)])
def test_speech_that_is_given_to_the_wrong_one_for_moments(part: float, least: float) -> None:
    found = []
    for seed in range(1, 6):
        people = [
            Drawn(name, still(x), flipped(in_turns(name), part, 10 * seed + place))
            for place, (name, x) in enumerate(SIDES.items())
        ]
        document = planned(people, LENGTH)
        hold = document.measures.shortest_hold_s
        assert hold is not None
        assert hold >= 0.8
        assert document.measures.reversals == 0
        found.append(whole_percent(document))
    assert np.mean(found) >= least, found


def test_boxes_that_are_missing_now_and_then() -> None:
    people = [Drawn(name, still(x), in_turns(name)) for name, x in SIDES.items()]
    document = planned(people, LENGTH, missed=0.3)
    assert whole_percent(document) >= 98
    assert document.measures.pans_per_minute == 0


def test_a_face_that_is_lost_for_less_than_a_second_moves_nothing() -> None:
    gone = Drawn("obj_1", still(420), lambda frame: True, lambda frame: not 100 <= frame < 123)
    document = planned([gone, Drawn("obj_2", still(1500))], 300)
    assert len(document.segments) == len(document.keyframes) == 1


def test_one_person_with_two_ids_moves_nothing() -> None:
    first = Drawn("obj_1", still(700), lambda frame: True, lambda frame: frame <= 150)
    second = Drawn("obj_2", still(704), lambda frame: True, lambda frame: frame > 150)
    document = planned([first, second], 300)
    assert {key.easing for key in document.keyframes} == {"hold"}
    assert np.ptp(crops_of(document)[:, 0]) <= 8
    assert document.measures.pans_per_minute == document.measures.cuts_per_minute == 0


def test_a_face_wider_than_the_crop_is_centred_and_counted_apart() -> None:
    document = planned([Drawn("obj_1", still(1000), lambda frame: True, y=540, size=700)], 300)
    (left, _, width, _) = crops_of(document)[150]
    assert left + width / 2 == pytest.approx(1000, abs=2)
    assert document.measures.too_big_frames == 300
    assert document.measures.cut_face_percent == 0
    assert document.measures.speaker_whole_percent is None


def test_a_crowd_has_a_plan() -> None:
    random = np.random.default_rng(4)
    people = [
        Drawn(f"obj_{n}", lambda frame, x=x, n=n: x + 30 * np.sin(frame / 40 + n), size=60, y=300 + 20 * n)
        for n, x in enumerate(random.uniform(60, 1860, 30), start=1)
    ]
    document = planned(people, 500)
    assert not problems(document, scenes_of(500), 500)
    assert document.measures.reversals == 0
    assert max(len(segment.faces) for segment in document.segments) <= 6


def test_very_short_shots_have_one_framing_and_no_move() -> None:
    walker = Drawn("obj_1", lambda frame: 200 + 12.0 * frame, lambda frame: True)
    cuts = range(20, 120, 20)
    document = planned([walker, Drawn("obj_2", still(1500))], 120, cuts=cuts)
    assert [(segment.first, segment.begins) for segment in document.segments] == [
        (first, "shot") for first in range(1, 120, 20)
    ]
