from __future__ import annotations

import pytest

from mediaflow_assets.errors import BadInput
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.engines import SpeakerHints


def test_defaults_are_the_profile_for_television() -> None:
    speech = Settings.load(None, {}).speech
    assert speech.engine == "pyannote_local"
    assert (speech.min_duration_off, speech.min_cluster_size) == (0.15, 3)
    assert speech.hints == SpeakerHints(None, None, None)


def test_speaker_counts_become_hints() -> None:
    values = {"SPEECH_MIN_SPEAKERS": "2", "SPEECH_MAX_SPEAKERS": "4", "SPEECH_NUM_SPEAKERS": "3"}
    assert Settings.load(None, values).speech.hints == SpeakerHints(exact=3, minimum=2, maximum=4)


@pytest.mark.parametrize(
    ("values", "explanation"),
    [
        ({"SPEECH_ENGINE": "nobody"}, "SPEECH_ENGINE='nobody'.*pyannote_local"),
        ({"SPEECH_MIN_SPEAKERS": "3", "SPEECH_MAX_SPEAKERS": "2"}, "SPEECH_MIN_SPEAKERS is greater than"),
        ({"SPEECH_NUM_SPEAKERS": "0"}, "SPEECH_NUM_SPEAKERS='0'"),
        ({"SPEECH_CLUSTERING_THRESHOLD": "2"}, "SPEECH_CLUSTERING_THRESHOLD='2'"),
    ],
)
def test_impossible_values_are_explained(values: dict[str, str], explanation: str) -> None:
    with pytest.raises(BadInput, match=explanation):
        Settings.load(None, values)
