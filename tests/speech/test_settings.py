from __future__ import annotations

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.diarization import SpeakerHints
from mediaflow_assets.speech.settings import SpeechSettings


def test_defaults_are_the_profile_for_television() -> None:
    speech = Settings.load(None, {}).speech
    assert speech.engine == "onnx_local"
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


@pytest.mark.parametrize(
    ("values", "half_precision", "batch", "policy"),
    [
        ({}, False, 8, "auto"),
        ({"AUDIO_PROFILE": "gpu_optimized"}, True, 1, "auto"),
        ({"AUDIO_PROFILE": "gpu_fp32"}, False, 1, "auto"),
        ({"AUDIO_PROFILE": "gpu_no_amp", "AUDIO_PYANNOTE_BATCH_SIZE": "4"}, False, 4, "auto"),
        ({"AUDIO_PROFILE": "gpu_optimized", "AUDIO_ENABLE_AMP": "0"}, False, 1, "auto"),
        ({"AUDIO_PROFILE": "cpu_only"}, False, 8, "cpu"),
        ({"AUDIO_DISABLE_GPU": "1", "AUDIO_PYANNOTE_BATCH_SIZE": "-1"}, False, 8, "cpu"),
    ],
)
def test_legacy_names_choose_the_device(values: dict[str, str], half_precision: bool, batch: int, policy: str) -> None:
    settings = Settings.load(None, values)
    speech = settings.speech
    assert (speech.half_precision, speech.batch) == (half_precision, batch)
    assert speech.device_policy(settings.compute) == policy


def test_threads_of_speech() -> None:
    settings = Settings.load(None, {"AUDIO_CPU_WORKERS": "3", "MEDIAFLOW_THREADS": "2"})
    assert settings.speech.threads(settings.compute) == 3
    assert Settings.load(None, {"AUDIO_CPU_WORKERS": "0", "MEDIAFLOW_THREADS": "2"}).speech.cpu_workers is None


def test_a_result_does_not_depend_on_settings_of_other_engines() -> None:
    local = SpeechSettings(engine="onnx_local")
    assert local.recipe() == SpeechSettings(engine="onnx_local", lemonfox_bitrate=32, hub_pipeline="other").recipe()
    assert local.recipe() != SpeechSettings(engine="onnx_local", clustering_threshold=0.7).recipe()
    asked = SpeechSettings(engine="lemonfox")
    assert asked.recipe() != SpeechSettings(engine="lemonfox", lemonfox_bitrate=32).recipe()
