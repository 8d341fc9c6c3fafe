"""Several mouths move while one voice is heard: whose goes with it?

On its own a mouth is judged by how much it moves and by its opening (:mod:`lip_motion`); a mouth that talks without
sound passes both. Beside another one it can be told: the changes of jaw and lips of the one who is heard go with
those of the loudness, at every syllable. So where several faces move theirs as in speech, each is compared with the
best of the others. A mouth that moves alone is not judged by this: it may be dubbed, and the voice still be its.

The constants were chosen on one half of 48 pairs of driven photographs of which both talk and one is heard, see
``benchmarks/results/faces_speaking.md``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.tracks import FaceTrack

Values = NDArray[np.float64]

WINDOW = 125
"""Frames (5 s) over which a mouth is compared with the sound."""
GAIN = 40.0
"""Log-likelihood ratio for a correlation that is higher by one."""
MAX_CONTEST = 4.0
ENOUGH = 0.3
"""Correlation above which a mouth goes with the sound as well as any: two who take turns within a window both do."""
SMOOTHING_STD = 1.0
"""Frames; standard deviation for the mouth."""


def contest_evidence(
    tracks: Mapping[int, FaceTrack], moving: Mapping[int, NDArray[np.bool_]], rising: Values
) -> dict[int, Values]:
    """Log-likelihood ratio of each face in each of its frames; 0 where no other mouth moves.

    Args:
        tracks: all faces by id.
        moving: of each face, in which of its frames the mouth moves as in speech.
        rising: of every frame of the video, the change of the loudness,
            :func:`~mediaflow_assets.faces.speaking.soundtrack.loudness_change`.
    """
    found = {number: np.zeros(len(track.frames)) for number, track in tracks.items()}
    moved = np.zeros(len(rising), np.int64)
    for number, track in tracks.items():
        moved[track.frames] += moving[number]
    contested = {number: moving[number] & (moved[track.frames] > 1) for number, track in tracks.items()}
    together = {number: _together(track, rising) for number, track in tracks.items() if contested[number].any()}
    # In each frame the best of all, who it is, and the best of the others.
    best, second = np.full(len(rising), -np.inf), np.full(len(rising), -np.inf)
    whose = np.full(len(rising), -1)
    for number, correlation in together.items():
        rows = contested[number]
        frames, values = tracks[number].frames[rows], correlation[rows]
        leads = values > best[frames]
        second[frames] = np.where(leads, best[frames], np.maximum(second[frames], values))
        best[frames] = np.where(leads, values, best[frames])
        whose[frames] = np.where(leads, number, whose[frames])
    for number, correlation in together.items():
        rows = contested[number]
        frames = tracks[number].frames[rows]
        rival = np.where(whose[frames] == number, second[frames], best[frames])
        found[number][rows] = np.clip(GAIN * (correlation[rows] - rival), -MAX_CONTEST, MAX_CONTEST)
    return found


def _best_around(correlation: Values) -> Values:
    """The best of the windows that end with a frame, lie around it and begin with it.

    Where one speaker follows the other, the window around tells of both.
    """
    half = min(WINDOW // 2, len(correlation) - 1)
    before = np.concatenate([np.full(half, correlation[0]), correlation[: len(correlation) - half]])
    after = np.concatenate([correlation[half:], np.full(half, correlation[-1])])
    return np.asarray(np.maximum(correlation, np.maximum(before, after)), np.float64)


def _together(track: FaceTrack, rising: Values) -> Values:
    """Correlation of the changes of mouth and loudness around each frame of a face, the mean of jaw and lips."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    dense = np.arange(track.frames[0], track.frames[-1] + 1)
    sound = rising[dense]

    def mean(values: Values) -> Values:
        return np.asarray(uniform_filter1d(values, WINDOW, mode="nearest"))

    found = []
    for opening in (track.jaw, track.lips):
        known = ~np.isnan(opening)
        if known.sum() < 2:
            continue
        opened = np.interp(dense, track.frames[known], opening[known])
        change = np.gradient(gaussian_filter1d(opened, SMOOTHING_STD))
        # A cut or a lost landmark makes one jump that would outweigh five seconds of speech.
        most = np.quantile(np.abs(change), 0.9)
        change = np.clip(change, -most, most)
        covariance = mean(change * sound) - mean(change) * mean(sound)
        variances = (mean(change**2) - mean(change) ** 2) * (mean(sound**2) - mean(sound) ** 2)
        found.append(_best_around(covariance / np.sqrt(np.maximum(variances, 1e-14))))
    if not found:
        return np.zeros(len(track.frames))
    return np.asarray(np.minimum(np.mean(found, axis=0), ENOUGH)[track.frames - track.frames[0]], np.float64)
