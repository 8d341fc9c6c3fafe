"""Voices that faces part and put together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.speaking.assignment import FaceEvidence, assign
from mediaflow_assets.faces.speaking.associated import mouth_evidence
from mediaflow_assets.faces.speaking.regrouping import regrouped
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack
from mediaflow_assets.faces.tracks import FaceTrack

TOTAL = 600
TURNS = (range(20, 120), range(150, 250), range(280, 380), range(410, 580))
"""Taken in turns by two people."""
Spoken = NDArray[np.bool_]


def spoken(*turns: range) -> Spoken:
    frames = np.zeros(TOTAL, bool)
    for turn in turns:
        frames[turn] = True
    return frames


FIRST, SECOND = spoken(*TURNS[::2]), spoken(*TURNS[1::2])
LOUDNESS = 0.05 * (1.2 + np.sin(2 * np.pi * 4.3 * np.arange(TOTAL) / 25))


def face(moves: Spoken, shown: Spoken | None = None) -> FaceTrack:
    """A mouth that moves with the voice in some frames and is still in the others."""
    noise = np.random.default_rng(1).normal(0, 0.002, TOTAL)
    jaw = 0.05 + noise + np.where(moves, 4 * LOUDNESS, 0)
    frames = np.arange(TOTAL) if shown is None else np.flatnonzero(shown)
    return FaceTrack(frames, np.zeros((len(frames), 4), int), jaw[frames], jaw[frames])


def heard(labels: Mapping[str, Spoken]) -> list[Voice]:
    names = [tuple(sorted(label for label, frames in labels.items() if frames[number])) for number in range(TOTAL)]
    return [Voice(bool(speakers), speakers) for speakers in names]


def put_right(
    voices: list[Voice], tracks: dict[int, FaceTrack], people: Mapping[int, Spoken], *, alike: bool = False
) -> list[Voice]:
    """``people`` are who really speaks, each with a voice of an own direction, or all with one."""
    speech = np.array([voice.is_speech for voice in voices])
    sound = Soundtrack(np.zeros(0, np.float32), np.where(speech, LOUDNESS, 0.0005), voices)
    evidence: dict[int, FaceEvidence] = mouth_evidence(tracks, sound)
    said = assign(evidence, sound.frames_of_speakers())

    def embed(first: int, stop: int) -> NDArray[np.float32]:
        shares = np.array([frames[first:stop].mean() for frames in people.values()], np.float32)
        direction = np.ones_like(shares) if alike else shares + 0.01
        return np.asarray(direction / np.linalg.norm(direction), np.float32)

    return regrouped(voices, tracks, evidence, said, sound.silent, embed)


def frames_of(voices: list[Voice], label: str) -> Spoken:
    return np.array([label in voice.speakers for voice in voices])


def test_two_faces_that_speak_are_two_voices() -> None:
    people = {1: FIRST, 2: SECOND}
    found = put_right(heard({"SPEAKER_00": FIRST | SECOND}), {1: face(FIRST), 2: face(SECOND)}, people, alike=True)
    assert (frames_of(found, "SPEAKER_00") == FIRST).mean() > 0.98
    assert (frames_of(found, "SPEAKER_01") == SECOND).mean() > 0.98


def test_one_face_is_one_voice() -> None:
    """Diarization gave a turn of the first to a third speaker who does not exist."""
    wrong = spoken(TURNS[2])
    voices = heard({"SPEAKER_00": FIRST & ~wrong, "SPEAKER_01": SECOND, "SPEAKER_02": wrong})
    found = put_right(voices, {1: face(FIRST), 2: face(SECOND)}, {1: FIRST, 2: SECOND}, alike=True)
    assert {label for voice in found for label in voice.speakers} == {"SPEAKER_00", "SPEAKER_01"}
    assert (frames_of(found, "SPEAKER_00") == FIRST).all()


def test_a_voice_that_is_another_one_is_not_put_together() -> None:
    """Somebody off screen speaks while the listener's mouth moves."""
    voices = heard({"SPEAKER_00": FIRST, "SPEAKER_01": SECOND})
    assert put_right(voices, {1: face(FIRST | SECOND)}, {1: FIRST, 2: SECOND}) == voices


def test_a_mouth_that_always_moves_proves_nothing() -> None:
    everything = np.ones(TOTAL, bool)
    voices = heard({"SPEAKER_00": FIRST | SECOND})
    assert put_right(voices, {1: face(FIRST), 2: face(everything)}, {1: FIRST | SECOND}, alike=True) == voices


def test_faces_that_are_never_seen_together_may_be_one_person() -> None:
    tracks = {1: face(FIRST, shown=FIRST), 2: face(SECOND, shown=~FIRST)}
    voices = heard({"SPEAKER_00": FIRST | SECOND})
    assert put_right(voices, tracks, {1: FIRST | SECOND}, alike=True) == voices


def test_what_is_right_stays_as_it_is() -> None:
    voices = heard({"SPEAKER_00": FIRST, "SPEAKER_01": SECOND})
    assert put_right(voices, {1: face(FIRST), 2: face(SECOND)}, {1: FIRST, 2: SECOND}) == voices
    assert put_right(voices, {}, {1: FIRST, 2: SECOND}) == voices


def test_turns_off_screen_go_to_the_voice_that_they_sound_like() -> None:
    shown = spoken(range(400))
    tracks = {1: face(FIRST, shown), 2: face(SECOND, shown)}
    found = put_right(heard({"SPEAKER_00": FIRST | SECOND}), tracks, {1: FIRST, 2: SECOND})
    assert (frames_of(found, "SPEAKER_01") == SECOND).mean() > 0.98


def test_labels_are_in_the_order_of_first_speech() -> None:
    """The one who speaks second is seen longer, and so keeps the label; its number does not stay."""
    shorter = spoken(range(20, 90))
    longer = SECOND | spoken(TURNS[2])
    voices = heard({"SPEAKER_00": shorter | longer})
    found = put_right(voices, {1: face(shorter), 2: face(longer)}, {1: shorter | longer}, alike=True)
    assert (frames_of(found, "SPEAKER_00") == shorter).mean() > 0.98
    assert (frames_of(found, "SPEAKER_01") == longer).mean() > 0.98
