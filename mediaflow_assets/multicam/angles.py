"""What each angle shows of the people, on the clock of the reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.tracking_boxes import BoxFrame
from mediaflow_assets.multicam.sync import Alignment
from mediaflow_assets.reframing.tracks import FACE
from mediaflow_assets.reframing.voices import Turn

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Angle:
    """One camera."""

    master: Master
    alignment: Alignment
    """On the clock of the reference; frame ``n`` of it begins at ``(n - 1) / 25`` s."""
    url: str
    """Where an editing program finds the 25-fps video."""

    @property
    def name(self) -> str:
        return self.master.source_path

    def own_frames(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """Frames of the angle, from 1, that are seen at frames of the reference; some are before 1 or after its end."""
        align = self.alignment
        seconds = ((frames - 1) / FPS - align.offset) * (1 + align.drift * 1e-6)
        return np.rint(seconds * FPS).astype(np.int64) + 1

    def covered(self, total: int) -> Flags:
        """``(total,)``: frames of the reference at which this camera ran."""
        own = self.own_frames(np.arange(1, total + 1))
        inside: Flags = (own >= 1) & (own <= self.master.total_frames)
        return inside

    def first_of(self, first: int, length: int) -> int:
        """Frame of the angle at which a cut of ``length`` frames from frame ``first`` of the reference begins."""
        own = int(self.own_frames(np.array([first]))[0])
        return max(1, min(own, self.master.total_frames - length + 1))


@dataclass(frozen=True)
class Seen:
    """Faces of one angle on the clock of the reference; arrays of one value a frame."""

    covered: Flags
    speaking: NDArray[np.float32]
    """Height of the largest face that speaks, in parts of the picture's; 0 when none does."""
    faces: NDArray[np.int16]
    """How many there are."""


def seen_by(angle: Angle, frames: Iterable[BoxFrame], total: int) -> Seen:
    """Read a tracking document once.

    Args:
        frames: of the angle's tracking document; none when it has none.
        total: frames of the reference.
    """
    count = angle.master.total_frames
    speaking, faces = np.zeros(count + 1, np.float32), np.zeros(count + 1, np.int16)
    height = max(angle.master.height, 1)
    for frame in frames:
        shown = [box for box in frame.tracked_objects if box.label == FACE]
        if frame.frame <= count:
            faces[frame.frame] = len(shown)
            tall = [box.bbox_ymax - box.bbox_ymin for box in shown if box.is_speaking]
            speaking[frame.frame] = max(tall, default=0.0) / height
    covered = angle.covered(total)
    own = np.where(covered, angle.own_frames(np.arange(1, total + 1)), 0)
    return Seen(covered, speaking[own], faces[own])


def closeness(turns: Sequence[Turn], seen: Sequence[Seen]) -> dict[str, NDArray[np.float64]]:
    """How well each angle shows each speaker.

    The mean height of a speaking face while that speaker alone is heard: near and often both count, and a face that
    somebody else's voice was given to for a moment counts little.

    Returns:
        Speaker to ``(angles,)``, in parts of the picture's height.
    """
    total = len(seen[0].covered)
    heard = {label: flags_of(turns, label, total) for label in sorted({turn.label for turn in turns})}
    several = np.sum([flags.astype(np.int16) for flags in heard.values()], axis=0) if heard else np.zeros(total)
    found = {}
    for label, flags in heard.items():
        alone = flags & (several == 1)
        alone = alone if alone.any() else flags
        found[label] = np.array(
            [float(one.speaking[alone & one.covered].mean()) if (alone & one.covered).any() else 0.0 for one in seen]
        )
    return found


def flags_of(turns: Sequence[Turn], label: str, total: int) -> Flags:
    """``(total,)``: frames in which a speaker is heard."""
    flags = np.zeros(total, bool)
    for turn in turns:
        if turn.label == label:
            flags[turn.first - 1 : turn.last] = True
    return flags


def widest(seen: Sequence[Seen]) -> int | None:
    """The angle that shows most people at once; None when none shows two."""
    people = [float(one.faces[one.covered].mean()) if one.covered.any() else 0.0 for one in seen]
    best = int(np.argmax(people))
    return best if people[best] >= 1.5 else None
