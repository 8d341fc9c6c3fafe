from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from pyannote.core import Annotation, Timeline
from pyannote.core import Segment as Interval
from pyannote.metrics.diarization import DiarizationErrorRate

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS, SpeakerHints
from mediaflow_assets.speech.engines.pyannote_local import PyannoteLocal
from mediaflow_assets.speech.settings import SpeechSettings


def diarize(engine: PyannoteLocal, waveform: Waveform, hints: SpeakerHints = NO_HINTS) -> list[Segment]:
    return list(engine.process(waveform, hints, lambda _fraction, _step: None).segments)


def speakers(segments: Sequence[Segment]) -> set[str]:
    return {segment.speaker for segment in segments}


def annotation(segments: Sequence[Segment]) -> Annotation:
    result = Annotation()
    for number, segment in enumerate(segments):
        result[Interval(segment.start, segment.end), number] = segment.speaker
    return result


def test_two_people_on_the_telephone(engine: PyannoteLocal, conversation: Waveform, truth: list[Segment]) -> None:
    reports: list[tuple[float, str]] = []
    threads = torch.get_num_threads()
    segments = engine.process(conversation, NO_HINTS, lambda fraction, step: reports.append((fraction, step))).segments

    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    error = metric(annotation(truth), annotation(segments), uem=Timeline([Interval(0, conversation.seconds)]))
    assert error < 0.08
    assert len(speakers(segments)) == 2
    assert all(0 <= one.start < one.end <= conversation.seconds for one in segments)

    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert {"segmentation", "embeddings"} <= {step for _, step in reports}
    assert torch.get_num_threads() == threads
    assert engine.device.device == "cpu"


def test_one_speaker_stays_one(engine: PyannoteLocal, alone: dict[str, Waveform]) -> None:
    for waveform in alone.values():
        segments = diarize(engine, waveform)
        assert len(speakers(segments)) == 1
        assert sum(one.end - one.start for one in segments) > 0.9 * waveform.seconds


@pytest.mark.slow
def test_the_number_of_speakers_can_be_said(engine: PyannoteLocal, conversation: Waveform) -> None:
    first_half = Waveform(conversation.samples[: 16 * SAMPLE_RATE])
    assert len(speakers(diarize(engine, first_half, SpeakerHints(maximum=1)))) == 1
    assert len(speakers(diarize(engine, conversation, SpeakerHints(exact=3)))) == 3


@pytest.mark.parametrize("seconds", [0, 0.01, 3, 12])
def test_silence_has_no_speaker(engine: PyannoteLocal, seconds: float) -> None:
    silence = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    assert diarize(engine, Waveform(silence)) == []


def test_noise_has_no_speaker(engine: PyannoteLocal) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 12 * SAMPLE_RATE).astype(np.float32)
    assert diarize(engine, Waveform(noise)) == []


def test_a_missing_model_is_named_before_anything_is_imported(tmp_path: Path) -> None:
    engine = PyannoteLocal(SpeechSettings(), ModelStore(tmp_path), ComputeSettings())
    with pytest.raises(Unavailable, match=r"pyannote-segmentation-3\.0"):
        engine.load()


def test_a_gpu_that_is_demanded_and_absent_is_an_error(
    model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    engine = PyannoteLocal(SpeechSettings(), model_store, ComputeSettings(device="cuda"))
    with pytest.raises(Unavailable, match="cuda"):
        engine.load()


def test_the_registry_knows_it() -> None:
    assert ENGINES.get("pyannote_local") is PyannoteLocal
    assert PyannoteLocal.name in ENGINES.names


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pyannote_local", "onnx_local"])
def test_no_network_socket_is_opened(
    name: str, model_store: ModelStore, conversation_path: Path, tmp_path: Path
) -> None:
    """The kernel kills the process at its first internet socket, whoever opens it in any language."""
    script = Path(__file__).with_name("diarize_without_network.py")

    # Some libraries report nothing from a machine that calls itself CI; users have no such luck.
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    tempted = run("--open-a-socket")
    assert tempted.returncode < 0, "the ban does not work here, so the test below proves nothing"
    done = run(str(model_store.folder), str(conversation_path), name)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["speakers"] == 2
    assert result["python_sockets"] == []
