"""Faces help voices: two faces that are proven to speak are two voices, and one face is one voice.

Diarization takes alike voices for one. Where the voice's mouth can be seen, it can be told whose turn it
is. So each face that is proven to speak gets a voice: the label that it says most, unless that is the
voice of another face beside which it was seen to say it; then a label that is no face's, or a new one.
What such a face says is said by its voice. The turns of a parted voice that no face says go to the turn
that they go on with, else to the voice that is more alike.

A face is proven to speak when it says what is heard for two seconds, and keeps still while others
speak: a mouth that moves all the time proves nothing. What diarization has told apart is put together only
where the voices are alike as well. So faces that are not sure change nothing.

The limits were chosen on made conversations, see ``benchmarks/results/speech.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import Voice, lip_motion
from mediaflow_assets.faces.speaking.assignment import MAX_EVIDENCE, Assignment, FaceEvidence
from mediaflow_assets.faces.tracks import FaceTrack

MIN_PROOF = 50
"""Frames (2 s) that a face says."""
MIN_EVIDENCE = 1.0
"""Mean log-likelihood ratio in them."""
MIN_STILL = 0.7
"""Share of the frames in which it is visible and says nothing, in which its mouth does not move as in speech."""
MIN_BESIDE = 25
"""Frames in which a face says a voice beside another one that does not, for both of them: two voices."""
MIN_SHARED = 25
"""Frames of a label that is no face's, from which on it is the voice of a face that needs one."""
MAX_GAP = 5
"""Frames between turns that go on with each other."""
MARGIN = 0.1
"""Cosine by which a turn may be less like the voice of the face that says it than like its label's."""
MAX_TURNS = 12
"""Turns of which the mean makes a voice, the longest."""
MIN_TURN = 15
"""Frames; shorter ones make no voice."""

Mask = NDArray[np.bool_]
Embed = Callable[[int, int], NDArray[np.float32] | None]
"""Half-open range of 0-based frames to the direction of the voice in them; None when that is too short."""


def regrouped(
    voices: Sequence[Voice],
    tracks: Mapping[int, FaceTrack],
    evidence: Mapping[int, FaceEvidence],
    assignment: Assignment,
    silent: Mask,
    embed: Embed,
) -> list[Voice]:
    """What is heard in each frame, with labels that faces have put right; in the order of first speech.

    Args:
        voices: one item per frame of the video.
        tracks: all faces by id.
        evidence: of each of them.
        assignment: which voice each face says, by these.
        silent: of every frame, whether nobody is heard.
        embed: see :data:`Embed`.

    Returns:
        ``voices`` themselves where nothing is to be put right.
    """
    heard = _heard(voices)
    said = _said(assignment, heard, len(voices))
    proven = [
        number
        for number, track in tracks.items()
        if _proves(track, evidence[number], _any_of(said, number, len(voices)), silent)
    ]
    visible = {number: np.isin(np.arange(len(voices)), tracks[number].frames) for number in proven}
    voice_of = _voices_of_faces(said, visible, list(heard))
    if all(voice_of[face] == label for label, face in said if face in voice_of):
        return list(voices)
    moved = _moved(heard, said, voice_of, _Voiceprints(embed, heard, said, voice_of))
    return _renumbered(voices, moved)


def _heard(voices: Sequence[Voice]) -> dict[str, Mask]:
    """In which frames each label is heard."""
    labels = sorted({label for voice in voices for label in voice.speakers})
    return {label: np.array([label in voice.speakers for voice in voices], bool) for label in labels}


_Said = dict[tuple[str, int], Mask]
"""Label and face to the frames in which the face says the label."""


def _said(assignment: Assignment, heard: Mapping[str, Mask], total: int) -> _Said:
    found: _Said = {}
    for face, frames in assignment.speakers.items():
        for frame, labels in frames.items():
            for label in labels:
                if label in heard:
                    found.setdefault((label, face), np.zeros(total, bool))[frame] = True
    return {key: mask & heard[key[0]] for key, mask in found.items()}


