"""Evidence of speaking from how much a face's own mouth moves.

Speaking opens the mouth four to six times a second (Chandrasekaran et al., 2009); smiling, tilting
and the noise of landmarks move it slowly or little. So the sign is the mean change from frame to
frame, over two thirds of a second, of ``jawOpen`` and of the gap between the lips: many people speak with a nearly
still jaw, and the lips of a listener part in a smile. What counts as much is relative to the
face: to how much its mouth moves at most, and to how much it moves at rest, while nobody is heard
(chewing).

The constants of the jaw were chosen on the clips of ``benchmarks/faces/speaking_clips.py``, those of the gap
on one half of the people of ``benchmarks/results/faces_speaking.md``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.tracks import FaceTrack

Values = NDArray[np.float64]

WINDOW = 17
"""Frames over which motion is averaged: 0.68 s."""
MIN_TURN, MAX_TURN = 0.010, 0.018
"""Change of jawOpen per frame at which speaking and silence are equally likely, for quiet and lively mouths."""
MIN_GAP_TURN, MAX_GAP_TURN = 0.008, 0.010
"""The same of the gap between the lips, in distances of the eyes' outer corners."""
JAW_WEIGHT = 0.3
"""Of the jaw beside the lips, where both are known."""
LIVELIEST_FACTOR = 0.4
RESTING_FACTOR = 1.5
MIN_RESTING_FRAMES = 50
"""So much silence is needed to know how much a mouth moves without speech."""
STEEPNESS = 3.0


def motion(frames: NDArray[np.int64], opening: Values) -> Values:
    """Mean absolute change of an opening per frame around each frame of one face.

    Args:
        frames: 0-based, rising, where the face is visible.
        opening: jawOpen or the gap between the lips, NaN where it is not known.

    Returns:
        Same shape; NaN where the face has no known value at all.
    """
    from scipy.ndimage import uniform_filter1d

    known = ~np.isnan(opening)
    if known.sum() < 2:
        return np.full(len(opening), np.nan)
    dense = np.arange(frames[0], frames[-1] + 1)
    change = np.abs(np.gradient(np.interp(dense, frames[known], opening[known])))
    averaged = uniform_filter1d(change, WINDOW, mode="nearest")
    return np.asarray(averaged[frames - frames[0]], np.float64)


def at_rest(silent: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The frames whose window of :func:`motion` is silent throughout.

    The pauses of a speaker are short: the mean motion around their frames is that of the speech on both sides.

    Args:
        silent: of every frame of the video, whether nobody is heard.
    """
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(silent, np.ones(WINDOW, bool), border_value=1), bool)


def mouth_motion_evidence(track: FaceTrack, resting: NDArray[np.bool_]) -> Values:
    """Log-likelihood ratio of speaking from the motion of jaw and lips; of the jaw alone where the lips are not known.

    Args:
        track: the face.
        resting: those of its frames that are :func:`at_rest`.
    """
    of_jaw = motion_evidence(motion(track.frames, track.jaw), resting)
    if track.gap is None or np.isnan(track.gap).all():
        return of_jaw
    of_gap = motion_evidence(motion(track.frames, track.gap), resting, (MIN_GAP_TURN, MAX_GAP_TURN))
    return JAW_WEIGHT * of_jaw + (1 - JAW_WEIGHT) * of_gap


def motion_evidence(
    moved: Values, resting: NDArray[np.bool_], turns: tuple[float, float] = (MIN_TURN, MAX_TURN)
) -> Values:
    """Log-likelihood ratio of speaking from :func:`motion`.

    Args:
        moved: of one face.
        resting: those of its frames that are :func:`at_rest`.
        turns: motion at which speaking and silence are equally likely, for quiet and lively mouths.
    """
    known = moved[~np.isnan(moved)]
    if not len(known):
        return np.zeros(len(moved))
    turn = float(np.clip(LIVELIEST_FACTOR * np.quantile(known, 0.95), *turns))
    idle = moved[resting & ~np.isnan(moved)]
    if len(idle) >= MIN_RESTING_FRAMES:
        turn = max(turn, RESTING_FACTOR * float(np.median(idle)))
    return np.nan_to_num(STEEPNESS * np.log(np.maximum(moved, 1e-4) / turn), nan=0.0)
