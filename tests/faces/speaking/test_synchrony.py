"""How well a mouth goes with the sound."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking.soundtrack import Soundtrack, articulation
from mediaflow_assets.faces.speaking.synchrony import (
    MAX_SYNC,
    SHIFTS,
    shift_chances,
    sync_evidence,
    synchrony,
)
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.speech.audio import SAMPLE_RATE
from tests.faces.speaking.talking import TOTAL, heard, mouth, speech_samples


@pytest.fixture(scope="module")
def speech() -> Soundtrack:
    return heard(speech_samples())


def together(tracks: dict[int, FaceTrack], sound: Soundtrack) -> dict[int, NDArray[np.float64]]:
    return synchrony(tracks, {number: np.ones(len(track.frames), bool) for number, track in tracks.items()}, sound)


@pytest.mark.parametrize("milliseconds", [0, 140, -120])
def test_a_mouth_goes_with_its_voice_also_where_the_sound_comes_late_or_early(
    speech: Soundtrack, milliseconds: int
) -> None:
    tracks = {1: mouth(speech, milliseconds=milliseconds), 2: mouth(speech, later=137)}
    found = together(tracks, speech)
    assert np.median(found[1]) > 0.5
    assert np.median(found[2]) < 0.15


def test_all_faces_have_one_shift(speech: Soundtrack) -> None:
    """Beside somebody whose voice is in time, one whose mouth would need a shift of its own is not in time."""
    alone = together({1: mouth(speech, milliseconds=160, noise=0.06)}, speech)[1]
    beside = together({1: mouth(speech, milliseconds=160, noise=0.06), 2: mouth(speech, noise=0)}, speech)[1]
    assert np.median(alone) > 0.3
    assert np.median(beside) < 0.1


def test_a_film_that_is_put_together_has_a_shift_for_each_part(speech: Soundtrack) -> None:
    half = TOTAL // 2
    parts = {
        1: mouth(speech, milliseconds=120, frames=np.arange(half)),
        2: mouth(speech, milliseconds=-120, frames=np.arange(half, TOTAL)),
    }
    found = together(parts, speech)
    assert np.median(found[1]) > 0.5
    assert np.median(found[2]) > 0.5


def test_who_speaks_for_a_moment_goes_with_the_sound_in_it(speech: Soundtrack) -> None:
    """The others go on; a mouth that rests then tells nothing against it."""
    turn = (np.arange(TOTAL) >= 300) & (np.arange(TOTAL) < 330)
    jaw = np.where(turn, mouth(speech).jaw, 0.3 + np.random.default_rng(1).normal(0, 0.002, TOTAL))
    tracks = {1: FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), jaw, jaw), 2: mouth(speech)}
    assert together(tracks, speech)[1][turn].min() > 0.3


def test_near_shifts_are_likelier_beforehand_and_no_evidence_is_against_a_face() -> None:
    nothing_seen = shift_chances(np.zeros((len(SHIFTS), 3)))
    chances = dict(zip(SHIFTS, nothing_seen[:, 1].tolist(), strict=True))
    assert chances[0] == max(chances.values())
    assert chances[40] > chances[100] > chances[-200] == 0
    assert nothing_seen.sum(axis=0) == pytest.approx(1)
    found = sync_evidence(np.array([-0.5, 0.1, 0.3, 0.9, np.nan]))
    assert found.tolist() == pytest.approx([0, 0, 1.2, MAX_SYNC, 0])


def test_what_is_not_known_and_what_is_not_heard_tell_nothing(speech: Soundtrack) -> None:
    short = mouth(speech, frames=np.arange(20))
    unknown = FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), np.full(TOTAL, np.nan), np.full(TOTAL, np.nan))
    found = together({1: short, 2: unknown}, speech)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[2]).all()
    assert not together({1: mouth(speech)}, heard(np.zeros(0, np.float32)))[1].any()
    assert together({}, speech) == {}


def test_the_second_formant_is_heard_and_the_rest_of_the_voice_is_not() -> None:
    """A tone of 2 kHz gets louder after a second; one of 200 Hz gets softer there."""
    times = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    louder = np.where(times < 1, 0.02, 0.1) * np.sin(2 * np.pi * 2000 * times)
    softer = np.where(times < 1, 0.5, 0.1) * np.sin(2 * np.pi * 200 * times)
    change = articulation((louder + softer).astype(np.float32), 100).at(0)
    assert change.shape == (100,)
    assert change[24:26].min() > 0.05
    assert np.abs(change[40:90]).max() < 0.01
    later = articulation((louder + softer).astype(np.float32), 100).at(400)
    assert later[14:16] == pytest.approx(change[24:26])
