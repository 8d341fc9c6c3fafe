"""The Lemonfox client against a server that misbehaves in every way that is known."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import NO_HINTS, Diarization, SpeakerHints
from mediaflow_assets.speech.engines.lemonfox import Lemonfox, encode
from mediaflow_assets.speech.settings import SpeechSettings

KEY = "lf-planted-key-0123456789"
SOUND = Waveform(np.random.default_rng(0).normal(0, 0.05, 3 * SAMPLE_RATE).astype(np.float32))
TWO = {
    "segments": [
        {"id": 0, "start": 0.0, "end": 1.0, "text": "Hello there", "speaker": "SPEAKER_07"},
        {"id": 1, "start": 1.5, "end": 99.0, "text": "Yes", "speaker": "SPEAKER_02"},
    ]
}

Answer = tuple[int, bytes, dict[str, str]]


def ok(reply: Any) -> Answer:
    return 200, json.dumps(reply).encode(), {}


class Fake:
    """Answers with what it is given, in order; the last answer comes again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[tuple[str, str, bytes]] = []
        self.delay = 0.0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.requests.append((self.path, self.headers["Authorization"], body))
                status, content, headers = fake.answers[min(len(fake.requests), len(fake.answers)) - 1]
                time.sleep(fake.delay)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def fake() -> Iterator[Fake]:
    fake = Fake()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    fake.server.shutdown()
    thread.join()
    fake.server.server_close()


@pytest.fixture
def make(fake: Fake, tmp_path: Path) -> Any:
    def build(**changes: Any) -> Lemonfox:
        values = {"lemonfox_api_key": KEY, "lemonfox_url": fake.url, "lemonfox_tries": 2, **changes}
        return Lemonfox(
            SpeechSettings(**{"lemonfox_replies": tmp_path / "replies", **values}),
            ModelStore(tmp_path),
            ComputeSettings(device="cpu"),
        )

    return build


def ask(engine: Lemonfox, hints: SpeakerHints = NO_HINTS) -> Diarization:
    return engine.process(SOUND, hints, lambda _fraction, _step: None)


def test_the_request_is_as_documented(fake: Fake, make: Any) -> None:
    fake.answers = [ok(TWO)]
    engine = make(lemonfox_language="french", lemonfox_granularities="word,segment")
    result = ask(engine, SpeakerHints(minimum=2, maximum=3))
    # The answer reaches beyond the sound.
    assert result.segments == [Segment(0.0, 1.0, "SPEAKER_07"), Segment(1.5, 3.0, "SPEAKER_02")]
    ((path, authorization, body),) = fake.requests
    assert (path, authorization) == ("/v1/audio/transcriptions", f"Bearer {KEY}")
    assert body.count(b'name="timestamp_granularities[]"') == 2
    for field, value in {
        "response_format": "verbose_json",
        "language": "french",
        "speaker_labels": "true",
        "min_speakers": "2",
        "max_speakers": "3",
    }.items():
        assert f'name="{field}"\r\n\r\n{value}\r\n'.encode() in body
    assert b'name="file"; filename="audio.ogg"' in body
    assert b"OggS" in body


def test_words_come_before_segments_and_take_their_speaker(fake: Fake, make: Any) -> None:
    words = [
        {"word": " Hello", "start": 0.0, "end": 0.4},
        {"word": "there", "start": 0.5, "end": 1.0},
        {"word": "Yes", "start": 1.6, "end": 2.0, "speaker": "SPEAKER_09"},
        {"word": "?"},
        {"word": "backwards", "start": 2.5, "end": 2.4},
    ]
    fake.answers = [ok({**TWO, "words": words})]
    result = ask(make())
    assert [(word.text, word.speaker) for word in result.words] == [
        ("Hello", "SPEAKER_07"),
        ("there", "SPEAKER_07"),
        ("Yes", "SPEAKER_09"),
    ]
    assert {one.speaker for one in result.segments} == {"SPEAKER_07", "SPEAKER_09"}
    # The pause of 0.1 s between the two words is filled with their speaker.
    assert sum(one.end - one.start for one in result.segments if one.speaker == "SPEAKER_07") >= 1.0


def test_speech_of_nobody_known_is_kept_without_a_label(fake: Fake, make: Any) -> None:
    fake.answers = [ok({"segments": [{"start": 0, "end": 1, "text": "who"}]})]
    result = ask(make())
    assert result.segments == [Segment(0.0, 1.0, "")]
    assert "did not say who" in result.notes[0]


def test_more_than_four_speakers_are_flagged(fake: Fake, make: Any) -> None:
    spoken = [{"start": n / 2, "end": n / 2 + 0.4, "text": "a", "speaker": f"S{n}"} for n in range(5)]
    fake.answers = [ok({"segments": spoken})]
    assert "at most 4" in ask(make()).notes[0]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_is_refused_for_now_is_sent_again(fake: Fake, make: Any, status: int) -> None:
    fake.answers = [(status, b"busy", {"Retry-After": "0"}), ok(TWO)]
    assert ask(make()).segments
    assert len(fake.requests) == 2


