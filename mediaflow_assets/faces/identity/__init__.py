"""Trackers by name: which detection is the same person as in the frame before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mediaflow_assets.faces.detection import Detection


class Tracker(Protocol):
    """Gives every detection of every frame an id."""

    def begin_shot(self) -> None:
        """A cut: nothing seen before may be continued."""
        ...

    def update(self, detections: Sequence[Detection]) -> list[tuple[int, Detection]]:
        """Ids (from 1, never reused) for the detections of the next frame."""
        ...

    @property
    def ambiguous(self) -> frozenset[int]:
        """Ids in that frame which by their place alone may be somebody else from now on."""
        ...
