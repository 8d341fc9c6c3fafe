"""Speech of a transcript made continuous: short pauses filled, short bursts dropped, in frames."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

from mediaflow_assets.core.timebase import FPS, active_frames
from mediaflow_assets.formats.audio_json import Segment

Timeline = Mapping[int, Sequence[str]]
"""1-based frame to its labels."""


def smooth_speech(
    timeline: Timeline, speech: Iterable[int], total_frames: int, *, fps: float = FPS, gap_fill: float, min_on: float
) -> tuple[dict[int, list[str]], list[int]]:
    """Fill pauses, then drop bursts; a frame count is ``ceil(seconds * fps)``.

    Args:
        timeline: labels of frames.
        speech: frames with speech, labelled or not.
        total_frames: frames after this one are left out.
        fps: nothing changes when it is not positive.
        gap_fill: seconds of a pause between speech that still count as speech (without a label).
        min_on: seconds below which a stretch of speech is dropped with its labels.
    """
    labels = {frame: list(names) for frame, names in timeline.items()}
    frames = set(speech)
    if fps <= 0 or total_frames <= 0:
        return labels, sorted(frames)
    longest_gap, shortest_run = math.ceil(max(gap_fill, 0) * fps), math.ceil(max(min_on, 0) * fps)
    frames = {frame for frame in frames if 1 <= frame <= total_frames}
    if longest_gap:
        ordered = sorted(frames)
        for before, after in itertools.pairwise(ordered):
            if 1 < after - before <= longest_gap + 1:
                frames.update(range(before + 1, after))
    if shortest_run > 1:
        frames = {frame for run in _runs(frames) if len(run) >= shortest_run for frame in run}
        labels = {frame: names for frame, names in labels.items() if frame in frames}
    return labels, sorted(frames)


def smooth_segments(segments: Sequence[Segment], duration: float, *, gap_fill: float, min_on: float) -> list[Segment]:
    """:func:`smooth_speech` on segments; a filled pause belongs to whoever speaks on both sides.

    A segment with an empty label is speech of somebody unknown. Where nothing was filled or
    dropped, segments keep their exact times.
    """
    total = math.ceil(duration * FPS)
    timeline: dict[int, list[str]] = {}
    for one in segments:
        for frame in active_frames(one.start, one.end, total):
            timeline.setdefault(frame, []).append(one.speaker)
    _, kept = smooth_speech(timeline, timeline, total, gap_fill=gap_fill, min_on=min_on)
    spoken = set(kept)
    smoothed = [one for one in segments if spoken.intersection(active_frames(one.start, one.end, total))]
    for run in _runs(spoken - set(timeline)):
        around = set(timeline.get(run[0] - 1, ())) & set(timeline.get(run[-1] + 1, ())) - {""}
        # A known speaker's filling reaches the middle of the frames beside it, which are spoken, so
        # that no hole remains; overlapping segments of one speaker are joined later.
        smoothed += [Segment((run[0] - 1.5) / FPS, (run[-1] + 0.5) / FPS, label) for label in sorted(around)]
        if not around:
            smoothed.append(Segment((run[0] - 1) / FPS, run[-1] / FPS, ""))
    return sorted(smoothed, key=lambda one: (one.start, one.speaker))


def _runs(frames: Iterable[int]) -> list[list[int]]:
    """Frames grouped into stretches without a hole."""
    runs: list[list[int]] = []
    for frame in sorted(frames):
        if runs and frame == runs[-1][-1] + 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs
