"""The asset: what makes words anew and what does not, and the words that Lemonfox brings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mediaflow_assets.assets import transcript_json as stage
from mediaflow_assets.assets.audio_json import audio_json
from mediaflow_assets.assets.transcript_json import transcript_json
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.transcript_json import read_transcript
from tests.transcripts.conftest import Graph

SAID = [("Bonjour,", 1.0, 1.4, "SPEAKER_00"), ("c'est", 1.5, 1.7, "SPEAKER_00"), ("…", 1.7, 1.8, "SPEAKER_00")]
ANSWERED = [("Zoé.", 3.0, 3.5, "SPEAKER_01")]


def _segment(number: int, said: list[tuple[str, float, float, str]], **more: object) -> dict[str, object]:
    text = " ".join(word for word, *_ in said)
    return {"id": number, "start": said[0][1], "end": said[-1][2], "text": text, "speaker": said[0][3], **more}


def _words(said: list[tuple[str, float, float, str]], *, speakers: bool) -> list[dict[str, object]]:
    return [
        {"word": f" {word}", "start": start, "end": end} | ({"speaker": speaker} if speakers else {})
        for word, start, end, speaker in said
    ]


DOCUMENTED = {
    "task": "transcribe",
    "language": "french",
    "duration": 12.0,
    "text": "Bonjour, c'est … Zoé.",
    "segments": [_segment(0, SAID), _segment(1, ANSWERED)],
    "words": _words(SAID + ANSWERED, speakers=True),
}
"""``verbose_json`` with ``timestamp_granularities[]=word`` and ``speaker_labels=true``."""
IN_SEGMENTS = {
    "segments": [
        _segment(0, SAID, words=_words(SAID, speakers=False)),
        _segment(1, ANSWERED, words=_words(ANSWERED, speakers=False)),
    ]
}


class Service:
    """Answers every request with :attr:`reply`."""

    def __init__(self) -> None:
        self.reply: dict[str, object] = DOCUMENTED
        self.status = 200
        self.asked = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                service.asked += 1
                content = json.dumps(service.reply).encode()
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def lemonfox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("SPEECH_ENGINE", "lemonfox")
    monkeypatch.setenv("LEMONFOX_API_KEY", "planted-key")
    monkeypatch.setenv("LEMONFOX_URL", f"http://127.0.0.1:{service.server.server_port}")
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


@pytest.mark.parametrize("reply", [DOCUMENTED, IN_SEGMENTS], ids=["words beside", "words in segments"])
def test_words_of_lemonfox_are_a_transcript(
    project: ProjectFolders, graph: Graph, lemonfox: Service, reply: dict[str, object]
) -> None:
    lemonfox.reply = reply
    assert graph.materialize().success
    document = read_transcript(project.document("transcripts", "v"))
    assert (document.engine, document.model, document.language) == ("lemonfox", "lemonfox", "")
    assert [(word.text, word.start, word.end) for word in document.words] == [
        ("Bonjour,", 1.0, 1.4),
        ("c'est", 1.5, 1.7),
        ("Zoé.", 3.0, 3.5),
    ]
    assert {word.probability for word in document.words} == {None}
    assert {word.speaker for word in document.words} == {None}
    captions = (project.analysis("transcripts") / "exports" / "v.vtt").read_text(encoding="utf-8")
    assert "<v SPEAKER_00>Bonjour, c'est</v>" in captions
    assert "<v SPEAKER_01>Zoé.</v>" in captions
    assert lemonfox.asked == 1
    assert graph.made_anew(graph.materialize(), "transcript_json") == 0


def test_other_words_of_lemonfox_are_another_transcript(
    project: ProjectFolders, graph: Graph, lemonfox: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graph.materialize().success
    lemonfox.reply = {**DOCUMENTED, "words": _words([("Bonsoir", 1.0, 1.4, "SPEAKER_00"), *ANSWERED], speakers=True)}
    monkeypatch.setenv("LEMONFOX_DEFAULT_LANGUAGE", "french")
    assert graph.materialize().success
    assert [word.text for word in read_transcript(project.document("transcripts", "v")).words] == ["Bonsoir", "Zoé."]


def test_a_stand_in_for_lemonfox_brings_no_words_and_says_so(
    project: ProjectFolders, graph: Graph, lemonfox: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    lemonfox.status = 400
    monkeypatch.setenv("LEMONFOX_FALLBACK", "1")
    result = graph.materialize(audio_json, transcript_json, stage.every_video_is_transcribed)
    assert result.success, "the delivery does without words"
    assert read_audio_head(project.document("audio", "v")).engine == "onnx_local"
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert "v.mov: was not heard by Lemonfox (onnx_local told its speakers apart)" in (check.description or "")
    assert not project.document("transcripts", "v").exists()


def test_without_word_times_nothing_is_written(
    project: ProjectFolders, graph: Graph, lemonfox: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEMONFOX_TIMESTAMP_GRANULARITIES", "segment")
    lemonfox.reply = {"segments": [_segment(0, SAID)]}
    assert graph.materialize().success
    assert not project.document("transcripts", "v").exists()


def test_telling_speakers_apart_anew_makes_no_words_anew(
    project: ProjectFolders, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPEECH_TRANSCRIBE", "whisper")
    monkeypatch.setenv("SPEECH_LANGUAGE", "en")
    assert graph.made_anew(graph.materialize(), "transcript_json") == 1
    before = read_transcript(project.document("transcripts", "v"))
    assert before.words
    monkeypatch.setenv("SPEECH_NUM_SPEAKERS", "1")
    again = graph.materialize()
    assert graph.made_anew(again, "audio_json") == 1
    assert {one.speaker for one in read_audio_head(project.document("audio", "v")).segments} == {"SPEAKER_00"}
    assert graph.made_anew(again, "transcript_json") == 0
    # Names are other words: those are made anew, and nobody is told apart for them.
    monkeypatch.setenv("SPEECH_VOCABULARY", "Camille, Zoé")
    renamed = graph.materialize()
    assert graph.made_anew(renamed, "audio_json") == 0
    assert graph.made_anew(renamed, "transcript_json") == 1


def test_english_that_is_listened_to_as_french_is_doubted(
    project: ProjectFolders, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPEECH_TRANSCRIBE", "whisper")
    monkeypatch.setenv("SPEECH_LANGUAGE", "fr")
    result = graph.materialize(audio_json, transcript_json, stage.language_plausible)
    found = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert found == {"language_plausible": False}
