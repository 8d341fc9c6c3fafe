"""The speech stage for one video: read the sound once, tell who speaks when, write the document."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.speech.audio import read_waveform
from mediaflow_assets.speech.engines import NO_HINTS, DiarizationEngine, SpeakerHints
from mediaflow_assets.speech.timeline import active_speakers, in_order_of_speech, overlap_seconds, speech_seconds
from mediaflow_assets.timebase import FPS

CODE_VERSION = "1"


def analyse_video(
    video: Path,
    total_frames: int,
    engine: DiarizationEngine,
    output: Path,
    hints: SpeakerHints = NO_HINTS,
    *,
    video_filename: str | None = None,
    progress: Callable[[float, str], None] = lambda _fraction, _step: None,
) -> dict[str, Any]:
    """Write the full audio document of one 25-fps master and describe it.

    Args:
        video: the master.
        total_frames: its counted frames; sound after the last one is not analysed.
        engine: loaded here when it is not yet, and not at all for a video without sound.
        output: the document to write.
        hints: what is known of the number of speakers.
        video_filename: the name that the document gives, if not that of ``video``.
        progress: told the fraction done and the step.

    Returns:
        The video's row in the metadata table.

    Raises:
        BadInput: the audio track cannot be decoded.
        Unavailable: a model or the demanded device is missing.
    """
    waveform = read_waveform(video, total_frames / FPS)
    segments = []
    seconds = 0.0
    if waveform is not None:
        engine.load()
        started = time.monotonic()
        segments = in_order_of_speech(engine.process(waveform, hints, progress))
        seconds = time.monotonic() - started
    head = AudioHead(
        video_filename=video_filename or video.name,
        total_frames=total_frames,
        has_audio=waveform is not None,
        engine=engine.name,
        segments=tuple(segments),
    )
    write_audio(output, head, active_speakers(segments, total_frames))
    speech = speech_seconds(segments)
    return {
        "has_audio": waveform is not None,
        "speakers": len(speech),
        "speech_seconds": speech,
        "overlap_seconds": overlap_seconds(segments),
        "segments": len(segments),
        "audio_seconds": round(waveform.seconds, 3) if waveform else 0.0,
        "audio_seconds_per_second": round(waveform.seconds / seconds, 1) if waveform and seconds else None,
        "engine": engine.name,
        "device": engine.device.device if waveform else None,
        "device_reason": engine.device.reason if waveform else "there is no sound to analyse",
    }
