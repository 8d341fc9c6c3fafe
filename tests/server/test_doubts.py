"""Places that a person should look at."""

from __future__ import annotations

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import Transition
from mediaflow_assets.server.doubts import doubts
from mediaflow_assets.server.lanes import Lane

SHOT = [Scene(1, 500), Scene(501, 504), Scene(505, 1000)]


def face(name: str, seen: list[tuple[int, int]], speaking: list[tuple[int, int]]) -> Lane:
    return Lane(id=name, label="face", chip=0, seen=seen, speaking=speaking)


def kinds(
    *lanes: Lane, voices: dict[str, list[tuple[int, int]]], jumps: list[tuple[int, str]] | None = None
) -> list[tuple[str, int, str]]:
    transitions = [Transition(500, "cut", 500, 500, 0.99), Transition(504, "cut", 504, 504, 0.99)]
    found = doubts(lanes, voices, SHOT, transitions, jumps or [], None)
    return [(doubt.kind, doubt.frame, doubt.who) for doubt in found]


def test_a_voice_while_every_face_is_silent() -> None:
    found = kinds(face("obj_1", [(1, 200)], [(1, 50)]), voices={"SPEAKER_00": [(30, 120)], "SPEAKER_01": [(300, 400)]})
    assert ("voice", 51, "SPEAKER_00") in found
    assert not [who for kind, _, who in found if kind == "voice" and who == "SPEAKER_01"], "nobody is seen then"


def test_two_faces_that_speak_at_once_for_a_second() -> None:
    one, other = face("obj_1", [(1, 200)], [(1, 100)]), face("obj_2", [(1, 200)], [(70, 150)])
    assert ("speaker", 70, "") in kinds(one, other, voices={})
    short = face("obj_2", [(1, 200)], [(80, 150)])
    assert not [kind for kind, *_ in kinds(one, short, voices={}) if kind == "speaker"]


def test_a_jump_at_a_cut_is_none() -> None:
    found = kinds(voices={}, jumps=[(100, "obj_1"), (501, "obj_1"), (505, "obj_1"), (700, "obj_2")])
    assert [(frame, who) for kind, frame, who in found if kind == "jump"] == [(100, "obj_1"), (700, "obj_2")]


def test_a_very_short_shot_may_be_none() -> None:
    assert [frame for kind, frame, _ in kinds(voices={}) if kind == "cut"] == [501]


def test_a_face_that_is_hardly_seen_needs_no_name() -> None:
    found = kinds(face("obj_1", [(1, 49)], []), face("obj_2", [(1, 50)], []), voices={})
    assert [who for kind, _, who in found if kind == "unnamed"] == ["obj_2"]