def _any_of(said: _Said, face: int, total: int) -> Mask:
    """In which frames a face says anything."""
    found = np.zeros(total, bool)
    for (_, number), frames in said.items():
        if number == face:
            found |= frames
    return found


def _proves(track: FaceTrack, evidence: FaceEvidence, speaks: Mask, silent: Mask) -> bool:
    """Whether a face is proven to speak where it is taken to."""
    from scipy.ndimage import binary_dilation

    rows = speaks[track.frames]
    if rows.sum() < MIN_PROOF:
        return False
    if np.clip(evidence.evidence[rows], -MAX_EVIDENCE, MAX_EVIDENCE).mean() < MIN_EVIDENCE:
        return False
    away = ~binary_dilation(speaks, iterations=lip_motion.WINDOW)[track.frames]
    if away.sum() < MIN_BESIDE:
        return True
    moving = lip_motion.mouth_motion_evidence(track, lip_motion.at_rest(silent)[track.frames])
    return bool((moving[away] < 0).mean() >= MIN_STILL)


def _voices_of_faces(said: _Said, visible: Mapping[int, Mask], labels: Sequence[str]) -> dict[int, str]:
    """The label of each proven face; new ones are the next numbers."""

    def frames(label: str, face: int) -> int:
        return int(said[label, face].sum()) if (label, face) in said else 0

    def beside(label: str, face: int, other: int) -> bool:
        """Whether ``face`` says the label beside ``other``, which does not."""
        alone = said[label, face] & visible[other] & ~said[label, other]
        return bool(alone.sum() >= MIN_BESIDE)

    mostly = {face: max(labels, key=lambda label: frames(label, face)) for face in visible}
    free = [label for label in labels if label not in mostly.values()]
    numbers = count(_next_number(labels))
    voice_of: dict[int, str] = {}
    for label in labels:
        groups: list[list[int]] = []
        for face in sorted((face for face in mostly if mostly[face] == label), key=lambda face: -frames(label, face)):
            same = [
                group
                for group in groups
                if not all(beside(label, face, other) and beside(label, other, face) for other in group)
            ]
            if same:
                same[0].append(face)
            else:
                groups.append([face])
        for place, group in enumerate(groups):
            chosen = label
            if place:
                shared = {other: sum(frames(other, face) for face in group) for other in free}
                chosen = max(free, key=lambda other: shared[other]) if free else ""
                if shared.get(chosen, 0) >= MIN_SHARED:
                    free.remove(chosen)
                else:
                    chosen = f"SPEAKER_{next(numbers):02d}"
            voice_of |= dict.fromkeys(group, chosen)
    return voice_of


def _next_number(labels: Sequence[str]) -> int:
    known = [int(number) for label in labels if (number := label.rpartition("_")[2]).isdigit()]
    return max(known, default=-1) + 1


