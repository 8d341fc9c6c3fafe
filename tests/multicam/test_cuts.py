"""The cut list: who speaks is shown, no shot is too short or too long, every frame has one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaflow_assets.multicam.angles import Seen, closeness, widest
from mediaflow_assets.multicam.checkerboard import TOGETHER, checkerboard
from mediaflow_assets.multicam.cuts import Cut, Rules, choose, cut_list
from mediaflow_assets.reframing.voices import Turn

LEFT, RIGHT, WIDE = 0, 1, 2
TOTAL = 1500


def shown(turns: list[Turn], label: str, total: int, height: float, faces: int = 1, **changes: Any) -> Seen:
    """An angle on one speaker: the face is seen to speak when it does."""
    speaking = np.zeros(total, np.float32)
    for turn in turns:
        if label in ("", turn.label):
            speaking[turn.first - 1 : turn.last] = height
    return Seen(**({"covered": np.ones(total, bool), "speaking": speaking, "faces": np.full(total, faces)} | changes))


def three(turns: list[Turn], total: int = TOTAL) -> list[Seen]:
    return [shown(turns, "A", total, 0.4), shown(turns, "B", total, 0.4), shown(turns, "", total, 0.12, 2)]


def cut(turns: list[Turn], seen: list[Seen] | None = None, **rules: float) -> list[Cut]:
    angles = seen or three(turns)
    return cut_list(turns, closeness(turns, angles), angles, widest(angles), Rules(**rules))


def test_each_speaker_has_the_nearest_angle_and_cuts_come_before_the_words() -> None:
    turns = [Turn(1, 250, "A"), Turn(251, 500, "B"), Turn(501, 750, "A")]
    found = cut(turns, three(turns, 750))
    assert [item.angle for item in found] == [LEFT, RIGHT, LEFT]
    assert [item.first for item in found] == [1, 246, 496]
    assert [item.why for item in found] == ["speaks"] * 3
    assert [item.speakers for item in found] == [("A",), ("B",), ("A",)]


def test_interjections_cut_nothing() -> None:
    turns = [Turn(1, 400, "A"), Turn(150, 160, "B"), Turn(300, 312, "B")]
    assert [item.angle for item in cut(turns, three(turns, 400))] == [LEFT]


def test_several_at_once_are_shown_in_the_wide_angle() -> None:
    turns = [Turn(1, 300, "A"), Turn(200, 300, "B"), Turn(301, 400, "B")]
    found = cut(turns, three(turns, 400))
    assert [(item.angle, item.why) for item in found] == [(LEFT, "speaks"), (WIDE, "together"), (RIGHT, "speaks")]


def test_a_voice_from_off_screen_is_no_close_up() -> None:
    turns = [Turn(1, 250, "A"), Turn(251, 500, "C")]
    seen = [shown(turns, "A", 500, 0.4), shown(turns, "B", 500, 0.4), shown(turns, "A", 500, 0.12, 2)]
    assert [item.angle for item in cut(turns, seen)] == [LEFT, WIDE]


def test_a_long_turn_is_broken_by_another_angle() -> None:
    turns = [Turn(1, TOTAL, "A")]
    found = cut(turns, longest=20.0)
    assert {item.why for item in found} == {"speaks", "other angle"}
    assert max(item.last - item.first + 1 for item in found) <= 500
    shown_left = sum(item.last - item.first + 1 for item in found if item.angle == LEFT)
    assert shown_left > 0.85 * TOTAL


def test_an_angle_that_did_not_run_is_not_shown() -> None:
    turns = [Turn(1, 250, "A"), Turn(251, 500, "B")]
    late = np.arange(500) >= 400
    seen = [shown(turns, "A", 500, 0.4), shown(turns, "B", 500, 0.4, covered=late)]
    found = cut(turns, seen)
    assert [(item.angle, item.first) for item in found] == [(LEFT, 1), (RIGHT, 401)]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[Turn], int]:
    total = draw(st.integers(30, 2500))
    turns = []
    for label in "ABC"[: draw(st.integers(1, 3))]:
        at = draw(st.integers(1, 200))
        while at < total:
            last = min(total, at + draw(st.integers(1, 300)))
            turns.append(Turn(at, last, label))
            at = last + draw(st.integers(1, 300))
    return sorted(turns), total


@settings(max_examples=60, deadline=None)
@given(talk=conversations(), shortest=st.floats(0.4, 4), factor=st.floats(2, 6), data=st.data())
def test_every_list_keeps_the_rules(
    talk: tuple[list[Turn], int], shortest: float, factor: float, data: st.DataObject
) -> None:
    turns, total = talk
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    seen = [
        shown(turns, label, total, height, faces)
        for label, height, faces in (("A", 0.4, 1), ("B", 0.3, 1), ("", 0.1, int(random.integers(1, 4))))
    ]
    rules = Rules(shortest, shortest * factor)
    found = cut_list(turns, closeness(turns, seen), seen, widest(seen), rules)
    assert found[0].first == 1
    assert found[-1].last == total
    for before, after in itertools.pairwise(found):
        assert after.first == before.last + 1
        assert after.angle != before.angle
    lengths = [item.last - item.first + 1 for item in found]
    least, most = round(rules.shortest * 25), round(rules.longest * 25)
    assert min(lengths) >= min(least, total)
    if total >= 2 * least and most >= 2 * least:
        assert max(lengths) <= most
    assert found == cut_list(turns, closeness(turns, seen), seen, widest(seen), rules)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), angles=st.integers(2, 3), total=st.integers(8, 16))
def test_no_other_list_earns_more(seed: int, angles: int, total: int) -> None:
    worth = np.random.default_rng(seed).random((angles, total)).astype(np.float32) * 25
    shortest, longest = 2, 5

    def value(parts: list[tuple[int, int, int]]) -> float:
        return sum(float(worth[k, a:b].sum()) / 25 for k, a, b in parts) - 0.8 * (len(parts) - 1)

    def every(start: int, last: int) -> Any:
        if start == total:
            yield []
            return
        for end in range(start + shortest, min(total, start + longest) + 1):
            for angle in range(angles):
                if angle != last:
                    for rest in every(end, angle):
                        yield [(angle, start, end), *rest]

    best = max(value(parts) for parts in every(0, -1))
    assert value(choose(worth, np.ones((angles, total), bool), shortest, longest)) == pytest.approx(best, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(talk=conversations())
def test_a_checkerboard_has_every_moment_once_and_each_voice_on_its_track(talk: tuple[list[Turn], int]) -> None:
    turns, total = talk
    pieces = checkerboard(turns, total)
    assert pieces[0].first == 1
    assert pieces[-1].last == total
    for before, after in itertools.pairwise(pieces):
        assert after.first == before.last + 1
        assert after.track != before.track
    for piece in pieces:
        heard = {turn.label for turn in turns if turn.first <= piece.last and turn.last >= piece.first}
        if piece.track != TOGETHER:
            assert piece.track in heard
            alone = [
                frame
                for frame in range(piece.first, piece.last + 1)
                if {turn.label for turn in turns if turn.first <= frame <= turn.last} - {piece.track}
            ]
            assert alone == []


def test_sound_in_which_nobody_speaks_is_one_piece() -> None:
    assert checkerboard([], 100) == [(1, 100, TOGETHER)]
