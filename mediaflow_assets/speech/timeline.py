"""From speech segments to the speakers of every frame, and to numbers about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mediaflow_assets.core.timebase import active_frames
from mediaflow_assets.formats.audio_json import Segment

__all__ = [
    "Segment",
    "active_speakers",
    "in_order_of_speech",
    "labels_by_first_speech",
    "overlap_seconds",
    "speech_seconds",
]


def labels_by_first_speech(segments: Iterable[Segment]) -> dict[str, str]:
    """Labels of an engine to ``SPEAKER_00``, ``SPEAKER_01`` … by first speech; "" stays nobody known."""
    spoken = (one for one in _rounded(segments) if one.speaker)
    labels = dict.fromkeys(one.speaker for one in spoken)
    return {label: f"SPEAKER_{number:02d}" for number, label in enumerate(labels)}


def in_order_of_speech(segments: Iterable[Segment]) -> list[Segment]:
    """Segments sorted by start, with the labels of :func:`labels_by_first_speech`.

    Times are rounded to milliseconds, empty segments are dropped, and segments of one speaker
    that touch or overlap become one. Two who start at the same time are ordered by their old labels.
    """
    rounded = _rounded(segments)
    labels = labels_by_first_speech(rounded)
    merged: list[Segment] = []
    last_of: dict[str, int] = {}
    for one in rounded:
        label = labels.get(one.speaker, "")
        previous = last_of.get(label)
        if previous is not None and one.start <= merged[previous].end:
            merged[previous] = Segment(merged[previous].start, max(merged[previous].end, one.end), label)
        else:
            last_of[label] = len(merged)
            merged.append(Segment(one.start, one.end, label))
    return sorted(merged, key=lambda one: (one.start, one.speaker))


def _rounded(segments: Iterable[Segment]) -> list[Segment]:
    """Segments in whole milliseconds, without empty ones, in order of start and label."""
    rounded = (Segment(round(one.start, 3), round(one.end, 3), one.speaker) for one in segments)
    return sorted((one for one in rounded if one.end > one.start), key=lambda one: (one.start, one.speaker))


def active_speakers(segments: Iterable[Segment], total_frames: int) -> Iterator[tuple[str, ...]]:
    """The sorted labels of frame 1, 2 … ``total_frames``, one tuple for each.

    A speaker is active in a frame when the frame's midpoint lies in one of the segments. Memory
    grows with the segments, not with the frames.
    """
    starting: defaultdict[int, list[str]] = defaultdict(list)
    ending: defaultdict[int, list[str]] = defaultdict(list)
    for segment in segments:
        if frames := active_frames(segment.start, segment.end, total_frames):
            starting[frames.start].append(segment.speaker)
            ending[frames.stop].append(segment.speaker)
    talking: Counter[str] = Counter()
    labels: tuple[str, ...] = ()
    for frame in range(1, total_frames + 1):
        if frame in starting or frame in ending:
            talking.update(starting.pop(frame, ()))
            talking.subtract(ending.pop(frame, ()))
            labels = tuple(sorted(speaker for speaker, count in talking.items() if count))
        yield labels


def speech_seconds(segments: Iterable[Segment]) -> dict[str, float]:
    """Seconds that each speaker talks, by label; a speaker's own segments must not overlap."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for segment in segments:
        seconds[segment.speaker] += segment.end - segment.start
    return {speaker: round(seconds[speaker], 3) for speaker in sorted(seconds)}


def overlap_seconds(segments: Sequence[Segment]) -> float:
    """Seconds during which two or more speakers talk; a speaker's own segments must not overlap."""
    changes = sorted([(one.start, 1) for one in segments] + [(one.end, -1) for one in segments])
    overlap, talking, since = 0.0, 0, 0.0
    for time, change in changes:
        if talking > 1:
            overlap += time - since
        talking += change
        since = time
    return round(overlap, 3)
