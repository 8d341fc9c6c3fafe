"""Shots with the cuts that people added and removed."""

from __future__ import annotations

from collections.abc import Sequence

from mediaflow_assets.review.edits import Cut

MOVED = 3
"""Frames: an added cut so near to one of the machine's moves that one."""
REMOVED = 12
"""Frames: how far the cut that a person removed may be elsewhere by another engine."""


def corrected_scenes(scenes: Sequence[tuple[int, int]], cuts: Sequence[Cut]) -> tuple[list[tuple[int, int]], list[str]]:
    """First and last frame of each shot, and what there is to say about each correction.

    Args:
        scenes: of the machine, contiguous from frame 1.
        cuts: in the order in which they were said.
    """
    total = scenes[-1][1]
    own = {first for first, _ in scenes[1:]}
    said: set[int] = set()
    remarks = []
    for cut in cuts:
        remarks.append(_add(cut.frame, own, said, total) if cut.value else _remove(cut.frame, own, said))
    starts = sorted({1, *own, *said})
    ends = [*(start - 1 for start in starts[1:]), total]
    return list(zip(starts, ends, strict=True)), remarks


def _add(frame: int, own: set[int], said: set[int], total: int) -> str:
    if not 1 < frame <= total:
        return f"there is no frame {frame} that a cut can be before"
    near = [start for start in own if start != frame and abs(start - frame) <= MOVED]
    own.difference_update(near)
    said.add(frame)
    return f"the cut at frame {near[0]} is moved" if near else ""


def _remove(frame: int, own: set[int], said: set[int]) -> str:
    near = sorted((abs(start - frame), start) for start in own | said if abs(start - frame) <= REMOVED)
    if not near:
        return "there is no such cut any more"
    own.discard(near[0][1])
    said.discard(near[0][1])
    return "" if near[0][0] == 0 else f"the cut is at frame {near[0][1]} now"
