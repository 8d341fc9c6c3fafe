"""The transcript on the page of a video: turns of words, and how much each speaker says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.transcript_json import TranscriptWord

MAX_PAUSE = 8.0
"""Seconds of silence after which the same speaker begins a new paragraph."""
UNSURE = 0.5
"""Words of a lower probability are shown as doubtful."""


@dataclass(frozen=True)
class Turn:
    """What one speaker says at a stretch."""

    name: str
    """Of the person, else of the voice; empty when nobody is known."""
    words: tuple[TranscriptWord, ...]

    @property
    def first(self) -> int:
        """Frame in which it begins, from 1."""
        return frame_of(self.words[0].start)


@dataclass(frozen=True)
class Pace:
    """How much one speaker says."""

    name: str
    words: int
    per_minute: float | None
    """Words in a minute of this speaker's speech; None when that is not known."""


def frame_of(seconds: float) -> int:
    """The frame, from 1, that shows at a time."""
    return int(seconds * FPS + 1e-6) + 1


def turns_of(words: Sequence[TranscriptWord]) -> list[Turn]:
    """Words in paragraphs: another one at each change of speaker and after a long silence."""
    groups: list[list[TranscriptWord]] = []
    for word in words:
        last = groups[-1][-1] if groups else None
        if last is None or last.speaker != word.speaker or word.start - last.end > MAX_PAUSE:
            groups.append([])
        groups[-1].append(word)
    return [Turn(_name(group[0]), tuple(group)) for group in groups]


def paces(words: Sequence[TranscriptWord], seconds: Mapping[str, float]) -> list[Pace]:
    """Who says how much, the most talkative first.

    Args:
        seconds: speaker's label to seconds of speech.
    """
    counts = Counter(word.speaker or "" for word in words)
    names = {word.speaker or "": _name(word) for word in words}
    return [
        Pace(names[label], count, count / seconds[label] * 60 if seconds.get(label) else None)
        for label, count in counts.most_common()
    ]


def _name(word: TranscriptWord) -> str:
    return word.person or word.speaker or ""
