"""The speech stage for one video: read the sound once, tell who speaks when, write the document."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.audio_json import AudioHead, Segment, Word, write_audio
from mediaflow_assets.speech.audio import read_waveform
from mediaflow_assets.speech.diarization import NO_HINTS, Diarization, DiarizationEngine, SpeakerHints
from mediaflow_assets.speech.speaker_linking import Voices, project_labels
from mediaflow_assets.speech.timeline import active_speakers, labels_by_first_speech, overlap_seconds, speech_seconds
from mediaflow_assets.speech.timeline import in_order_of_speech as ordered

CODE_VERSION = "11"


def analyse_video(
    video: Path,
    total_frames: int,
    engine: DiarizationEngine,
    output: Path,
    hints: SpeakerHints = NO_HINTS,
    *,
    video_filename: str | None = None,
    known_voices: Voices | None = None,
    same_voice: float = 0.6,
    progress: Callable[[float, str], None] = lambda _fraction, _step: None,
) -> dict[str, object]:
    """Write the full audio document of one 25-fps master and describe it.

    Args:
        video: the master.
        total_frames: its counted frames; sound after the last one is not analysed.
        engine: loaded here when it is not yet, and not at all for a video without sound.
        output: the document to write.
        hints: what is known of the number of speakers.
        video_filename: the name that the document gives, if not that of ``video``.
        known_voices: labels and voices of the project so far, if labels shall be those of the
            project; None for labels of this video alone.
        same_voice: cosine from which a voice is a known one.
        progress: told the fraction done and the step.

    Returns:
        The video's row in the metadata table.

    Raises:
        BadInput: the audio track cannot be decoded.
        Unavailable: a model or the demanded device is missing.
        Interrupted: a service failed.
    """
    waveform = read_waveform(video, total_frames / FPS)
    heard = Diarization()
    seconds = 0.0
    if waveform is not None:
        engine.load()
        started = time.monotonic()
        heard = engine.process(waveform, hints, progress)
        heard = replace(heard, notes=(*waveform.notes, *heard.notes))
        seconds = time.monotonic() - started
    head = _head(heard, waveform is not None, video_filename or video.name, total_frames, heard.engine or engine.name)
    if known_voices is not None:
        head = _in_project(head, known_voices, same_voice)
    write_audio(output, head, active_speakers(head.segments, total_frames))
    speech = speech_seconds(head.segments)
    return {
        "has_audio": head.has_audio,
        "speakers": sum(label != "" for label in speech),
        "speech_seconds": {label or "unknown": length for label, length in speech.items()},
        "overlap_seconds": overlap_seconds(head.segments),
        "segments": len(head.segments),
        "audio_seconds": round(waveform.seconds, 3) if waveform else 0.0,
        "audio_seconds_per_second": round(waveform.seconds / seconds, 1) if waveform and seconds else None,
        "engine": head.engine,
        "device": engine.device.device if waveform else None,
        "device_reason": engine.device.reason if waveform else "there is no sound to analyse",
        "notes": list(head.notes),
    }


def _head(heard: Diarization, has_audio: bool, name: str, total_frames: int, engine: str) -> AudioHead:
    labels = labels_by_first_speech(heard.segments)
    return AudioHead(
        video_filename=name,
        total_frames=total_frames,
        has_audio=has_audio,
        engine=engine,
        segments=tuple(ordered(heard.segments)),
        words=tuple(_labelled(heard.words, labels)),
        voices={
            labels[label]: tuple(round(float(value), 4) for value in heard.voices[label])
            for label in labels
            if label in heard.voices
        },
        notes=heard.notes,
    )


def _labelled(words: Sequence[Word], labels: dict[str, str]) -> list[Word]:
    return [
        Word(round(word.start, 3), round(word.end, 3), word.text, labels.get(word.speaker or "") or None)
        for word in words
    ]


def _in_project(head: AudioHead, known: Voices, same_voice: float) -> AudioHead:
    """The document with the project's labels; speakers without a voice keep out of its numbers."""
    voiceless = sorted({one.speaker for one in head.segments if one.speaker} - set(head.voices))
    labels = project_labels(head.voices, known, same_voice)
    number = max((int(label.rpartition("_")[2]) for label in {*known, *labels.values()}), default=-1) + 1
    labels |= {label: f"SPEAKER_{number + index:02d}" for index, label in enumerate(voiceless)}
    segments = [Segment(one.start, one.end, labels.get(one.speaker, "")) for one in head.segments]
    words = [msgspec.structs.replace(word, speaker=labels.get(word.speaker or "")) for word in head.words]
    return msgspec.structs.replace(
        head,
        segments=tuple(sorted(segments, key=lambda one: (one.start, one.speaker))),
        words=tuple(words),
        voices={labels[label]: voice for label, voice in head.voices.items()},
        speaker_map={new: old for old, new in labels.items()},
    )
