"""Speech for other tools: RTTM for evaluation, WebVTT and SRT for players and editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.formats.audio_json import Segment, Word

if TYPE_CHECKING:
    from pysubs2 import SSAFile

_MAX_CUE = 6.0
"""Seconds of words in one subtitle (Netflix timed text guide: 7 s at most)."""


def write_exports(base: Path, segments: Sequence[Segment], words: Sequence[Word], *, name: str) -> list[Path]:
    """``<base>.rttm``, ``.vtt`` and ``.srt`` of one video called ``name``."""
    return [
        write_rttm(base.with_name(f"{base.name}.rttm"), segments, name),
        write_webvtt(base.with_name(f"{base.name}.vtt"), segments, words),
        write_srt(base.with_name(f"{base.name}.srt"), segments, words),
    ]


def write_rttm(path: Path, segments: Iterable[Segment], name: str | None = None) -> Path:
    """Rich Transcription Time Marked, one line for each segment (NIST RT-09 plan, appendix A).

    Args:
        path: the file to make.
        segments: speech in seconds.
        name: of the recording (default the stem of ``path``); white space becomes ``_``, since
            fields are separated by spaces. Speech of an unknown speaker is that of ``<NA>``.
    """
    recording = re.sub(r"\s+", "_", name or path.stem)
    text = ""
    for one in sorted(segments, key=lambda one: (one.start, one.end)):
        speaker = re.sub(r"\s+", "_", one.speaker.strip()) or "<NA>"
        text += f"SPEAKER {recording} 1 {one.start:.3f} {one.end - one.start:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
    return write_atomic(path, text)


def write_webvtt(path: Path, segments: Sequence[Segment], words: Sequence[Word] = ()) -> Path:
    """WebVTT with a voice tag for each turn; its words when there are some, else the label."""
    text = "WEBVTT\n"
    for event in _cues(segments, words):
        start, end = _clock(event.start), _clock(event.end)
        voice = f"<v {_escaped(' '.join(event.name.split()))}>" if event.name else ""
        text += f"\n{start} --> {end}\n{voice}{_escaped(event.text)}\n"
    return write_atomic(path, text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write_srt(path: Path, segments: Sequence[Segment], words: Sequence[Word] = ()) -> Path:
    """SubRip with ``SPEAKER_00: text`` for each turn; without words, the label alone."""
    cues = _cues(segments, words)
    for event in cues:
        if event.name and event.text != event.name:
            event.text = f"{event.name}: {event.text}"
    return write_atomic(path, cues.to_string("srt"))


def _cues(segments: Sequence[Segment], words: Sequence[Word]) -> SSAFile:
    """Subtitles in order of time: the speaker in ``name``, what is shown in ``text``."""
    from pysubs2 import SSAEvent, SSAFile

    cues = SSAFile()
    for start, end, speaker, text in _phrases(words) if words else _turns(segments):
        event = SSAEvent(start=round(start * 1000), end=round(end * 1000), name=speaker or "")
        # Not through the constructor: brackets and backslashes in speech are no markup.
        event.plaintext = text
        cues.append(event)
    cues.sort()
    return cues


def _turns(segments: Iterable[Segment]) -> list[tuple[float, float, str | None, str]]:
    return [(one.start, one.end, one.speaker, one.speaker) for one in segments]


def _phrases(words: Sequence[Word]) -> list[tuple[float, float, str | None, str]]:
    """Words of one speaker in a row, at most :data:`_MAX_CUE` long."""
    phrases: list[tuple[float, float, str | None, str]] = []
    for word in sorted(words, key=lambda word: word.start):
        text = word.text.strip()
        if not text:
            continue
        if phrases:
            start, end, speaker, before = phrases[-1]
            if speaker == word.speaker and word.end - start <= _MAX_CUE and word.start - end < 1:
                phrases[-1] = (start, max(end, word.end), speaker, f"{before} {text}")
                continue
        phrases.append((word.start, word.end, word.speaker, text))
    return phrases


def _clock(milliseconds: int) -> str:
    """``HH:MM:SS.mmm``."""
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:03d}"
