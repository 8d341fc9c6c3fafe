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
_KEPT = 2
"""Portraits of each face that are compared."""
_APART = 25
"""Frames between them: neighbours look alike."""
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
        self._best: dict[int, list[_Look]] = {}

    def add(self, frame: int, faces: Mapping[int, Detection]) -> None:
        """All faces of a 0-based frame, by id."""
        for number, face in faces.items():
            if face.portrait is not None:
                crowded = any(_touch(face, other) for other in faces.values() if other is not face)
                size = eyes_apart(face) * (_CROWDED if crowded else 1.0)
                self._keep(number, _Look(size, frame, face.portrait))

    def _keep(self, number: int, look: _Look) -> None:
        best = self._best.setdefault(number, [])
        rivals = [other for other in best if abs(other.frame - look.frame) < _APART]
        if any(rival.size >= look.size for rival in rivals):
            return
        kept = [other for other in best if other not in rivals]
        self._best[number] = sorted([*kept, look], key=lambda other: -other.size)[:_KEPT]

    def frames(self) -> dict[int, list[int]]:
        """Where the portraits of each face are from, the best first; 0-based."""
        return {number: [look.frame for look in best] for number, best in self._best.items()}

    def pictures(self, numbers: Iterable[int] | None = None) -> dict[int, list[bytes]]:
        """Portraits of each face, or of those of ``numbers``."""
        chosen = self._best if numbers is None else (number for number in numbers if number in self._best)
        return {number: [look.portrait for look in self._best[number]] for number in chosen}


def _touch(face: Detection, other: Detection) -> bool:
    """Whether two boxes have anything in common."""
    return all(
        face.bbox[side] < other.bbox[side] + other.bbox[side + 2]
        and other.bbox[side] < face.bbox[side] + face.bbox[side + 2]
        for side in (0, 1)
    )
