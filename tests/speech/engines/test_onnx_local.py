from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Segment as Interval
from pyannote.core import Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import NO_HINTS, SpeakerHints
from mediaflow_assets.speech.engines.onnx_local import OnnxLocal, evenly, windows_of
from mediaflow_assets.speech.settings import SpeechSettings
from mediaflow_assets.speech.windows import FRAME_STEP, WINDOW
from support.speech.annotation import annotation_of


@pytest.fixture(scope="module")
def light(model_store: ModelStore) -> OnnxLocal:
    engine = OnnxLocal(SpeechSettings(), model_store, ComputeSettings(device="cpu"))
    engine.load()
    return engine


def diarize(engine: OnnxLocal, waveform: Waveform, hints: SpeakerHints = NO_HINTS) -> list[Segment]:
    return list(engine.process(waveform, hints, lambda _fraction, _step: None).segments)


def test_two_people_on_the_telephone(light: OnnxLocal, conversation: Waveform, truth: list[Segment]) -> None:
    fractions: list[float] = []
    result = light.process(conversation, NO_HINTS, lambda fraction, _: fractions.append(fraction))
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    whole = Timeline([Interval(0, conversation.seconds)])
    assert metric(annotation_of(truth), annotation_of(result.segments), uem=whole) < 0.08
    assert all(0 <= one.start < one.end <= conversation.seconds for one in result.segments)
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert set(result.voices) == {one.speaker for one in result.segments}
    assert all(abs(np.linalg.norm(voice) - 1) < 1e-4 for voice in result.voices.values())


def test_one_speaker_stays_one(light: OnnxLocal, alone: dict[str, Waveform]) -> None:
    for waveform in alone.values():
        assert len({one.speaker for one in diarize(light, waveform)}) == 1


def test_one_person_is_not_two_because_two_were_asked_for(light: OnnxLocal, alone: dict[str, Waveform]) -> None:
    for waveform in alone.values():
        result = light.process(waveform, SpeakerHints(exact=2), lambda _fraction, _step: None)
        assert len({one.speaker for one in result.segments}) == 1
        (note,) = result.notes
        assert note.startswith("2 speakers were asked for, but only 1")


def test_who_says_little_is_heard_where_the_number_is_given(light: OnnxLocal, alone: dict[str, Waveform]) -> None:
    """A second and a half of somebody else amid the first speaker, who is not split instead."""
    first, second = (alone[speaker].samples for speaker in sorted(alone))
    half = len(first) // 2
    sound = Waveform(np.concatenate([first[:half], second[: 3 * SAMPLE_RATE // 2], first[half:]]))
    at = half / SAMPLE_RATE
    segments = diarize(light, sound, SpeakerHints(exact=2))
    assert len({one.speaker for one in segments}) == 2
    (other,) = {one.speaker for one in segments if one.start < at + 1 < one.end}
    assert all(at - 0.5 < one.start and one.end < at + 2.5 for one in segments if one.speaker == other)


@pytest.mark.parametrize("swapped", [False, True])
def test_who_says_little_at_the_end_is_heard(light: OnnxLocal, alone: dict[str, Waveform], swapped: bool) -> None:
    """A second and a half after ten of somebody else, where nobody says how many there are."""
    first, second = (alone[speaker].samples for speaker in sorted(alone, reverse=swapped))
    sound = Waveform(np.concatenate([first, second[: 3 * SAMPLE_RATE // 2]]))
    segments = diarize(light, sound)
    assert len({one.speaker for one in segments}) == 2
    *before, last = segments
    assert last.start == pytest.approx(len(first) / SAMPLE_RATE, abs=0.6)
    assert sum(one.end - one.start for one in before if one.speaker == last.speaker) < 1
    assert sum(one.end - one.start for one in before if one.speaker != last.speaker) > 8


@pytest.mark.parametrize("seconds", [0, 0.01, 3, 12])
def test_silence_has_no_speaker(light: OnnxLocal, seconds: float) -> None:
    assert diarize(light, Waveform(np.zeros(round(seconds * SAMPLE_RATE), np.float32))) == []


def test_the_number_of_speakers_can_be_said(light: OnnxLocal, conversation: Waveform) -> None:
    for count in (1, 2):
        assert len({one.speaker for one in diarize(light, conversation, SpeakerHints(exact=count))}) == count


def test_more_speakers_than_there_are_is_said(light: OnnxLocal, conversation: Waveform) -> None:
    fractions: list[float] = []
    result = light.process(conversation, SpeakerHints(exact=40), lambda fraction, _: fractions.append(fraction))
    assert len({one.speaker for one in result.segments}) < 40
    assert fractions == sorted(fractions)
    assert any(note.startswith("40 speakers were asked for, but only") for note in result.notes)


def test_of_short_sound_every_window_is_heard() -> None:
    assert [len(evenly(windows)) for windows in (1, 12, 59, 119, 150, 300, 1800)] == [1, 12, 59, 40, 31, 61, 361]
    assert evenly(1800)[-1] >= 1797


@pytest.mark.parametrize(
    ("seconds", "windows", "density"), [(3, 1, 4), (30, 41, 4), (45, 55, 3), (60, 53, 2), (90, 42, 1)]
)
def test_of_very_short_sound_there_are_more_windows(seconds: int, windows: int, density: int) -> None:
    starts, found, step = windows_of(seconds * SAMPLE_RATE)
    assert (len(starts), found) == (windows, density)
    assert {later - earlier for earlier, later in pairwise(starts)} <= {step * FRAME_STEP}
    # The last window is one of those that decide who talks, and reaches the end.
    assert (len(starts) - 1) % density == 0
    assert starts[-1] + WINDOW >= seconds * SAMPLE_RATE


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"pyannote-segmentation-3\.0"):
        OnnxLocal(SpeechSettings(), ModelStore(tmp_path), ComputeSettings()).load()


def test_torch_is_not_imported_once_the_models_are_made(light: OnnxLocal, model_store: ModelStore) -> None:
    script = """
import sys
from pathlib import Path
import numpy as np
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.diarization import NO_HINTS
from mediaflow_assets.speech.engines.onnx_local import OnnxLocal, evenly
from mediaflow_assets.speech.settings import SpeechSettings
engine = OnnxLocal(SpeechSettings(), ModelStore(Path(sys.argv[1])), ComputeSettings(device="cpu"))
engine.process(Waveform(np.zeros(16000, np.float32)), NO_HINTS, print)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, str(model_store.folder)], check=True, timeout=120)
