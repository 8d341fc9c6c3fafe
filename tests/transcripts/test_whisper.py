"""The real network on real speech: the same words on every machine, nothing from the network, no words on silence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import AudioHead, Segment
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.ingredients import DIALOGUE, locate
from mediaflow_assets.sample.sound import speech_in
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform, read_waveform
from mediaflow_assets.transcripts.engines.whisper import Whisper
from mediaflow_assets.transcripts.model_folder import FILES, model_folder
from mediaflow_assets.transcripts.registry import Heard
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.transcripts.windows import speech_windows


@pytest.fixture(scope="module")
def conversation() -> Waveform:
    """30 s of two people on the telephone, in English."""
    waveform = read_waveform(locate(DIALOGUE))
    assert waveform is not None
    return waveform


TRUTH = [Segment(turn.start, turn.end, turn.speaker) for turn in speech_in("dialogue")]


def audio_of(segments: Sequence[Segment]) -> AudioHead:
    return AudioHead(video_filename="a.mp4", total_frames=750, segments=tuple(segments))


def transcribe(store: ModelStore, waveform: Waveform, workers: int = 1, **settings: object) -> Heard:
    chosen = TranscriptSettings(engine="whisper", **{"language": "en"} | settings)
    engine = Whisper(chosen, store, ComputeSettings(threads=workers))
    windows = speech_windows(TRUTH, waveform.seconds)
    return engine.process(waveform, windows, audio_of(TRUTH), lambda _: None)


@pytest.fixture(scope="module")
def heard(model_store: ModelStore, conversation: Waveform) -> Heard:
    return transcribe(model_store, conversation)


def test_what_is_said_is_written_where_it_is_said(heard: Heard) -> None:
    texts = [word.text.strip(".,?!").casefold() for word in heard.words]
    assert "hello" in texts[:6]
    assert 30 <= len(texts) <= 130
    assert all(word.start < word.end for word in heard.words)
    inside = [any(one.start - 0.1 <= word.start <= one.end + 0.1 for one in TRUTH) for word in heard.words]
    assert sum(inside) >= 0.9 * len(inside)


def test_what_is_heard_can_be_written(heard: Heard) -> None:
    assert msgspec.json.decode(msgspec.json.encode(list(heard.words)), type=list[TranscriptWord]) == list(heard.words)


def test_two_workers_hear_what_one_hears(model_store: ModelStore, conversation: Waveform, heard: Heard) -> None:
    assert transcribe(model_store, conversation, workers=2).words == heard.words


def test_each_speakers_language_is_found(model_store: ModelStore, conversation: Waveform) -> None:
    found = transcribe(model_store, conversation, language="auto", languages=("fr", "en"))
    assert {span.language for span in found.languages} == {"en"}
    assert {span.why for span in found.languages} == {"speaker"}


def test_silence_loads_no_model(tmp_path: Path) -> None:
    engine = Whisper(TranscriptSettings(engine="whisper"), ModelStore(tmp_path), ComputeSettings())
    heard = engine.process(Waveform(np.zeros(SAMPLE_RATE, np.float32)), [], audio_of([]), lambda _: None)
    assert not heard.words


def test_noise_that_was_taken_for_speech_gives_no_words(model_store: ModelStore) -> None:
    noise = Waveform(np.random.default_rng(1).normal(0, 0.05, 8 * SAMPLE_RATE).astype(np.float32))
    engine = Whisper(TranscriptSettings(engine="whisper"), model_store, ComputeSettings(threads=1))
    assert not engine.process(noise, [(0.0, 8.0)], audio_of([Segment(0, 8, "A")]), lambda _: None).words


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="mediaflow models fetch whisper-base"):
        model_folder(ModelStore(tmp_path), "whisper-base")


@pytest.mark.parametrize("lacking", FILES)
def test_a_folder_that_lacks_a_file_is_refused(tmp_path: Path, lacking: str) -> None:
    for name in FILES:
        if name != lacking:
            (tmp_path / name).write_bytes(b"x")
    with pytest.raises(Unavailable, match=f"lacks {lacking}"):
        model_folder(ModelStore(tmp_path), str(tmp_path))


def test_a_relative_name_is_never_taken_for_a_model_of_a_hub(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no model"):
        model_folder(ModelStore(tmp_path), "base")


def test_a_broken_model_is_one_sentence(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"{}")
    engine = Whisper(TranscriptSettings(engine="whisper", model=str(tmp_path)), ModelStore(tmp_path), ComputeSettings())
    with pytest.raises(BadInput, match="is no Whisper model that can be loaded"):
        engine.load()


def test_too_long_a_vocabulary_is_refused(model_store: ModelStore) -> None:
    names = tuple(f"Bettencourt{number}" for number in range(200))
    engine = Whisper(TranscriptSettings(engine="whisper", vocabulary=names), model_store, ComputeSettings())
    with pytest.raises(BadInput, match="SPEECH_VOCABULARY"):
        engine.load()


_WITHOUT_NETWORK = """
import socket, sys
from pathlib import Path

def refuse(*_, **__):
    raise AssertionError("a socket was opened")

socket.socket.__init__ = socket.create_connection = socket.getaddrinfo = refuse
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.transcripts.engines.whisper import Whisper
from mediaflow_assets.transcripts.settings import TranscriptSettings

Whisper(TranscriptSettings(engine="whisper"), ModelStore(Path(sys.argv[1])), ComputeSettings()).load()
print("loaded")
"""


def test_no_socket_is_opened(model_store: ModelStore) -> None:
    command = [sys.executable, "-c", _WITHOUT_NETWORK, str(model_store.folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.strip() == "loaded", done.stderr
