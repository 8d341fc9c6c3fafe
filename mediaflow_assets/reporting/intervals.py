"""Runs of consecutive frames, collected one frame at a time."""

from __future__ import annotations

from collections.abc import Iterator


class Intervals:
    """Frames given in rising order, kept as (first, last) with both included."""

    def __init__(self) -> None:
        self._runs: list[list[int]] = []

    def add(self, frame: int) -> int:
        """Add a frame; returns the first frame of its run. A frame may be given again."""
        if self._runs and self._runs[-1][1] in (frame, frame - 1):
            self._runs[-1][1] = frame
        else:
            self._runs.append([frame, frame])
        return self._runs[-1][0]

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return sum(last - first + 1 for first, last in self._runs)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((first, last) for first, last in self._runs)

    def __len__(self) -> int:
        return len(self._runs)


def joined(runs: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """The same runs with pauses of up to ``gap`` frames filled."""
    filled: list[tuple[int, int]] = []
    for first, last in runs:
        if filled and first - filled[-1][1] - 1 <= gap:
            filled[-1] = filled[-1][0], last
        else:
            filled.append((first, last))
    return filled
