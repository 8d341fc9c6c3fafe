"""Which face, if any, belongs to each voice: a small mixture model over a whole video.

In every frame in which a speaker is heard, the speaker is one of the visible faces or somebody who
is not in the picture. Each face brings evidence for that frame (a log-likelihood ratio of speaking
against not speaking); each pair of speaker and face has a prior, the same over the whole video,
which is what the speaker-face table is made of. The priors and the frames' probabilities are found
together by expectation maximization (Dempster, Laird and Rubin, 1977).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.speaking import Pair

_ROUNDS = 20
_PRIOR = 0.5
"""That a visible face is the one that is heard, before anything has been seen."""
_PRIOR_FRAMES = 50
"""How many frames that belief is worth; neighbouring frames tell nearly the same."""
_MOST_EVIDENCE = 4.0
"""Evidence of one frame is cut to this, so that no single error decides."""
_LEAST_ODDS, _MOST_ODDS = 0.02, 20.0


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """What one face shows of speaking."""

    frames: NDArray[np.int64]
    """0-based, rising: where the face is visible."""
    evidence: NDArray[np.float64]
    """Log-likelihood ratio in each of them; 0 where nothing is known."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who speaks."""

    probability: Mapping[int, NDArray[np.float64]]
    """Per face, in each of its frames: that it says something that is heard."""
    speakers: Mapping[int, Mapping[int, tuple[str, ...]]]
    """Per face, 0-based frame to the speakers that it is; frames in which it speaks only."""
    table: tuple[Pair, ...]
    """Sorted by speaker, then falling confidence."""


def assign(faces: Mapping[int, FaceEvidence], voices: Sequence[Sequence[str]]) -> Assignment:
    """Decide for all faces and frames of a video.

    Args:
        faces: evidence by id.
        voices: labels of the speakers heard in each frame.
    """
    ids = list(faces)
    if not ids:
        return Assignment({}, {}, ())
    evidence = np.concatenate([faces[number].evidence for number in ids])
    rows = _Rows(
        face=np.repeat(np.arange(len(ids)), [len(faces[number].frames) for number in ids]),
        frame=np.concatenate([faces[number].frames for number in ids]),
        weight=np.exp(np.clip(evidence, -_MOST_EVIDENCE, _MOST_EVIDENCE)),
        faces=len(ids),
        total=len(voices),
    )
    silent = np.ones(len(rows.face))
    speakers: dict[int, dict[int, tuple[str, ...]]] = {number: {} for number in ids}
    table: list[Pair] = []
    for label in sorted({label for heard in voices for label in heard}):
        heard = np.array([label in labels for labels in voices])
        here = np.flatnonzero(heard[rows.frame])
        probability = rows.probabilities(here)
        silent[here] *= 1 - probability
        chosen = probability > 0.5
        for row in here[chosen]:
            number, frame = ids[rows.face[row]], int(rows.frame[row])
            speakers[number][frame] = (*speakers[number].get(frame, ()), label)
        table += _pairs(label, ids, rows.face[here], probability, chosen)
    ends = np.cumsum([len(faces[number].frames) for number in ids])
    parts = np.split(1 - silent, ends[:-1])
    return Assignment(dict(zip(ids, parts, strict=True)), speakers, tuple(table))


@dataclass(frozen=True, eq=False)
class _Rows:
    """All faces of all frames, one under the other."""

    face: NDArray[np.int64]
    frame: NDArray[np.int64]
    weight: NDArray[np.float64]
    """Likelihood ratio of speaking."""
    faces: int
    total: int

    def probabilities(self, here: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of the rows ``here``, in all of which one voice is heard: that the row's face is that voice."""
        face, frame, weight = self.face[here], self.frame[here], self.weight[here]
        seen = np.bincount(face, minlength=self.faces)
        prior = np.full(self.faces, _PRIOR)
        probability = np.zeros(len(here))
        for _ in range(_ROUNDS):
            odds = np.clip(prior / (1 - prior), _LEAST_ODDS, _MOST_ODDS)
            share = odds[face] * weight
            # 1: somebody who is not in the picture
            probability = share / (1 + np.bincount(frame, share, self.total)[frame])
            believed = np.bincount(face, probability, self.faces)
            prior = (_PRIOR * _PRIOR_FRAMES + believed) / (_PRIOR_FRAMES + seen)
        return probability


def _pairs(
    label: str, ids: Sequence[int], face: NDArray[np.int64], probability: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> list[Pair]:
    found = [
        Pair(label, ids[index], round(float(probability[face == index].mean()), 3), int(chosen[face == index].sum()))
        for index in np.unique(face)
    ]
    return sorted(found, key=lambda pair: -pair.confidence)
