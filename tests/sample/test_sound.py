from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.sample.sound import Speech, parse_rttm, record, speech_in


def test_rttm_turns_come_sorted_and_other_lines_are_passed_over() -> None:
    lines = [
        "SPKR-INFO sample 1 <NA> <NA> <NA> unknown bob <NA> <NA>",
        "SPEAKER sample 1 2.500 0.400 <NA> <NA> bob <NA> <NA>",
        "",
        "SPEAKER sample 1 0.100 0.200 <NA> <NA> ann <NA> <NA>",
        "SPEAKER sample 1 2.500 0.100 <NA> <NA> ann <NA> <NA>",
    ]
    assert parse_rttm(lines) == (Speech(0.1, 0.3, "ann"), Speech(2.5, 2.6, "ann"), Speech(2.5, 2.9, "bob"))


def test_the_dialogue_has_two_speakers_who_once_overlap() -> None:
    turns = speech_in("dialogue")
    assert {turn.speaker for turn in turns} == {"speaker90", "speaker91"}
    assert len(turns) == 10
    assert turns[0] == Speech(6.69, 7.12, "speaker90")
    assert turns[-1].end == 30.0
    assert any(
        a.speaker != b.speaker and a.start < b.end and b.start < a.end for a in turns for b in turns if a is not b
    )


@pytest.mark.parametrize("sound", ["dialogue", "room"])
def test_a_track_is_as_long_as_asked(sound: str) -> None:
    samples, rate = record(sound, 7.5)
    assert samples.dtype == np.int16
    assert samples.shape == (round(7.5 * rate),)


def test_the_dialogue_is_louder_where_its_truth_has_speech() -> None:
    samples, rate = record("dialogue", 30)
    seconds = np.arange(samples.size) / rate
    spoken = np.zeros(samples.size, bool)
    for turn in speech_in("dialogue"):
        spoken |= (seconds >= turn.start) & (seconds < turn.end)
    loudness = np.abs(samples.astype(float))
    assert loudness[spoken].mean() > 3 * loudness[~spoken].mean()


def test_nobody_speaks_in_the_room_or_in_silence() -> None:
    assert speech_in("room") == speech_in(None) == ()
    samples, _ = record("room", 2)
    assert 0 < np.abs(samples).max() < 1000
