"""Who speaks when, in the formats of :mod:`mediaflow_assets.speech.exports`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from mediaflow_assets.core.timebase import FPS, frame_start
from mediaflow_assets.formats.audio_json import Segment, Word, read_audio_head
from mediaflow_assets.formats.heard import heard_segments
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.review.streams import reviewed_segments
from mediaflow_assets.speech import exports
from mediaflow_assets.transcripts import captions


def write_rttm(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>.rttm``."""
    segments, _ = _speech(source, lambda label: label)  # the format has no room for names of two words
    return exports.write_rttm(named(stem, ".rttm"), segments, source.video.stem) if segments else None


def write_vtt(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>.vtt``: what is said where an engine transcribed it, else who says it."""
    if source.cues:
        return captions.write_webvtt(named(stem, ".vtt"), source.cues)
    segments, words = _speech(source)
    return exports.write_webvtt(named(stem, ".vtt"), segments, words) if segments or words else None


def write_srt(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>.srt``, with the same text as the WebVTT file."""
    if source.cues:
        return captions.write_srt(named(stem, ".srt"), source.cues)
    segments, words = _speech(source)
    return exports.write_srt(named(stem, ".srt"), segments, words) if segments or words else None


def _speech(
    source: ExportSource, name_of: Callable[[str], str] | None = None
) -> tuple[list[Segment], tuple[Word, ...]]:
    """Segments and words of the document; those of the replaced application know speakers of frames only."""
    name = name_of or source.name_of
    document = source.video.documents.get("audio")
    if document is not None and document.record is not None:
        tracking = source.video.documents.get("tracking")
        heard = heard_segments(document.path, tracking.path if tracking else None)
        segments = reviewed_segments(heard, source.video.review)
        words = (
            replace(word, speaker=name(word.speaker)) if word.speaker else word
            for word in read_audio_head(document.path).words
        )
        return [replace(segment, speaker=name(segment.speaker)) for segment in segments], tuple(words)
    turns = [
        Segment(frame_start(first), last / FPS, name(label))
        for label, runs in source.speakers.items()
        for first, last in runs
    ]
    return sorted(turns, key=lambda turn: turn.start), ()
