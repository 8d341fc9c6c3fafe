"""Who is heard when, as a few turns instead of one entry per frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mediaflow_assets.formats.audio_json import AudioFrame
from mediaflow_assets.formats.heard import turns_of_labels


class Turn(NamedTuple):
    """A speaker is heard during the frames ``first..last``, from 1, both included."""

    first: int
    last: int
    label: str


def turns_of(frames: Iterable[AudioFrame]) -> list[Turn]:
    """The turns of an audio document, in order of their start."""
    labels = (frame.audio_info.active_speaker_labels for frame in frames)
    return [Turn(turn.first, turn.last, turn.speaker) for turn in turns_of_labels(labels)]


def heard(turns: list[Turn], first: int, last: int) -> tuple[str, ...]:
    """Labels heard during at least a fifth of the frames ``first..last``, the longest first."""
    seconds: dict[str, int] = {}
    for turn in turns:
        if turn.first > last:
            break
        overlap = min(turn.last, last) - max(turn.first, first) + 1
        if overlap > 0:
            seconds[turn.label] = seconds.get(turn.label, 0) + overlap
    enough = [label for label, frames in seconds.items() if frames * 5 >= last - first + 1]
    return tuple(sorted(enough, key=lambda label: (-seconds[label], label)))
