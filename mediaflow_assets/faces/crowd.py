"""At most so many faces per frame: those that the shot already has, then the larger ones."""

from __future__ import annotations

from collections.abc import Sequence

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.interpolation import pairs

MAX_UNSEEN = 25
"""Frames (one second) for which the place of a face that is not found is kept."""


class Crowd:
    """Selects the faces of one frame after another, so that none blinks because another scores higher for a moment.

    Args:
        max_faces: kept per frame.
    """

    def __init__(self, max_faces: int) -> None:
        self._max_faces = max_faces
        self._known: list[tuple[Detection, int]] = []
        """Faces that were kept, as they were last seen, and frames since then."""
        self.frames_over_limit = 0
        """Frames in which faces were left out."""

    def begin_shot(self) -> None:
        """A cut: nobody is known."""
        self._known = []

    def select(self, faces: Sequence[Detection]) -> list[Detection]:
        """The faces of the next frame that are kept, in their order."""
        again = {id(pair.after): id(pair.before) for pair in pairs([face for face, _ in self._known], faces)}
        ranked = sorted(faces, key=lambda face: (id(face) not in again, -face.bbox[2] * face.bbox[3]))
        kept = ranked[: self._max_faces]
        self.frames_over_limit += len(faces) > len(kept)
        chosen = {id(face) for face in kept}
        seen = set(again.values())
        missing = [(face, age + 1) for face, age in self._known if id(face) not in seen and age < MAX_UNSEEN]
        self._known = [(face, 0) for face in kept] + missing
        return [face for face in faces if id(face) in chosen]
