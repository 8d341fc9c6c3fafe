"""Two mouths that talk while one voice is heard."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking.contest import MAX_CONTEST, contest_evidence
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack
from mediaflow_assets.faces.speaking.synchrony import synchrony
from mediaflow_assets.faces.tracks import FaceTrack
from tests.faces.speaking.talking import TOTAL, heard, mouth, speech_samples

Moving = dict[int, NDArray[np.bool_]]


@pytest.fixture(scope="module")
def speech() -> Soundtrack:
    return heard(speech_samples())


def evidence(tracks: dict[int, FaceTrack], moving: Moving, sound: Soundtrack) -> dict[int, NDArray[np.float64]]:
    return contest_evidence(tracks, moving, synchrony(tracks, moving, sound))


def all_moving(tracks: dict[int, FaceTrack]) -> dict[int, NDArray[np.bool_]]:
    return {number: np.ones(len(track.frames), bool) for number, track in tracks.items()}


def test_the_mouth_that_goes_with_the_sound_wins(speech: Soundtrack) -> None:
    tracks = {1: mouth(speech, later=137), 2: mouth(speech), 3: mouth(speech, later=290)}
    found = evidence(tracks, all_moving(tracks), speech)
    assert (found[2] > 0).mean() > 0.75
    assert (found[2] >= 0).mean() > 0.95
    assert (found[1] < 0).mean() > 0.75
    assert (found[3] < 0).mean() > 0.75
    assert max(np.abs(values).max() for values in found.values()) <= MAX_CONTEST


def test_a_mouth_that_moves_alone_is_not_judged(speech: Soundtrack) -> None:
    tracks = {1: mouth(speech, later=137), 2: mouth(speech)}
    moving = {1: np.ones(TOTAL, bool), 2: np.arange(TOTAL) < 300}
    found = evidence(tracks, moving, speech)
    assert (found[1][300:] == 0).all()
    assert (found[2][300:] == 0).all()
    assert (found[1][:300] < 0).mean() > 0.75


def test_two_who_speak_in_turn_do_not_beat_each_other(speech: Soundtrack) -> None:
    turns = np.arange(TOTAL) // 60 % 2
    jaw = mouth(speech).jaw
    tracks = {
        number: FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), opened, opened)
        for number, opened in ((1, np.where(turns == 0, jaw, 0.1)), (2, np.where(turns == 1, jaw, 0.1)))
    }
    found = evidence(tracks, all_moving(tracks), speech)
    assert (np.abs(found[1]) < 1).mean() > 0.7


def test_faces_that_are_not_together_are_not_compared(speech: Soundtrack) -> None:
    tracks = {1: mouth(speech, 137, np.arange(350)), 2: mouth(speech, 0, np.arange(350, TOTAL))}
    found = evidence(tracks, all_moving(tracks), speech)
    assert not np.concatenate(list(found.values())).any()


def test_without_sound_or_mouths_nobody_wins(speech: Soundtrack) -> None:
    unknown = FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), np.full(TOTAL, np.nan), np.full(TOTAL, np.nan))
    silence = heard(np.zeros(0, np.float32))
    tracks = {1: mouth(speech, later=137), 2: mouth(speech)}
    assert not np.concatenate(list(evidence(tracks, all_moving(tracks), silence).values())).any()
    tracks = {1: unknown, 2: unknown}
    found = evidence(tracks, all_moving(tracks), speech)
    assert not np.concatenate(list(found.values())).any()
    assert evidence({}, {}, silence) == {}
