"""Evidence of speaking from a jaw's motion and the loudness of the sound."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import mouth

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
    return float((mouth.motion_evidence(mouth.motion(FRAMES, jaw), idle) > 0).mean())


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
    whole, filled = mouth.motion(FRAMES, jaw), mouth.motion(FRAMES, sparse)
    assert not np.isnan(filled).any()
    assert filled.mean() == pytest.approx(whole.mean(), rel=0.5)
    some = np.r_[FRAMES[:50], FRAMES[80:]]
    assert len(mouth.motion(some, talking(some))) == len(some)


def test_without_values_there_is_no_evidence() -> None:
    unknown = np.full(len(FRAMES), np.nan)
    assert np.isnan(mouth.motion(FRAMES, unknown)).all()
    assert not mouth.motion_evidence(mouth.motion(FRAMES, unknown), NEVER).any()
    assert not mouth.sync_evidence(FRAMES, unknown, np.ones(200)).any()


def test_a_jaw_that_follows_the_sound_is_evidence_and_one_that_does_not_is_none() -> None:
    loudness = 2 * talking() ** 2
    assert mouth.sync_evidence(FRAMES, talking(), loudness).min() > 1
    others = [mouth.sync_evidence(FRAMES, talking(), RANDOM.permutation(loudness)).mean() for _ in range(10)]
    assert np.mean(others) < 0


def test_loudness_of_each_frame() -> None:
    samples = np.r_[np.zeros(1280), np.full(640, 0.5), np.tile([0.1, -0.1], 320), np.ones(100)].astype(np.float32)
    assert mouth.loudness_of(samples, 16000, 6, 25) == pytest.approx([0, 0, 0.5, 0.1, 0, 0])
    assert mouth.loudness_of(samples, 16000, 2, 25).tolist() == [0, 0]
    assert mouth.loudness_of(None, 16000, 3, 25).tolist() == [0, 0, 0]
