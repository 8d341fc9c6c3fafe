"""Several mouths move while one voice is heard: whose goes with it?

On its own a mouth is judged by how much it moves and how it goes with the sound; a mouth that talks without sound may
pass both. Beside another one it can be told: the one who is heard goes with the sound better
(:mod:`~mediaflow_assets.faces.speaking.synchrony`). So where several faces move theirs as in speech, each is compared
with the best of the others. A mouth that moves alone is not judged by this: it may be dubbed, and the voice still be
its.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.tracks import FaceTrack

Values = NDArray[np.float64]

GAIN = 30.0
"""Log-likelihood ratio for a correlation that is higher by one."""
MAX_CONTEST = 4.0
REACH = 62
"""Frames (2.5 s) from a frame to the middles of the windows before and after it."""
ENOUGH = 0.35
"""Correlation above which a mouth goes with the sound as well as any: two who take turns within a window both do."""


def contest_evidence(
    tracks: Mapping[int, FaceTrack], moving: Mapping[int, NDArray[np.bool_]], together: Mapping[int, Values]
) -> dict[int, Values]:
    """Log-likelihood ratio of each face in each of its frames; 0 where no other mouth moves.

    Args:
        tracks: all faces by id.
        moving: of each face, in which of its frames the mouth moves as in speech.
        together: of each face, :func:`~mediaflow_assets.faces.speaking.synchrony.synchrony` in its frames.
    """
    found = {number: np.zeros(len(track.frames)) for number, track in tracks.items()}
    total = max((int(track.frames[-1]) + 1 for track in tracks.values()), default=0)
    known = {number: moving[number] & ~np.isnan(together[number]) for number in tracks}
    moved = np.zeros(total, np.int64)
    for number, track in tracks.items():
        moved[track.frames] += known[number]
    contested = {number: known[number] & (moved[track.frames] > 1) for number, track in tracks.items()}
    compared = {
        number: np.clip(_best_around(tracks[number], together[number]), 0, ENOUGH)
        for number, rows in contested.items()
        if rows.any()
    }
    # In each frame the best of all, who it is, and the best of the others.
    best, second = np.full(total, -np.inf), np.full(total, -np.inf)
    whose = np.full(total, -1)
    for number, correlation in compared.items():
        rows = contested[number]
        frames, values = tracks[number].frames[rows], correlation[rows]
        leads = values > best[frames]
        second[frames] = np.where(leads, best[frames], np.maximum(second[frames], values))
        best[frames] = np.where(leads, values, best[frames])
        whose[frames] = np.where(leads, number, whose[frames])
    for number, correlation in compared.items():
        rows = contested[number]
        frames = tracks[number].frames[rows]
        rival = np.where(whose[frames] == number, second[frames], best[frames])
        found[number][rows] = np.clip(GAIN * (correlation[rows] - rival), -MAX_CONTEST, MAX_CONTEST)
    return found


def _best_around(track: FaceTrack, correlation: Values) -> Values:
    """The best of the windows before a frame, around it and after it.

    Where one speaker follows the other, the window around tells of both.
    """
    dense = np.interp(np.arange(track.frames[0], track.frames[-1] + 1), track.frames, correlation)
    half = min(REACH, len(dense) - 1)
    before = np.concatenate([np.full(half, dense[0]), dense[: len(dense) - half]])
    after = np.concatenate([dense[half:], np.full(half, dense[-1])])
    best = np.maximum(dense, np.maximum(before, after))
    return np.asarray(best[track.frames - track.frames[0]], np.float64)
