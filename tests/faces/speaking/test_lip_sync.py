"""The offset of a sound from mouths that were moved by it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking.lip_sync import sound_offset
from mediaflow_assets.faces.speaking.soundtrack import rms_per_frame
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.speech.audio import SAMPLE_RATE
from tests.faces.speaking.talking import speech_samples

Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def conversation() -> Sound:
    return speech_samples()


def faces(sound: Sound, seed: int, cut: int | None = None) -> dict[int, FaceTrack]:
    """One mouth that opens with the loudness, not quite; from frame ``cut`` on another face's."""
    loudness = np.log(np.maximum(rms_per_frame(sound, SAMPLE_RATE, 750, 25), 0.003))
    generator = np.random.default_rng(seed)
    jaw = np.clip(0.1 * (loudness + 6) + generator.normal(0, 0.05, 750), 0, 1)
    frames = np.arange(750)
    ends = [range(750)] if cut is None else [range(cut), range(cut, 750)]
    return {
        number: FaceTrack(frames[list(rows)], np.zeros((len(rows), 4), int), jaw[list(rows)], 2 * jaw[list(rows)])
        for number, rows in enumerate(ends, start=1)
    }


def later(sound: Sound, milliseconds: int) -> Sound:
    """The sound by so much later; earlier when it is negative."""
    samples = milliseconds * SAMPLE_RATE // 1000
    return np.pad(sound, (samples, 0)) if samples > 0 else sound[-samples:]


@pytest.mark.parametrize("shift", [0, 40, 80, -80, 200, -200, 400, -400])
@pytest.mark.parametrize("cut", [None, 320])
def test_the_shift_of_a_sound_is_found(conversation: Sound, shift: int, cut: int | None) -> None:
    tracks = faces(conversation, seed=1, cut=cut)
    speaking = {number: np.ones(len(track.frames), bool) for number, track in tracks.items()}
    found = sound_offset(tracks, speaking, later(conversation, shift))
    assert found is not None
    assert abs(found - shift) <= 20


def test_mouths_that_go_with_another_sound_tell_nothing(conversation: Sound) -> None:
    for seed in range(5):
        tracks = faces(conversation, seed)
        elsewhere = np.roll(conversation, (seed + 2) * 4 * SAMPLE_RATE)
        assert sound_offset(tracks, {1: np.ones(750, bool)}, elsewhere) is None


def test_a_short_speech_tells_nothing(conversation: Sound) -> None:
    tracks = faces(conversation, seed=1)
    speaking = np.zeros(750, bool)
    speaking[100:400] = True
    assert sound_offset(tracks, {1: speaking}, conversation) is None


def test_a_mouth_that_is_not_known_tells_nothing(conversation: Sound) -> None:
    unknown = np.full(750, np.nan)
    tracks = {1: FaceTrack(np.arange(750), np.zeros((750, 4), int), unknown, unknown)}
    assert sound_offset(tracks, {1: np.ones(750, bool)}, conversation) is None
    assert sound_offset({}, {}, np.zeros(0, np.float32)) is None