def test_a_service_that_stays_busy_may_be_tried_later(fake: Fake, make: Any) -> None:
    fake.answers = [(429, b"", {"Retry-After": "0"})]
    with pytest.raises(Interrupted, match=r"answers 429 \(2 tries\)"):
        ask(make())
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ((401, b"", {}), Unavailable, "LEMONFOX_API_KEY"),
        ((403, b"", {}), Unavailable, "LEMONFOX_API_KEY"),
        ((413, b"", {}), BadInput, "larger than Lemonfox accepts"),
        ((400, f"bad key {KEY}".encode(), {}), BadInput, r"400: bad key \*\*\*"),
        ((302, b"", {"Location": "http://127.0.0.1:9/steal"}), BadInput, "302"),
        ((200, b'{"segments": [{"start": 0', {}), Interrupted, "no transcript"),
        ((200, b"<html>", {}), Interrupted, "no transcript"),
        ((200, b"[]", {}), Interrupted, "no transcript"),
        ((200, b'{"text": "hello"}', {}), Interrupted, "without segments"),
        ((200, b'{"segments": [{"text": "no times"}]}', {}), Interrupted, "no transcript"),
        ((200, b"{}", {"Content-Length": "500"}), Interrupted, "broke off"),
    ],
)
def test_faults_are_explained_and_paid_for_once(
    fake: Fake, make: Any, answer: Answer, error: type[MediaflowError], text: str, tmp_path: Path
) -> None:
    fake.answers = [answer]
    with pytest.raises(error, match=text) as caught:
        ask(make())
    assert KEY not in str(caught.value)
    assert len(fake.requests) == 1
    assert not list(tmp_path.rglob("*.json")), "a reply that is no use is not kept"


def test_silence_is_not_asked_twice(fake: Fake, make: Any) -> None:
    """An answer that did not come may still have been charged."""
    fake.answers, fake.delay = [ok(TWO)], 1.0
    with pytest.raises(Interrupted, match=r"gave no answer within 0\.3 s"):
        ask(make(lemonfox_timeout=0.3))
    assert len(fake.requests) == 1


def test_nobody_listens(make: Any) -> None:
    with pytest.raises(Interrupted, match="cannot be reached"):
        ask(make(lemonfox_url="http://127.0.0.1:9", lemonfox_tries=1))


def test_nothing_is_paid_twice(fake: Fake, make: Any) -> None:
    fake.answers = [ok(TWO)]
    first = ask(make())
    assert ask(make()).segments == first.segments
    assert len(fake.requests) == 1
    # Another question is another request.
    ask(make(lemonfox_language="german"))
    assert len(fake.requests) == 2


def test_a_sound_over_the_limit_is_not_sent(fake: Fake, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    large = (bytes(2_000_001), "audio.ogg", "audio/ogg")
    monkeypatch.setattr("mediaflow_assets.speech.engines.lemonfox.encode", lambda *_: large)
    with pytest.raises(BadInput, match="LEMONFOX_MAX_UPLOAD_MB=2"):
        ask(make(lemonfox_max_upload_mb=2))
    assert fake.requests == []


@pytest.mark.parametrize(("codec", "magic"), [("opus", b"OggS"), ("aac", b"ftyp")])
def test_what_is_sent_is_small_and_whole(codec: str, magic: bytes, tmp_path: Path) -> None:
    from mediaflow_assets.speech.audio import read_waveform

    content, name, _ = encode(SOUND, codec, 32)
    assert magic in content[:12]
    assert len(content) < 3 * 32_000 / 8 * 1.6
    path = tmp_path / name
    path.write_bytes(content)
    waveform = read_waveform(path)
    assert waveform is not None
    assert abs(waveform.seconds - 3) < 0.15


def test_without_a_key_nothing_is_sent(fake: Fake, make: Any) -> None:
    with pytest.raises(Unavailable, match="LEMONFOX_API_KEY"):
        ask(make(lemonfox_api_key=None))
    assert fake.requests == []


def test_the_local_engine_only_if_allowed_and_said(
    fake: Fake, make: Any, model_store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.answers = [(401, KEY.encode(), {}), ok(TWO)]
    engine = make(lemonfox_fallback=True)
    engine._store = model_store
    result = ask(engine)
    assert result.engine == "onnx_local"
    assert "onnx_local was used instead of lemonfox" in result.notes[-1]
    # The next video is Lemonfox's again.
    assert ask(engine).engine == ""
    assert KEY not in caplog.text + str(result) + repr(engine._settings)
