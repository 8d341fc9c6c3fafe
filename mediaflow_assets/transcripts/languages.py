"""Which language each speaker speaks. A speaker has one; a window of sound never mixes two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.formats.transcript_json import LanguageSpan
from mediaflow_assets.transcripts.windows import Window

Turns = list[Window]
MIN_TURN = 2.0
"""Seconds; shorter turns tell too little of a language."""
TURNS = 3
"""Of each speaker, that are listened to."""
MAX_LISTENED = 30.0
"""Seconds of a turn that the network sees."""


def longest_turns(segments: Sequence[Segment]) -> dict[str, Turns]:
    """Speaker to the longest turns; a speaker without a long one is judged by the longest there is."""
    turns: defaultdict[str, Turns] = defaultdict(list)
    for one in segments:
        turns[one.speaker].append((one.start, min(one.end, one.start + MAX_LISTENED)))
    longest = {}
    for speaker, found in turns.items():
        ordered = sorted(found, key=lambda turn: turn[0] - turn[1])
        longest[speaker] = [turn for turn in ordered[:TURNS] if turn[1] - turn[0] >= MIN_TURN] or ordered[:1]
    return longest


def windows_of_one_language(
    windows: Sequence[Window], segments: Sequence[Segment], spoken: Mapping[str, tuple[str, float]]
) -> list[LanguageSpan]:
    """Windows cut wherever the next turn is in another language.

    Args:
        spoken: speaker to (language, probability).
    """
    spans: list[LanguageSpan] = []
    ordered = sorted(segments, key=lambda one: one.start)
    for start, end in windows:
        inside = [one for one in ordered if one.end > start and one.start < end]
        first, previous = start, None
        for one in inside:
            language, probability = spoken[one.speaker]
            if previous is not None and language != previous[0] and one.start > first:
                border = round(one.start, 1)
                spans.append(LanguageSpan(first, border, *previous, "speaker"))
                first = border
            if previous is None or language != previous[0]:
                previous = language, probability
        if previous is not None and end > first:
            spans.append(LanguageSpan(first, end, *previous, "speaker"))
    return spans


def share_by_language(spans: Sequence[LanguageSpan]) -> dict[str, float]:
    """Language to seconds."""
    seconds: Counter[str] = Counter()
    for span in spans:
        seconds[span.language] += round((span.end - span.start) * 1000)
    return {language: milliseconds / 1000 for language, milliseconds in seconds.most_common()}
