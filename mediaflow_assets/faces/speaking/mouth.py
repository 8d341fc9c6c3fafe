"""Evidence of speaking from a face's own mouth: how much the jaw moves, and whether with the voice.

Speaking moves the jaw four to six times a second (Chandrasekaran et al., 2009); smiling, tilting
and the noise of landmarks move it slowly or little. So the first sign is the mean change of
``jawOpen`` from frame to frame, over two thirds of a second. What counts as much is relative to the
face: to how much its mouth moves at most, and to how much it moves while nobody is heard (chewing).
The second sign is that the jaw is open when the sound is loud, over three seconds; it tells a
speaker from somebody who moves the mouth to another sound.

The constants were chosen on the clips of ``benchmarks/faces/speaking_clips.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_WINDOW = 17
"""Frames over which motion is averaged: 0.68 s."""
_LEAST_TURN, _MOST_TURN = 0.010, 0.018
"""Change of jawOpen per frame at which speaking and silence are equally likely, for quiet and lively mouths."""
_OF_LIVELIEST = 0.4
_OF_IDLE = 1.5
_IDLE_FRAMES = 50
"""So much silence is needed to know how much a mouth moves without speech."""
_STEEPNESS = 3.0
_SYNC_WINDOW = 75
_SYNC_GAIN, _SYNC_AT_CHANCE, _SYNC_MOST = 6.0, -1.0, 2.0
_SMOOTH = 1.5
"""Frames; standard deviation for the comparison with loudness."""
_QUIET = 0.003
"""Root mean square below which sound is none."""


def motion(frames: NDArray[np.int64], jaw: Values) -> Values:
    """Mean absolute change of ``jawOpen`` per frame around each frame of one face.

    Args:
        frames: 0-based, rising, where the face is visible.
        jaw: jawOpen 0..1, NaN where it is not known.

    Returns:
        Same shape; NaN where the face has no known value at all.
    """
    from scipy.ndimage import uniform_filter1d

    known = ~np.isnan(jaw)
    if known.sum() < 2:
        return np.full(len(jaw), np.nan)
    dense = np.arange(frames[0], frames[-1] + 1)
    change = np.abs(np.gradient(np.interp(dense, frames[known], jaw[known])))
    averaged = uniform_filter1d(change, _WINDOW, mode="nearest")
    return np.asarray(averaged[frames - frames[0]], np.float64)


def motion_evidence(moved: Values, idle: NDArray[np.bool_]) -> Values:
    """Log-likelihood ratio of speaking from :func:`motion`.

    Args:
        moved: of one face.
        idle: frames in which nobody is heard.
    """
    known = moved[~np.isnan(moved)]
    if not len(known):
        return np.zeros(len(moved))
    turn = float(np.clip(_OF_LIVELIEST * np.quantile(known, 0.95), _LEAST_TURN, _MOST_TURN))
    resting = moved[idle & ~np.isnan(moved)]
    if len(resting) >= _IDLE_FRAMES:
        turn = max(turn, _OF_IDLE * float(np.median(resting)))
    return np.nan_to_num(_STEEPNESS * np.log(np.maximum(moved, 1e-4) / turn), nan=0.0)


def sync_evidence(frames: NDArray[np.int64], jaw: Values, loudness: Values) -> Values:
    """Log-likelihood ratio of speaking from how well the jaw follows the sound.

    Args:
        frames: 0-based, where the face is visible.
        jaw: as for :func:`motion`.
        loudness: root mean square of the sound of every frame of the video.
    """
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    known = ~np.isnan(jaw)
    if known.sum() < _SYNC_WINDOW // 2:
        return np.zeros(len(jaw))
    dense = np.arange(frames[0], frames[-1] + 1)
    opened = gaussian_filter1d(np.interp(dense, frames[known], jaw[known]), _SMOOTH)
    sound = gaussian_filter1d(np.log(np.maximum(loudness[dense], _QUIET)), _SMOOTH)

    def mean(values: Values) -> Values:
        return np.asarray(uniform_filter1d(values, _SYNC_WINDOW, mode="nearest"))

    covariance = mean(opened * sound) - mean(opened) * mean(sound)
    variances = (mean(opened**2) - mean(opened) ** 2) * (mean(sound**2) - mean(sound) ** 2)
    correlation = covariance / np.sqrt(np.maximum(variances, 1e-8))
    ratio = np.clip(_SYNC_GAIN * correlation + _SYNC_AT_CHANCE, _SYNC_AT_CHANCE, _SYNC_MOST)
    return np.asarray(ratio[frames - frames[0]], np.float64)


def loudness_of(samples: NDArray[np.float32] | None, rate: int, total_frames: int, fps: int) -> Values:
    """Root mean square of the sound of each video frame; 0 where there is none.

    Args:
        samples: mono, -1..1, from the start of the video; None for a silent video.
        rate: samples per second.
        total_frames: frames of the video.
        fps: frames per second.
    """
    step = rate // fps
    result = np.zeros(total_frames)
    if samples is not None:
        whole = min(len(samples) // step, total_frames)
        blocks = samples[: whole * step].reshape(whole, step)
        result[:whole] = np.sqrt(np.einsum("ij,ij->i", blocks, blocks) / step)
    return result
