"""Numbers about a tracked video, for the stage's metadata."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from mediaflow_assets.faces.detection import FACE
from mediaflow_assets.faces.speaking import VoiceAndFace
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.formats.details import SeenFace
from mediaflow_assets.formats.tracking_json import TrackedObject

_MAX_SHOWN = 24
"""Faces that are listed one by one: those seen longest."""

T = TypeVar("T")


class Clock:
    """Wall time by part of the work."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextlib.contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Add the time of the block to ``part``."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._seconds[part] += time.monotonic() - started

    def each(self, part: str, items: Iterable[T]) -> Iterator[T]:
        """Add the time spent on waiting for ``items`` to ``part``."""
        source = iter(items)
        while True:
            with self.measure(part):
                try:
                    item = next(source)
                except StopIteration:
                    return
            yield item

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._started

    def per_frame(self, frames: int) -> dict[str, float]:
        """Milliseconds per frame by part."""
        return {part: round(seconds * 1000 / max(frames, 1), 2) for part, seconds in self._seconds.items()}


class Statistics:
    """Counts over the frames of a document as they are written."""

    def __init__(self, total_frames: int) -> None:
        self._total = total_frames
        self._with_face = self._with_speaking = self._most = 0
        self._ids: set[str] = set()
        self._speaking: Counter[str] = Counter()

    def add(self, objects: Sequence[TrackedObject]) -> None:
        """One more frame."""
        faces = [item for item in objects if item.source == FACE]
        self._with_face += bool(faces)
        self._most = max(self._most, len(faces))
        self._ids.update(item.id for item in objects)
        speaking = [item.id for item in objects if item.is_speaking]
        self._with_speaking += bool(speaking)
        self._speaking.update(speaking)

    def details(self, tracks: Mapping[int, FaceTrack], table: Sequence[VoiceAndFace]) -> dict[str, object]:
        """Everything as JSON.

        ``faces``: the faces seen longest, with the frame and box in which each is largest.
        ``speakers``: the likeliest face of each speaker with its confidence, ``off screen`` when
        that is below one half.
        """
        longest = sorted(tracks, key=lambda number: (-len(tracks[number].frames), number))[:_MAX_SHOWN]
        faces = [self._face(number, tracks[number]) for number in sorted(longest)]
        speakers: dict[str, str] = {}
        for pair in table:
            place = f"obj_{pair.face} ({pair.confidence:.2f})" if pair.confidence > 0.5 else "off screen"
            speakers.setdefault(pair.speaker or "unknown", place)
        return {
            "frames": self._total,
            "frames_with_face": self._with_face,
            "coverage": round(self._with_face / max(self._total, 1), 3),
            "frames_with_speaking": self._with_speaking,
            "most_faces": self._most,
            "ids": len(self._ids),
            "faces": msgspec.to_builtins(faces),
            "speaking_share": {face.id: face.speaking_share for face in faces},
            "speakers": speakers,
        }

    def _face(self, number: int, track: FaceTrack) -> SeenFace:
        best = int((track.boxes[:, 2] * track.boxes[:, 3]).argmax())
        name = f"obj_{number}"
        left, top, width, height = track.boxes[best].tolist()
        return SeenFace(
            id=name,
            frames=len(track.frames),
            first=int(track.frames[0]) + 1,
            last=int(track.frames[-1]) + 1,
            speaking_share=round(self._speaking[name] / len(track.frames), 3),
            best_frame=int(track.frames[best]) + 1,
            best_box=(left, top, width, height),
        )
