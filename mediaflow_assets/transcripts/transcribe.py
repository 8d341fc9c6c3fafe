"""The transcript of one video: its speech listened to, its words written down."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.audio_json import AudioHead, read_audio_head
from mediaflow_assets.formats.transcript_json import Dropped, Transcript, TranscriptWord, write_transcript
from mediaflow_assets.speech.audio import Waveform, read_waveform
from mediaflow_assets.transcripts.languages import share_by_language
from mediaflow_assets.transcripts.registry import Heard, TranscriptionEngine
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.transcripts.windows import Window, digest, speech_windows

CODE_VERSION = "2"
EXCERPT = 300
"""Characters of text that the node shows."""


def depends_on(audio: Path, engine: TranscriptionEngine) -> dict[str, str]:
    """Name to sha256 of what a transcript takes from the full audio document of its video."""
    head = read_audio_head(audio)
    speech = {"speech": digest(_windows(head))}
    if engine.listens:
        return speech
    return {**speech, "words": hashlib.sha256(msgspec.json.encode(head.words)).hexdigest()}


def _windows(head: AudioHead) -> list[Window]:
    return speech_windows(head.segments, head.total_frames / FPS)


def transcribe_video(
    video: Path,
    audio: Path,
    target: Path,
    engine: TranscriptionEngine,
    settings: TranscriptSettings,
    video_filename: str,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, object]:
    """Write the transcript of one 25-fps video and describe it; silence loads no model.

    Raises:
        BadInput: the sound cannot be decoded, or the model cannot be used.
        Unavailable: the model or a library is missing.
    """
    started = time.monotonic()
    head = read_audio_head(audio)
    windows = _windows(head)
    waveform = _sound(video, head, engine) if windows else None
    if waveform is None:
        windows, heard = [], Heard((), (), Dropped())
    else:
        heard = engine.process(waveform, windows, head, progress)
    document = Transcript(
        video_filename=video_filename,
        total_frames=head.total_frames,
        engine=engine.name,
        model=Path(settings.model).name if engine.listens else engine.name,
        model_sha256=engine.model_sha256,
        language=settings.language if engine.listens else "",
        languages=tuple(heard.languages),
        windows=tuple(windows),
        words=tuple(heard.words),
        dropped=heard.dropped,
        notes=heard.notes,
    )
    write_transcript(target, document)
    return {**_details(document, started), "other_language": round(heard.other_language, 2)}


def _sound(video: Path, head: AudioHead, engine: TranscriptionEngine) -> Waveform | None:
    if not engine.listens:
        return Waveform(np.zeros(0, np.float32))
    return read_waveform(video, head.total_frames / FPS)


def _details(document: Transcript, started: float) -> dict[str, object]:
    seconds = sum(end - start for start, end in document.windows)
    spent = max(time.monotonic() - started, 0.001)
    probabilities = [word.probability for word in document.words if word.probability is not None]
    return {
        "language": ", ".join(share_by_language(document.languages)),
        "language_probability": min((span.probability for span in document.languages), default=1.0),
        "words": len(document.words),
        "words_per_second": round(len(document.words) / seconds, 2) if seconds else 0.0,
        "median_probability": round(statistics.median(probabilities), 2) if probabilities else None,
        "dropped": document.dropped.no_speech + document.dropped.repetition,
        "repeated": longest_repetition(document.words),
        "speech_seconds": round(seconds, 1),
        "audio_seconds_per_second": round(seconds / spent, 1),
        "engine": document.engine,
        "model": document.model,
        "excerpt": " ".join(word.text for word in document.words)[:EXCERPT],
    }


def longest_repetition(words: Sequence[TranscriptWord], size: int = 3) -> int:
    """How often in a row the same ``size`` words come at most: networks that lose the thread repeat themselves."""
    texts = [word.text.casefold() for word in words]
    runs: Counter[int] = Counter()
    for shift in range(size):
        groups = [tuple(texts[index : index + size]) for index in range(shift, len(texts) - size + 1, size)]
        run = 0
        for number, group in enumerate(groups):
            run = run + 1 if number and group == groups[number - 1] else 1
            runs[shift] = max(runs[shift], run)
    return max(runs.values(), default=0)
