"""What a thing is called: object detectors change their mind from frame to frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from mediaflow_assets.faces.detection import OBJECT, Detection

MIN_LIFE = 7
"""Frames; what is seen for less is an error of the detector."""


class Things:
    """Counts the labels under which each thing is seen."""

    def __init__(self) -> None:
        self._labels: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def add(self, identified: Iterable[tuple[int, Detection]]) -> None:
        """Everything with its id in the next frame; faces are passed over."""
        for number, item in identified:
            if item.source == OBJECT:
                self._labels[number][item.label] += 1

    def labels(self) -> dict[int, str]:
        """The commonest label of each thing that lives long enough, by id."""
        return {
            number: labels.most_common(1)[0][0] for number, labels in self._labels.items() if labels.total() >= MIN_LIFE
        }

    def short_lived(self) -> set[int]:
        """Ids of the others."""
        return self._labels.keys() - self.labels().keys()
