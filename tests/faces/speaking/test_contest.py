"""Two mouths that talk while one voice is heard."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking.contest import MAX_CONTEST, contest_evidence
from mediaflow_assets.faces.speaking.soundtrack import loudness_change, rms_per_frame
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

TOTAL = 700


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    spec = find_spec("pyannote.audio")
    assert spec is not None
    assert spec.origin is not None
    waveform = read_waveform(Path(spec.origin).parent / "sample" / "sample.wav")
    assert waveform is not None
    return waveform.samples


def mouth(sound: NDArray[np.float32], later: int = 0, frames: NDArray[np.int64] | None = None) -> FaceTrack:
    """A mouth that opens with the loudness of the sound, or with that of another part of it."""
    loudness = np.log(np.maximum(rms_per_frame(sound, SAMPLE_RATE, TOTAL, 25), 0.003))
    jaw = np.clip(0.1 * (np.roll(loudness, later) + 6) + np.random.default_rng(later).normal(0, 0.03, TOTAL), 0, 1)
    shown = np.arange(TOTAL) if frames is None else frames
    return FaceTrack(shown, np.zeros((len(shown), 4), int), jaw[shown], jaw[shown])


def all_moving(tracks: dict[int, FaceTrack]) -> dict[int, NDArray[np.bool_]]:
    return {number: np.ones(len(track.frames), bool) for number, track in tracks.items()}


def test_the_mouth_that_goes_with_the_sound_wins(speech: NDArray[np.float32]) -> None:
    tracks = {1: mouth(speech, later=137), 2: mouth(speech), 3: mouth(speech, later=290)}
    found = contest_evidence(tracks, all_moving(tracks), loudness_change(speech, TOTAL))
    assert (found[2] > 0).mean() > 0.75
    assert (found[2] >= 0).mean() > 0.95
    assert (found[1] < 0).mean() > 0.75
    assert (found[3] < 0).mean() > 0.75
    assert max(np.abs(values).max() for values in found.values()) <= MAX_CONTEST


def test_a_mouth_that_moves_alone_is_not_judged(speech: NDArray[np.float32]) -> None:
    tracks = {1: mouth(speech, later=137), 2: mouth(speech)}
    moving = {1: np.ones(TOTAL, bool), 2: np.arange(TOTAL) < 300}
    found = contest_evidence(tracks, moving, loudness_change(speech, TOTAL))
    assert (found[1][300:] == 0).all()
    assert (found[2][300:] == 0).all()
    assert (found[1][:300] < 0).mean() > 0.75


def test_two_who_speak_in_turn_do_not_beat_each_other(speech: NDArray[np.float32]) -> None:
    turns = np.arange(TOTAL) // 60 % 2
    jaw = mouth(speech).jaw
    tracks = {
        number: FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), opened, opened)
        for number, opened in ((1, np.where(turns == 0, jaw, 0.1)), (2, np.where(turns == 1, jaw, 0.1)))
    }
    found = contest_evidence(tracks, all_moving(tracks), loudness_change(speech, TOTAL))
    assert (np.abs(found[1]) < 1).mean() > 0.7


def test_faces_that_are_not_together_are_not_compared(speech: NDArray[np.float32]) -> None:
    tracks = {1: mouth(speech, 137, np.arange(350)), 2: mouth(speech, 0, np.arange(350, TOTAL))}
    found = contest_evidence(tracks, all_moving(tracks), loudness_change(speech, TOTAL))
    assert not np.concatenate(list(found.values())).any()


def test_without_sound_or_mouths_nobody_wins(speech: NDArray[np.float32]) -> None:
    unknown = FaceTrack(np.arange(TOTAL), np.zeros((TOTAL, 4), int), np.full(TOTAL, np.nan), np.full(TOTAL, np.nan))
    silence = loudness_change(np.zeros(0, np.float32), TOTAL)
    tracks = {1: mouth(speech, later=137), 2: mouth(speech)}
    assert not np.concatenate(list(contest_evidence(tracks, all_moving(tracks), silence).values())).any()
    tracks = {1: unknown, 2: unknown}
    found = contest_evidence(tracks, all_moving(tracks), loudness_change(speech, TOTAL))
    assert not np.concatenate(list(found.values())).any()
    assert contest_evidence({}, {}, silence) == {}


def test_the_change_of_loudness_is_above_zero_where_it_gets_louder() -> None:
    sound = np.concatenate([np.full(SAMPLE_RATE, 0.01), np.full(SAMPLE_RATE, 0.1)]).astype(np.float32)
    change = loudness_change(sound, 60)
    assert change.shape == (60,)
    assert change[24:26].min() > 0
    assert np.abs(change[5:20]).max() == pytest.approx(0, abs=1e-6)
