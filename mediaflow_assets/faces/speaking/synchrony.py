"""How well each mouth goes with the sound, frame by frame, at the shift that sound and picture have there.

A mouth opens with the loudness of the second formant, far more closely than with that of the whole voice (Grant and
Seitz, 2000): vowels and their transitions are made with jaw and lips, while pitch and hiss are not. So what is compared
is the change of jaw and lips with the change of the loudness between 1.4 and 3.4 kHz, over four seconds. Each frame
counts as much as the mouth moves around it: who speaks for one of the four goes with the sound in that one.

In a good part of what people film, the sound comes up to 0.2 s before or after the picture, which is as long as a
syllable: at the wrong shift a speaker's mouth goes against the sound. Any mouth goes with any sound at some shift, so
the shift is not chosen face by face: every shift is a hypothesis for all faces of the video together, those near 0
likelier beforehand, and what is reported of a face is the mean over all of them, as likely as the mouths make them. A
film is put together from parts that have their own, so the shift is a hidden Markov chain that rarely changes.

The constants were chosen on one half of 15 people in real films, 16 of VASA-1 and six of EMO, and on the sample's
interview; see ``benchmarks/results/faces_speaking.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking.assignment import forward_backward
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack, articulation
from mediaflow_assets.faces.tracks import FaceTrack

Values = NDArray[np.float64]

WINDOW = 101
"""Frames (4 s) over which a mouth is compared with the sound."""
SMOOTHING_STD = 1.0
"""Frames; standard deviation for the mouth."""
ACTIVITY_WINDOW = 17
"""Frames (0.7 s) over which it is judged whether a mouth moves."""
ACTIVE = 0.7
"""Part of the upper quartile of the motion of a mouth from which on a frame counts fully."""
LEAST = 12.0
"""Such frames in a window below which a correlation tells less."""
SHIFTS = tuple(range(-200, 340, 20))
"""Milliseconds by which the sound may come after the picture."""
USUAL_SHIFT = 50.0
"""Milliseconds; a shift that is further from 0 by so much is less likely by a factor of e, before anything is seen."""
GAIN, AT_CHANCE, MAX_GAIN = 7.5, 0.25, 2.0
"""Log-likelihood ratio of a shift for a correlation higher by one, where it is 0, and the most of one look."""
EVERY = 25
"""Frames from one look at all shifts to the next: windows that overlap tell the same."""
STAY_PROBABILITY = 0.95
"""That the shift is the same a look later: a film is put together from parts, each with its own."""
NEGLIGIBLE = 0.01
"""Probability of a shift that is taken for none."""
SYNC_GAIN, SYNC_AT_CHANCE, MAX_SYNC = 12.0, 0.2, 3.0
"""Evidence for a correlation higher by one, where it begins, and the most. There is none against a face: it may be
dubbed, and the voice still be its."""


def synchrony(
    tracks: Mapping[int, FaceTrack], moving: Mapping[int, NDArray[np.bool_]], sound: Soundtrack
) -> dict[int, Values]:
    """Correlation of mouth and sound around each frame of each face; NaN for a face that is hardly known.

    Args:
        tracks: all faces by id.
        moving: of each face, in which of its frames the mouth may be speaking; the shift is found from these.
        sound: of the video.
    """
    mouths = {number: _mouths(track) for number, track in tracks.items()}
    spoken = articulation(sound.samples, len(sound.rms))
    heard = ~sound.silent
    looked = {
        number: np.flatnonzero(moving[number] & heard[track.frames] & (track.frames % EVERY == EVERY // 2))
        for number, track in tracks.items()
        if mouths[number]
    }
    support = np.zeros((len(SHIFTS), len(sound.rms) // EVERY + 1))
    for index, shift in enumerate(SHIFTS):
        at_shift = spoken.at(shift)
        for number, rows in looked.items():
            if len(rows):
                track = tracks[number]
                seen = _correlation(mouths[number], at_shift, track)[rows]
                ratio = np.clip(GAIN * (seen - AT_CHANCE), -MAX_GAIN, MAX_GAIN)
                looks = track.frames[rows] // EVERY
                support[index, looks] = np.logaddexp(support[index, looks], ratio)
    chances = shift_chances(support)
    found = {number: np.full(len(track.frames), np.nan) for number, track in tracks.items()}
    for number in looked:
        found[number][:] = 0
    for shift, chance in zip(SHIFTS, chances, strict=True):
        if chance.any():
            at_shift = spoken.at(shift)
            for number in looked:
                track = tracks[number]
                found[number] += chance[track.frames // EVERY] * _correlation(mouths[number], at_shift, track)
    return found


def shift_chances(support: Values) -> Values:
    """Probability of each of :data:`SHIFTS` at each look; the negligible ones are 0.

    Args:
        support: log-likelihood of each shift at each look, ``(shifts, looks)``.
    """
    base = np.exp(-np.abs(np.array(SHIFTS)) / USUAL_SHIFT)
    chances = forward_backward(np.exp(support.T), base / base.sum(), STAY_PROBABILITY).T
    chances[chances < NEGLIGIBLE] = 0
    return np.asarray(chances / chances.sum(axis=0), np.float64)


def sync_evidence(correlation: Values) -> Values:
    """Log-likelihood ratio of speaking from :func:`synchrony`; 0 where it is not known."""
    ratio = np.clip(SYNC_GAIN * (correlation - SYNC_AT_CHANCE), 0, MAX_SYNC)
    return np.asarray(np.nan_to_num(ratio, nan=0.0), np.float64)


class _Mouth(NamedTuple):
    """One opening, from the first frame of a face to its last."""

    change: Values
    """Per frame."""
    weight: Values
    """How much each frame counts, 0..1."""
    weights: Values
    """Mean weight around each frame."""
    variance: Values
    """Weighted, around each frame."""


def _mouths(track: FaceTrack) -> list[_Mouth]:
    """What is known of jaw and lips."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    lips = track.lips if track.gap is None or np.isnan(track.gap).all() else track.gap
    dense = np.arange(track.frames[0], track.frames[-1] + 1)
    found = []
    for opening in (track.jaw, lips):
        known = ~np.isnan(opening)
        if known.sum() < WINDOW // 3:
            continue
        opened = np.interp(dense, track.frames[known], opening[known])
        change = np.gradient(gaussian_filter1d(opened, SMOOTHING_STD))
        # A cut or a lost landmark makes one jump that would outweigh four seconds of speech.
        most = np.quantile(np.abs(change), 0.9)
        change = np.clip(change, -most, most)
        moved = np.sqrt(np.maximum(uniform_filter1d(change**2, ACTIVITY_WINDOW, mode="nearest"), 0))
        full = ACTIVE * np.quantile(moved, 0.75) + 1e-9
        weight = np.clip(moved / full, 0, 1) + 1e-3
        weights = _around(weight)
        variance = _around(weight * change**2) / weights - (_around(weight * change) / weights) ** 2
        found.append(_Mouth(change, weight, weights, variance))
    return found


def _correlation(mouths: list[_Mouth], sound: Values, track: FaceTrack) -> Values:
    """Of each opening with the sound in the window around each frame of a face, their mean."""
    heard = sound[track.frames[0] : track.frames[-1] + 1]
    total = np.zeros(len(heard))
    for change, weight, weights, variance in mouths:
        of_mouth, of_sound = _around(weight * change) / weights, _around(weight * heard) / weights
        covariance = _around(weight * change * heard) / weights - of_mouth * of_sound
        both = variance * (_around(weight * heard**2) / weights - of_sound**2)
        total += covariance / np.sqrt(np.maximum(both, 1e-14)) * np.minimum(1, weights * WINDOW / LEAST)
    return np.asarray(total[track.frames - track.frames[0]] / len(mouths), np.float64)


def _around(values: Values) -> Values:
    """Mean of the window around each frame."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(values, WINDOW, mode="nearest"), np.float64)
