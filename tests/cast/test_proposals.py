"""Whom somebody without a name might be, by made vectors of known distance."""

from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.cast.person import CastPerson, FaceVector, VoiceVector
from mediaflow_assets.cast.proposals import Measured, propose
from mediaflow_assets.cast.register import now
from mediaflow_assets.cast.settings import CastSettings
from mediaflow_assets.cast.vectors import consistent

SETTINGS = CastSettings(enabled="on")
VIDEO = "ab" * 32


def face_at(distance: float, axis: int) -> tuple[float, ...]:
    """A face at this distance from the measured one, each axis away from the others."""
    values = np.zeros(128)
    values[axis] = distance
    return tuple(values.tolist())


def voice_like(cosine: float, axis: int) -> tuple[float, ...]:
    values = np.zeros(192)
    values[0], values[axis] = cosine, np.sqrt(1 - cosine**2)
    return tuple(values.tolist())


def person(name: str, axis: int, distance: float | None = None, cosine: float | None = None) -> CastPerson:
    faces = () if distance is None else (FaceVector(video=VIDEO, model="m", looks=6, values=face_at(distance, axis)),)
    voices = () if cosine is None else (VoiceVector(video=VIDEO, engine="e", values=voice_like(cosine, axis)),)
    return CastPerson(id=name, name=name, created_at=now(), learned_at=now(), by="me", faces=faces, voices=voices)


FACE = Measured(face=face_at(0, 1), face_model="m")
BOTH = Measured(face=face_at(0, 1), face_model="m", voice=voice_like(1.0, 1), voice_engine="e")


def proposed(people: list[CastPerson], measured: Measured, impossible: tuple[str, ...] = ()) -> str | None:
    found = propose(people, measured, SETTINGS, impossible)
    return found.person.name if found else None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(0.3, 0.6, "Anna"), (0.44, 0.6, "Anna"), (0.46, 0.9, None), (0.3, 0.37, None), (0.3, 0.39, "Anna")],
)
def test_near_enough_and_clearly_nearer_than_the_second(first: float, second: float, expected: str | None) -> None:
    assert proposed([person("Anna", 1, first), person("Ben", 2, second)], FACE) == expected


@pytest.mark.parametrize(("first", "second", "expected"), [(0.75, 0.5, "Anna"), (0.69, 0.2, None), (0.75, 0.66, None)])
def test_voices_alone(first: float, second: float, expected: str | None) -> None:
    voice = Measured(voice=voice_like(1.0, 1), voice_engine="e")
    assert proposed([person("Anna", 1, cosine=first), person("Ben", 2, cosine=second)], voice) == expected


def test_face_and_voice_that_agree_may_each_be_a_little_farther() -> None:
    assert proposed([person("Anna", 1, 0.48, 0.67), person("Ben", 2, 0.9, 0.1)], BOTH) == "Anna"
    assert proposed([person("Anna", 1, 0.48), person("Ben", 2, 0.9)], BOTH) is None
    assert proposed([person("Anna", 1, 0.52, 0.67), person("Ben", 2, 0.9, 0.1)], BOTH) is None


def test_face_and_voice_that_disagree_propose_nobody() -> None:
    assert proposed([person("Anna", 1, 0.2, 0.1), person("Ben", 2, 0.9, 0.95)], BOTH) is None
    assert proposed([person("Anna", 1, 0.2, 0.1), person("Ben", 2, 0.9, 0.3)], BOTH) == "Anna"


def test_for_want_of_the_nearest_the_second_is_not_proposed() -> None:
    people = [person("Anna", 1, 0.2), person("Ben", 2, 0.4)]
    assert proposed(people, FACE) == "Anna"
    assert proposed(people, FACE, ("Anna",)) is None


def test_vectors_of_another_network_or_engine_are_not_compared() -> None:
    anna = person("Anna", 1, 0.0, 1.0)
    assert proposed([anna], Measured(face=face_at(0, 1), face_model="other")) is None
    assert proposed([anna], Measured(voice=voice_like(1.0, 1), voice_engine="other")) is None
    assert proposed([anna], Measured(voice=voice_like(1.0, 1)[:100], voice_engine="e")) is None
    assert proposed([], FACE) is None


def test_a_look_at_another_face_is_left_out() -> None:
    hers = [np.array(face_at(0.1, axis)) for axis in (1, 2, 3)]
    assert len(consistent([*hers, np.array(face_at(0.9, 4))])) == 3
