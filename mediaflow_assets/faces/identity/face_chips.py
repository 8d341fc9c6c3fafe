"""The best looks at each face of a video, kept for comparing faces.

A portrait is cut where the picture is at hand, while faces are looked for: reading a picture again
later means decoding everything since the key frame before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.alignment import eyes_apart

EVERY = 5
"""Frames of a shot from one portrait of a face to the next."""
_KEPT = 4
"""Portraits of each face that are compared: one may be blurred or turned away."""
_STRETCH = 25
"""Frames of which one portrait is kept at most: neighbours look alike."""
_CROWDED = 0.25
"""Factor of the size of a look in which another face touches this one, and may cover part of it."""


class _Look(NamedTuple):
    size: float
    """Pixels between the eyes; less where the face may be covered."""
    frame: int
    """0-based."""
    portrait: bytes


class FaceChips:
    """Collects them: about 20 kB for each face."""

    def __init__(self) -> None:
        self._best: dict[int, dict[int, _Look]] = {}
        """Of each face by its number the best look of some stretches of frames."""

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame, by id."""
        for number, face in faces.items():
            if face.portrait is not None:
                crowded = any(_touch(face, other) for other in faces.values() if other is not face)
                size = eyes_apart(face) * (_CROWDED if crowded else 1.0)
                self._keep(number, _Look(size, frame, face.portrait))

    def _keep(self, number: int, look: _Look) -> None:
        best = self._best.setdefault(number, {})
        stretch = look.frame // _STRETCH
        if stretch not in best or look.size > best[stretch].size:
            best[stretch] = look
        if len(best) > _KEPT:
            del best[min(best, key=lambda one: best[one].size)]

    def frames(self) -> dict[int, list[int]]:
        """Where the portraits of each face are from, in rising order; 0-based."""
        return {number: [look.frame for look in self._looks(number)] for number in self._best}

    def pictures(self, numbers: Iterable[int] | None = None) -> dict[int, list[bytes]]:
        """Portraits of each face, or of those of ``numbers``."""
        chosen = self._best if numbers is None else (number for number in numbers if number in self._best)
        return {number: [look.portrait for look in self._looks(number)] for number in chosen}

    def _looks(self, number: int) -> list[_Look]:
        return [look for _, look in sorted(self._best[number].items())]


def _touch(face: Detection, other: Detection) -> bool:
    """Whether two boxes have anything in common."""
    return all(
        face.bbox[side] < other.bbox[side] + other.bbox[side + 2]
        and other.bbox[side] < face.bbox[side] + face.bbox[side + 2]
        for side in (0, 1)
    )
