"""Which face, if any, belongs to each voice: one hidden Markov chain per voice over a whole video.

A voice is one of the faces or somebody who is never in the picture, and hardly ever becomes somebody
else, least of all in the middle of a sentence. That is a chain with a state for each face and one for
"off screen", which is left with a small probability per frame (Rabiner, 1989). Each face brings
evidence for each frame in which it is visible (a log-likelihood ratio of speaking against not
speaking); while it is not visible it can still be whose voice is heard, and nothing speaks for it or
against it. The probabilities come from the forward-backward algorithm, and how likely each face is to
be taken up in the first place from the same video, by expectation maximization: this is what the
speaker-face table is made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import VoiceAndFace

STAY_PROBABILITY = 0.998
"""That a voice belongs to the same person in the next frame in which it is heard."""
EVIDENCE_SCALE = 1 / 8
"""Neighbouring frames tell nearly the same: the windows of the evidence are 17 and 75 frames long."""
MAX_EVIDENCE = 4.0
"""Evidence of one frame is clipped to this, so that no single error decides."""
MAX_CANDIDATES = 50
"""Faces that a voice is compared with; those with the most evidence. Bounds time and memory."""
_EM_ROUNDS = 2
_PRIOR_FRAMES = 50.0
"""How many frames the belief is worth that all faces are as likely as nobody."""

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """What one face shows of speaking."""

    frames: NDArray[np.int64]
    """0-based, rising: where the face is visible."""
    evidence: Values
    """Log-likelihood ratio in each of them; 0 where nothing is known."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who speaks."""

    probability: Mapping[int, Values]
    """Per face, in each of its frames: that it says something that is heard."""
    speakers: Mapping[int, Mapping[int, tuple[str, ...]]]
    """Per face, 0-based frame to the speakers that it is; frames in which it speaks only."""
    table: tuple[VoiceAndFace, ...]
    """Sorted by speaker, then falling confidence."""


def assign(faces: Mapping[int, FaceEvidence], heard: Mapping[str, NDArray[np.int64]]) -> Assignment:
    """Decide for all faces and frames of a video.

    Args:
        faces: evidence by id.
        heard: the 0-based frames, rising, in which each speaker is heard.
    """
    silent = {number: np.ones(len(face.frames)) for number, face in faces.items()}
    speakers: dict[int, dict[int, tuple[str, ...]]] = {number: {} for number in faces}
    table: list[VoiceAndFace] = []
    for label, frames_heard in sorted(heard.items()):
        pairs = []
        for number, (rows, probability) in _of_voice(faces, frames_heard).items():
            frames = faces[number].frames[rows]
            silent[number][rows] *= 1 - probability
            chosen = frames[probability > 0.5].tolist()
            for frame in chosen:
                speakers[number][frame] = (*speakers[number].get(frame, ()), label)
            pairs.append(VoiceAndFace(label, number, round(float(probability.mean()), 3), len(chosen)))
        table += sorted(pairs, key=lambda pair: -pair.confidence)
    return Assignment({number: 1 - rest for number, rest in silent.items()}, speakers, tuple(table))


def _of_voice(
    faces: Mapping[int, FaceEvidence], heard: NDArray[np.int64]
) -> dict[int, tuple[NDArray[np.int64], Values]]:
    """Of each face seen while one voice is heard: its rows at that time, and the probability of being it there.

    Args:
        faces: all faces of the video.
        heard: 0-based frames with the voice, rising.
    """
    seen = {number: np.flatnonzero(np.isin(face.frames, heard)) for number, face in faces.items()}
    seen = {number: rows for number, rows in seen.items() if len(rows)}
    found = {number: (rows, np.zeros(len(rows))) for number, rows in seen.items()}
    evidence = {
        number: np.clip(faces[number].evidence[rows], -MAX_EVIDENCE, MAX_EVIDENCE) for number, rows in seen.items()
    }
    likeliest = sorted(seen, key=lambda number: -float(np.maximum(evidence[number], 0).sum()))
    candidates = likeliest[:MAX_CANDIDATES]
    likelihood = np.ones((len(heard), len(candidates) + 1))
    times = {number: np.searchsorted(heard, faces[number].frames[seen[number]]) for number in candidates}
    for state, number in enumerate(candidates, start=1):
        likelihood[times[number], state] = np.exp(EVIDENCE_SCALE * evidence[number])
    posterior = _posterior(likelihood)
    for state, number in enumerate(candidates, start=1):
        found[number] = (seen[number], posterior[times[number], state])
    return found


def _posterior(likelihood: Values) -> Values:
    """Probability of each state in each frame, ``(frames, states)``, from the likelihoods of the same shape."""
    states = likelihood.shape[1]
    base = np.full(states, 1 / states)
    posterior = np.zeros_like(likelihood)
    for _ in range(_EM_ROUNDS):
        posterior = forward_backward(likelihood, base, STAY_PROBABILITY)
        believed = posterior.sum(axis=0) + _PRIOR_FRAMES / states
        base = believed / believed.sum()
    return posterior


def forward_backward(likelihood: Values, base: Values, stay: float) -> Values:
    """Posterior of a chain that keeps its state, or takes any of them anew.

    Args:
        likelihood: of what is observed, ``(frames, states)``.
        base: probability of each state at the start and whenever one is taken anew, ``(states,)``.
        stay: probability of keeping the state from one frame to the next.
    """
    posterior = np.empty_like(likelihood)
    forward = base
    for frame, observed in enumerate(likelihood):
        if frame:
            forward = stay * forward + (1 - stay) * base
        forward = forward * observed
        forward = forward / forward.sum()
        posterior[frame] = forward
    backward = np.ones(likelihood.shape[1])
    for frame in range(len(likelihood) - 2, -1, -1):
        following = backward * likelihood[frame + 1]
        backward = stay * following + (1 - stay) * float(base @ following)
        backward = backward / backward.sum()
        posterior[frame] *= backward
    normalized: Values = posterior / posterior.sum(axis=1, keepdims=True)
    return normalized
