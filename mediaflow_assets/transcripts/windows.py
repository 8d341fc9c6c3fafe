"""Which sound is listened to: the speech that was found, in windows that do not depend on who speaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from mediaflow_assets.formats.audio_json import Segment

Window = tuple[float, float]
"""Start and end in seconds, rounded to a tenth."""

MAX_PAUSE = 2.0
"""Seconds of silence over which speech is joined."""
MAX_WINDOW = 28.0
"""Seconds; the network sees 30 at a time (Radford et al. 2022, "Robust speech recognition via large-scale weak
supervision"), and less than all of it decodes no worse."""
PADDING = 0.2
"""Seconds of sound around speech; never more than half the pause, so that windows do not overlap."""


def speech_windows(segments: Iterable[Segment], seconds: float) -> list[Window]:
    """Windows in order, none longer than :data:`MAX_WINDOW`, none overlapping another.

    Speech is joined over pauses and cut at its longest pause where it is too long. Edges are
    rounded, because segments move by milliseconds when speakers are told apart anew: then the
    windows, and with them the transcript, stay.

    Args:
        segments: who speaks when; overlapping ones count once.
        seconds: length of the sound.
    """
    spoken = _union(segments, seconds)
    windows: list[Window] = []
    for group in _groups(spoken):
        windows += [(part[0][0], part[-1][1]) for part in _split(group)]
    return _padded(windows, seconds)


def digest(windows: Sequence[Window]) -> str:
    """sha256 of the windows: the transcript's only dependence on the diarization."""
    return hashlib.sha256(repr([(round(a, 1), round(b, 1)) for a, b in windows]).encode()).hexdigest()


def _union(segments: Iterable[Segment], seconds: float) -> list[Window]:
    spans = sorted((max(0.0, one.start), min(seconds, one.end)) for one in segments)
    union: list[Window] = []
    for start, end in spans:
        if end <= start:
            continue
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return union


def _groups(spoken: Sequence[Window]) -> list[list[Window]]:
    groups: list[list[Window]] = []
    for span in spoken:
        if groups and span[0] - groups[-1][-1][1] <= MAX_PAUSE:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _split(group: list[Window]) -> list[list[Window]]:
    """Cut at the longest pause until no part is too long; speech without a pause is cut by the clock."""
    start, end = group[0][0], group[-1][1]
    if end - start <= MAX_WINDOW:
        return [group]
    if len(group) == 1:
        count = int(-(-(end - start) // MAX_WINDOW))
        length = (end - start) / count
        return [[(start + index * length, start + (index + 1) * length)] for index in range(count)]
    place = max(range(1, len(group)), key=lambda index: (group[index][0] - group[index - 1][1], -index))
    return _split(group[:place]) + _split(group[place:])


def _padded(windows: Sequence[Window], seconds: float) -> list[Window]:
    padded: list[Window] = []
    for index, (start, end) in enumerate(windows):
        before = windows[index - 1][1] if index else 0.0
        after = windows[index + 1][0] if index + 1 < len(windows) else seconds
        first = round(start - min(PADDING, (start - before) / 2 if index else start), 1)
        last = round(end + min(PADDING, (after - end) / 2 if index + 1 < len(windows) else after - end), 1)
        first = max(first, padded[-1][1] if padded else 0.0)
        if last > first:
            padded.append((first, last))
    return padded
