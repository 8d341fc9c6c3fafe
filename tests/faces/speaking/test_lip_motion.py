"""Evidence of speaking from the motion of jaw and lips."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.networks.facemesh import LEFT_EYE_OUTER, MESH_POINTS, RIGHT_EYE_OUTER
from mediaflow_assets.faces.speaking import lip_motion
from mediaflow_assets.faces.tracks import FaceTrack, TrackRecorder, lip_gap, merged

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


def test_rest_is_learned_from_pauses_longer_than_the_window_only() -> None:
    """The mouth of somebody who talks with short pauses has no known rest; its motion there is speech."""
    short = FRAMES % 30 < 12
    assert not lip_motion.at_rest(short)[20:180].any()
    long = (FRAMES >= 60) & (FRAMES < 120)
    assert np.flatnonzero(lip_motion.at_rest(long)).tolist() == list(range(68, 112))
    assert lip_motion.at_rest(~NEVER).all()


def mouth_of(jaw: NDArray[np.float64], gap: NDArray[np.float64] | None) -> FaceTrack:
    return FaceTrack(FRAMES, np.zeros((len(FRAMES), 4), int), jaw, jaw, gap)


def test_lips_that_part_at_every_syllable_speak_although_the_jaw_hardly_moves() -> None:
    jaw = 0.1 * talking()
    assert (lip_motion.mouth_motion_evidence(mouth_of(jaw, None), NEVER) < 0).all()
    assert (lip_motion.mouth_motion_evidence(mouth_of(jaw, talking()), NEVER) > 0).mean() > 0.6


def test_lips_that_smile_are_silent() -> None:
    assert (lip_motion.mouth_motion_evidence(mouth_of(STILL, SMILING), NEVER) < 0).all()


def test_the_jaw_counts_where_there_is_no_face_mesh() -> None:
    unknown = np.full(len(FRAMES), np.nan)
    of_jaw = lip_motion.motion_evidence(lip_motion.motion(FRAMES, talking()), NEVER)
    assert lip_motion.mouth_motion_evidence(mouth_of(talking(), None), NEVER) == pytest.approx(of_jaw)
    assert lip_motion.mouth_motion_evidence(mouth_of(talking(), unknown), NEVER) == pytest.approx(of_jaw)


def face_mesh(gap: float, turned: float = 0.0) -> NDArray[np.float32]:
    """Eyes 100 pixels apart, inner lips ``gap`` pixels; the head is turned by so many radians."""
    points = np.zeros((MESH_POINTS, 3), np.float32)
    points[RIGHT_EYE_OUTER], points[LEFT_EYE_OUTER] = (-50, 0, 0), (50, 0, 0)
    for upper, lower in ((82, 87), (13, 14), (312, 317)):
        points[upper], points[lower] = (0, 60, 0), (0, 60 + gap, 0)
    turn = np.array([[np.cos(turned), 0, np.sin(turned)], [0, 1, 0], [-np.sin(turned), 0, np.cos(turned)]])
    return np.asarray(points @ turn.T, np.float32)


def test_the_gap_of_the_lips_is_a_part_of_the_face_however_it_is_turned() -> None:
    assert lip_gap(face_mesh(20)) == pytest.approx(0.2)
    assert lip_gap(2 * face_mesh(20)) == pytest.approx(0.2)
    assert lip_gap(face_mesh(20, turned=0.8)) == pytest.approx(0.2)
    assert np.isnan([lip_gap(None), lip_gap(face_mesh(20)[:68]), lip_gap(np.zeros((MESH_POINTS, 3), np.float32))]).all()


def test_tracks_keep_the_gap_also_where_they_are_joined() -> None:
    recorder = TrackRecorder()
    for frame, number in ((0, 1), (1, 1), (2, 2), (3, 2)):
        face = Detection(bbox=(0, 0, 9, 9), centroid=(4, 4), landmarks=face_mesh(10 * frame))
        recorder.add(frame, {number: face})
    gap = merged(recorder.tracks(), {1: 1, 2: 1})[1].gap
    assert gap == pytest.approx([0, 0.1, 0.2, 0.3])