class _Voiceprints:
    """How the voices of labels sound, calculated when it is asked for."""

    def __init__(self, embed: Embed, heard: Mapping[str, Mask], said: _Said, voice_of: Mapping[int, str]) -> None:
        self.embed = embed
        self._heard, self._said, self._voice_of = heard, said, voice_of
        self._known: dict[str, NDArray[np.float32] | None] = {}

    def of(self, label: str) -> NDArray[np.float32] | None:
        """Direction of the voice in the turns that its faces say, or in all of a voice without a face."""
        if label not in self._known:
            total = len(next(iter(self._heard.values())))
            frames = np.zeros(total, bool)
            for face, voice in self._voice_of.items():
                if voice == label:
                    frames |= _any_of(self._said, face, total)
            if not frames.any() and label in self._heard:
                frames = self._heard[label]
            self._known[label] = self._mean(frames)
        return self._known[label]

    def _mean(self, frames: Mask) -> NDArray[np.float32] | None:
        turns = [(first, stop) for first, stop in _runs(frames) if stop - first >= MIN_TURN]
        turns = sorted(turns, key=lambda turn: turn[0] - turn[1])[:MAX_TURNS]
        found = [(stop - first) * voice for first, stop in turns if (voice := self.embed(first, stop)) is not None]
        if not found:
            return None
        mean = np.sum(found, axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def likeness(self, first: int, stop: int, label: str) -> float | None:
        """Cosine of what is heard in a range of frames and a label; None when either is not known."""
        voice, known = self.embed(first, stop), self.of(label)
        return None if voice is None or known is None else float(voice @ known)


def _moved(
    heard: Mapping[str, Mask], said: _Said, voice_of: Mapping[int, str], voiceprints: _Voiceprints
) -> dict[str, Mask]:
    """In which frames each label is heard when faces have put them right."""
    total = len(next(iter(heard.values())))
    labels = dict.fromkeys([*heard, *voice_of.values()])
    moved = {label: heard[label].copy() if label in heard else np.zeros(total, bool) for label in labels}
    mostly = {face: _mostly(said, face) for face in voice_of}
    for label in heard:
        parted = list(dict.fromkeys(voice_of[face] for face in voice_of if mostly[face] == label))
        settled = np.zeros(total, bool)
        for (other, face), frames in said.items():
            if other != label or face not in voice_of:
                continue
            voice = voice_of[face]
            for first, stop in _runs(frames):
                if voice != label and mostly[face] != label and not _alike(voiceprints, first, stop, label, voice):
                    continue
                moved[label][first:stop] = False
                moved[voice][first:stop] = True
                settled[first:stop] = True
        if len(parted) > 1:
            for first, stop in _runs(heard[label] & ~settled):
                voice = _goes_on_with(first, stop, {voice: moved[voice] & settled for voice in parted}, voiceprints)
                moved[label][first:stop] = False
                moved[voice][first:stop] = True
    return moved


def _mostly(said: _Said, face: int) -> str:
    return max(
        sorted(label for label, number in said if number == face), key=lambda label: int(said[label, face].sum())
    )


def _alike(voiceprints: _Voiceprints, first: int, stop: int, label: str, voice: str) -> bool:
    """Whether a turn that diarization gives to ``label`` may be of ``voice``, by its sound."""
    own, others = voiceprints.likeness(first, stop, label), voiceprints.likeness(first, stop, voice)
    return own is not None and others is not None and others >= own - MARGIN


def _goes_on_with(first: int, stop: int, voices: Mapping[str, Mask], voiceprints: _Voiceprints) -> str:
    """The voice of the turn before or after, or the one that is most alike."""

    def gap(frames: Mask) -> int:
        where = np.flatnonzero(frames)
        return int(min(np.abs(where - first).min(), np.abs(where - stop + 1).min())) if len(where) else len(frames)

    gaps = {voice: gap(frames) for voice, frames in voices.items()}
    nearest = min(gaps, key=lambda voice: gaps[voice])
    if gaps[nearest] <= MAX_GAP:
        return nearest
    alike = {voice: voiceprints.likeness(first, stop, voice) for voice in voices}
    known = {voice: likeness for voice, likeness in alike.items() if likeness is not None}
    return max(known, key=lambda voice: known[voice]) if known else nearest


def _renumbered(voices: Sequence[Voice], moved: Mapping[str, Mask]) -> list[Voice]:
    """With labels in the order of first speech, as diarization gives them."""
    spoken = {label: int(frames.argmax()) for label, frames in moved.items() if frames.any()}
    order = sorted(spoken, key=lambda label: (spoken[label], label))
    names = {label: f"SPEAKER_{number:02d}" for number, label in enumerate(order)}
    return [
        Voice(voice.is_speech, tuple(sorted(names[label] for label in order if moved[label][frame])))
        for frame, voice in enumerate(voices)
    ]


def _runs(frames: Mask) -> list[tuple[int, int]]:
    """Half-open ranges of frames that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], frames, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]
