"""Evidence of speaking from a face's own mouth: how much the lips move, and whether with the voice.

Speaking opens the mouth four to six times a second (Chandrasekaran et al., 2009); smiling, tilting
and the noise of landmarks move it slowly or little. So the first sign is the mean change from frame to
frame, over two thirds of a second, of ``jawOpen`` and of the gap between the lips: many people speak with a nearly
still jaw, and the lips of a listener part in a smile. What counts as much is relative to the
face: to how much its mouth moves at most, and to how much it moves at rest, while nobody is heard
(chewing). The second sign is that jaw and lips are open when the sound is loud, over three seconds;
it tells a speaker from somebody who moves the mouth to another sound.

The constants of jaw and sound were chosen on the clips of ``benchmarks/faces/speaking_clips.py``, those of the gap
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
SYNC_WINDOW = 75
SYNC_GAIN, SYNC_AT_CHANCE, MAX_SYNC = 6.0, -1.0, 2.0
SMOOTHING_STD = 1.5
"""Frames; standard deviation for the comparison with loudness."""
MIN_RMS = 0.003
"""Root mean square below which sound is none."""


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


def sync_evidence(frames: NDArray[np.int64], jaw: Values, lips: Values, moving: Values, rms: Values) -> Values:
    """Log-likelihood ratio of speaking from how well the mouth follows the sound.

    The lips tell more than the jaw, but those of a listener and of a dubbed mouth also part now and then when
    it is loud. So they count in favour of speaking only where the jaw moves as in speech.

    Args:
        frames: 0-based, where the face is visible.
        jaw: as for :func:`motion`.
        lips: :func:`~mediaflow_assets.faces.tracks.lip_opening` in these frames, NaN where it is not known.
        moving: :func:`motion_evidence` in these frames.
        rms: root mean square of the sound of every frame of the video.
    """
    of_jaw = _sync(frames, jaw, rms)
    if np.isnan(lips).all():
        return of_jaw
    of_lips = _sync(frames, lips, rms)
    return np.where(moving > 0, of_lips, np.minimum(of_lips, of_jaw))


def _sync(frames: NDArray[np.int64], opening: Values, rms: Values) -> Values:
    """Log-likelihood ratio from the correlation of an opening with the logarithm of the loudness."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    known = ~np.isnan(opening)
    if known.sum() < SYNC_WINDOW // 2:
        return np.zeros(len(opening))
    dense = np.arange(frames[0], frames[-1] + 1)
    opened = gaussian_filter1d(np.interp(dense, frames[known], opening[known]), SMOOTHING_STD)
    sound = gaussian_filter1d(np.log(np.maximum(rms[dense], MIN_RMS)), SMOOTHING_STD)

    def mean(values: Values) -> Values:
        return np.asarray(uniform_filter1d(values, SYNC_WINDOW, mode="nearest"))

    covariance = mean(opened * sound) - mean(opened) * mean(sound)
    variances = (mean(opened**2) - mean(opened) ** 2) * (mean(sound**2) - mean(sound) ** 2)
    correlation = covariance / np.sqrt(np.maximum(variances, 1e-8))
    ratio = np.clip(SYNC_GAIN * correlation + SYNC_AT_CHANCE, SYNC_AT_CHANCE, MAX_SYNC)
    return np.asarray(ratio[frames - frames[0]], np.float64)
