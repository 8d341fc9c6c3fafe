"""Evidence of speaking from a jaw's motion and the loudness of the sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import lip_motion

FRAMES = np.arange(200)
RANDOM = np.random.default_rng(3)


def talking(frames: NDArray[np.int64] = FRAMES) -> NDArray[np.float64]:
    """Four and a half syllables a second, now and then a pause."""
    envelope = (np.sin(frames / 17) > -0.6).astype(float)
    return 0.05 + 0.12 * envelope * (1 + np.sin(2 * np.pi * 4.5 * frames / 25)) / 2


SMILING = 0.10 + 0.08 * np.sin(2 * np.pi * FRAMES / 100)
STILL = 0.02 + RANDOM.normal(0, 0.001, len(FRAMES))
NEVER = np.zeros(len(FRAMES), bool)


def share_of_speaking(jaw: NDArray[np.float64], idle: NDArray[np.bool_] = NEVER) -> float:
    return float((lip_motion.motion_evidence(lip_motion.motion(FRAMES, jaw), idle) > 0).mean())


def test_talking_is_motion_and_smiling_is_not() -> None:
    assert share_of_speaking(talking()) > 0.7
    assert share_of_speaking(SMILING) == 0
    assert share_of_speaking(STILL) == 0


def test_motion_counts_relative_to_the_idle_mouth() -> None:
    """Who chews while nobody speaks has to move the mouth more than that to be heard."""
    idle = FRAMES < 100
    assert share_of_speaking(talking(), idle) < 0.1
    quiet_then_talking = np.where(idle, 0.02, talking())
    assert share_of_speaking(quiet_then_talking, idle) > 0.3


def test_unknown_values_are_filled_and_gaps_bridged() -> None:
    jaw = talking()
    sparse = np.where(FRAMES % 3 == 0, jaw, np.nan)
    whole, filled = lip_motion.motion(FRAMES, jaw), lip_motion.motion(FRAMES, sparse)
    assert not np.isnan(filled).any()
    assert filled.mean() == pytest.approx(whole.mean(), rel=0.5)
    some = np.r_[FRAMES[:50], FRAMES[80:]]
    assert len(lip_motion.motion(some, talking(some))) == len(some)


def test_without_values_there_is_no_evidence() -> None:
    unknown = np.full(len(FRAMES), np.nan)
    assert np.isnan(lip_motion.motion(FRAMES, unknown)).all()
    assert not lip_motion.motion_evidence(lip_motion.motion(FRAMES, unknown), NEVER).any()
    assert not sync(unknown, np.ones(200)).any()


def sync(jaw: NDArray[np.float64], rms: NDArray[np.float64], lips: NDArray[np.float64] | None = None) -> Any:
    moving = lip_motion.motion_evidence(lip_motion.motion(FRAMES, jaw), NEVER)
    unknown = np.full(len(FRAMES), np.nan)
    return lip_motion.sync_evidence(FRAMES, jaw, unknown if lips is None else lips, moving, rms)


def test_a_jaw_that_follows_the_sound_is_evidence_and_one_that_does_not_is_none() -> None:
    rms = 2 * talking() ** 2
    assert sync(talking(), rms).min() > 1
    others = [sync(talking(), RANDOM.permutation(rms)).mean() for _ in range(10)]
    assert np.mean(others) < 0


def test_lips_that_follow_the_sound_are_evidence_where_the_jaw_moves_only() -> None:
    """A lively listener smiles when it is loud; a jaw that moves to another beat may still be a speaker's."""
    rms = 2 * talking() ** 2
    other = RANDOM.permutation(talking())
    assert sync(other, rms).mean() < 0
    assert sync(other, rms, talking()).mean() > 1
    assert sync(STILL, rms, talking()).mean() < 0


def test_rest_is_learned_from_pauses_longer_than_the_window_only() -> None:
    """The mouth of somebody who talks with short pauses has no known rest; its motion there is speech."""
    short = FRAMES % 30 < 12
    assert not lip_motion.at_rest(short)[20:180].any()
    long = (FRAMES >= 60) & (FRAMES < 120)
    assert np.flatnonzero(lip_motion.at_rest(long)).tolist() == list(range(68, 112))
    assert lip_motion.at_rest(~NEVER).all()
