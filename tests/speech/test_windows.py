from __future__ import annotations

import numpy as np

from mediaflow_assets.speech.audio import SAMPLE_RATE
from mediaflow_assets.speech.windows import (
    FRAME_STEP,
    FRAMES,
    NEAR_SPEECH,
    SPEAKERS,
    add_doubtful_speech,
    aggregate_windows,
    propagate_labels,
    seconds_alone,
    speech_of_classes,
    talk_at_once,
)

STEP = 118
WINDOWS = 11


def conversation() -> tuple[np.ndarray, np.ndarray]:
    """Two who talk in turn for 150 frames each, as windows hear them in an order of their own."""
    total = (WINDOWS - 1) * STEP + FRAMES
    real = np.zeros((total, 2), bool)
    for first in range(0, total, 300):
        real[first : first + 150, 0] = real[first + 150 : first + 300, 1] = True
    activity = np.zeros((WINDOWS, FRAMES, SPEAKERS), bool)
    labels = np.full((WINDOWS, SPEAKERS), -1)
    rng = np.random.default_rng(0)
    for window in range(WINDOWS):
        places = rng.permutation(SPEAKERS)[:2]
        activity[window][:, places] = real[window * STEP : window * STEP + FRAMES]
        labels[window, places] = [0, 1]
    return activity, labels


def test_windows_without_voices_get_the_labels_of_those_around_them() -> None:
    activity, labels = conversation()
    known = np.array([0, 5, 10])
    assert (propagate_labels(activity, known, labels[known], 2, STEP) == labels).all()


def test_joined_windows_are_the_conversation_again() -> None:
    activity, labels = conversation()
    joined = aggregate_windows(activity, labels, 2, STEP)
    for window in range(WINDOWS):
        for place, speaker in enumerate(labels[window]):
            if speaker >= 0:
                heard = joined[window * STEP : window * STEP + FRAMES, speaker]
                assert (heard == activity[window, :, place]).all()


def test_nobody_known_is_nobody() -> None:
    activity = np.zeros((1, FRAMES, SPEAKERS), bool)
    labels = propagate_labels(activity, np.array([0]), np.full((1, SPEAKERS), -1), 0, STEP)
    assert (labels == -1).all()
    assert aggregate_windows(activity, labels, 0, STEP).shape == (FRAMES, 0)


def test_a_person_split_in_two_by_the_network_stays_one() -> None:
    """The second window hears its only speaker as two who alternate; the first one tells whose voice it is."""
    activity = np.zeros((2, FRAMES, SPEAKERS), bool)
    activity[0, :, 0] = True
    activity[1, ::2, 1] = True
    activity[1, 1::2, 2] = True
    labels = propagate_labels(activity, np.array([0]), np.array([[0, -1, -1]]), 1, STEP)
    assert labels.tolist() == [[0, -1, -1], [-1, 0, 0]]
    assert aggregate_windows(activity, labels, 1, STEP)[: FRAMES + STEP].all()


def test_nobody_interrupts_himself() -> None:
    activity = np.zeros((FRAMES, 3), bool)
    activity[:400, 0] = activity[350:450, 1] = activity[450:, 2] = True
    assert talk_at_once(activity, np.array([0, 0, 1]))
    assert not talk_at_once(activity, np.array([0, 1, 0]))
    # Turns of one person whom the network split: at their border both are heard for a moment.
    activity[:] = False
    activity[:300, 0] = activity[295:, 1] = True
    assert not talk_at_once(activity, np.array([0, 0, 0]))
    assert not talk_at_once(activity[:, :1], np.array([0]))


def test_seconds_alone_are_those_of_the_speech_however_many_windows_hear_it() -> None:
    activity, labels = conversation()
    windows = np.arange(0, WINDOWS, 2)
    seconds = seconds_alone(activity, windows, STEP)
    total = (WINDOWS - 1) * STEP + FRAMES
    for speaker in (0, 1):
        talks = (np.arange(total) // 150 % 2 == speaker).sum() * FRAME_STEP / SAMPLE_RATE
        assert abs(seconds[labels[windows] == speaker].sum() - talks) < 1e-3


def test_speech_of_two_at_once_is_nobodys_alone() -> None:
    activity = np.zeros((1, FRAMES, SPEAKERS), bool)
    activity[0, :200, 0] = activity[0, 100:300, 1] = True
    seconds = seconds_alone(activity, np.array([0]), STEP) / FRAME_STEP * SAMPLE_RATE
    assert np.round(seconds).tolist() == [[100, 100, 0]]


def two_who_talk(pause: int) -> np.ndarray:
    """A timeline of three windows in which somebody else talks after a pause in the middle."""
    timeline = np.zeros((2 * STEP + FRAMES, 2), bool)
    middle = len(timeline) // 2
    timeline[: middle - pause // 2, 0] = timeline[middle + pause // 2 :, 1] = True
    return timeline


def test_in_a_doubtful_recording_likely_speech_goes_to_who_talks_nearest() -> None:
    timeline = two_who_talk(40)
    filled = add_doubtful_speech(timeline, np.full((3, FRAMES), 0.4, np.float32), STEP)
    assert filled.sum(axis=1).tolist() == [1] * len(timeline)
    assert (filled == two_who_talk(0)).sum() >= filled.size - 4
    assert (filled & timeline == timeline).all()


def test_unlikely_speech_is_silence_in_a_doubtful_recording_too() -> None:
    timeline = two_who_talk(40)
    assert (add_doubtful_speech(timeline, np.full((3, FRAMES), 0.3, np.float32), STEP) == timeline).all()


def test_where_the_network_is_sure_of_a_recording_doubtful_moments_stay_silent() -> None:
    timeline = two_who_talk(40)
    speech = np.where(np.arange(FRAMES) % 10 == 0, 0.45, 0.99).astype(np.float32)
    assert (add_doubtful_speech(timeline, np.tile(speech, (3, 1)), STEP) == timeline).all()


def test_doubtful_speech_far_from_everybody_is_nobodys() -> None:
    doubtful = np.full((3, FRAMES), 0.4, np.float32)
    filled = add_doubtful_speech(two_who_talk(4 * NEAR_SPEECH), doubtful, STEP)
    assert (~filled.any(axis=1)).sum() in range(2 * NEAR_SPEECH - 2, 2 * NEAR_SPEECH + 1)
    nobody = np.zeros((2 * STEP + FRAMES, 0), bool)
    assert add_doubtful_speech(nobody, doubtful, STEP).shape == nobody.shape


def test_speech_is_what_is_not_silence() -> None:
    classes = np.log(np.array([[0.25, 0.5, 0.05, 0.05, 0.05, 0.05, 0.05], [1, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9]]))
    assert np.round(speech_of_classes(classes.astype(np.float32)), 3).tolist() == [0.75, 0.0]
