"""Tracks cut into parts where somebody else may have come out of hiding, and the parts put together by likeness.

Where people pass each other, two who come out at the same place cannot be told apart by their way.
The tracker says of whom it is not sure; from there on the id counts as another one, until the faces
of both parts have been compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray


class Tracklets:
    """Numbers (from 1, never reused) for the parts of all tracks of a video."""

    def __init__(self) -> None:
        self.before: dict[int, int] = {}
        """For each part that goes on with a track, the part before it."""
        self._current: dict[int, int] = {}
        self._last = 0

    def numbers(self, ids: Iterable[int], ambiguous: frozenset[int]) -> list[int]:
        """Parts of the tracks that are seen in the next frame."""
        found = []
        for track in ids:
            if track not in self._current or track in ambiguous:
                self._last += 1
                if track in self._current:
                    self.before[self._last] = self._current[track]
                self._current[track] = self._last
            found.append(self._current[track])
        return found


def continued(
    before: Mapping[int, int],
    embeddings: Mapping[int, NDArray[np.float64]],
    together: Mapping[int, AbstractSet[int]],
    two_people: float,
) -> dict[int, int]:
    """For each part that does go on with its track, the first part of that.

    It does not when the faces are too different, or when it is more like the face of somebody who was visible beside
    the track, and so is another person, and whom it is never beside.

    Args:
        before: see :class:`Tracklets`.
        embeddings: of the faces of parts, ``(pictures, values)``; a part without any is whom it was taken for.
        together: for each part those that are visible in one of its frames.
        two_people: distance of embeddings above which two faces are two people.
    """
    first: dict[int, int] = {}
    looks = dict(embeddings)
    beside = {number: set(others) for number, others in together.items()}
    for number in sorted(before):
        start = first.get(before[number], before[number])
        if number in looks and start in looks:
            others = beside.get(start, set()) - beside.get(number, set())
            nearest = min(
                (distance(looks[number], embeddings[other]) for other in others if other in embeddings),
                default=two_people,
            )
            if distance(looks[number], looks[start]) > min(nearest, two_people):
                continue
            looks[start] = np.concatenate([looks[start], looks[number]])
        elif number in looks:
            looks[start] = looks[number]
        first[number] = start
        beside.setdefault(start, set()).update(beside.get(number, ()))
    return first


def distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Euclidean distance between two faces, 0 to 2, each ``(pictures, values)``."""
    return float(np.linalg.norm(mean_look(a) - mean_look(b)))


def mean_look(looks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of a face's pictures, ``(values,)``, made as long as they are.

    The less the pictures are alike the shorter is their mean, and so the nearer to that of anybody else.
    """
    mean = looks.mean(axis=0)
    whole: NDArray[np.float64] = mean * (np.linalg.norm(looks, axis=1).mean() / np.linalg.norm(mean))
    return whole
