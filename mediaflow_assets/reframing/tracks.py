"""What was tracked in each shot, as arrays; one shot is held at a time."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_boxes import Box, BoxFrame

FACE = "face"
PERSON = "person"
MIN_PERSON_CONFIDENCE = 0.5


@dataclass(frozen=True)
class Track:
    """One id within one shot, where it was seen."""

    id: str
    label: str
    frames: NDArray[np.int32]
    """Rising, from 0 at the shot's first frame."""
    boxes: NDArray[np.float32]
    """``(n, 4)``: left, top, right, bottom in pixels."""
    speaking: NDArray[np.bool_]
    yaw: NDArray[np.float32]
    """Degrees, positive towards the right of the picture; NaN where nobody measured it."""


@dataclass(frozen=True)
class ShotTracks:
    """Everything tracked in one shot."""

    scene: Scene
    faces: tuple[Track, ...]
    others: tuple[Track, ...]
    """Persons whose face need not be seen, animals, things."""

    @property
    def length(self) -> int:
        return self.scene.last - self.scene.first + 1


def shots(scenes: Sequence[Scene], frames: Iterable[BoxFrame]) -> Iterator[ShotTracks]:
    """Group a stream of frames by shot.

    Args:
        scenes: contiguous, from frame 1.
        frames: 1, 2 … as the tracking document has them, or as corrections change them.

    Raises:
        BadInput: the stream has another number of frames than the scenes.
    """
    stream = iter(frames)
    for scene in scenes:
        seen: dict[tuple[str, str], _Growing] = {}
        for offset in range(scene.last - scene.first + 1):
            frame = next(stream, None)
            if frame is None or frame.frame != scene.first + offset:
                raise BadInput(
                    "tracking document",
                    f"has no frame {scene.first + offset} where the scenes have one",
                    "Materialize tracking_json again",
                )
            for box in frame.tracked_objects:
                if _counts(box):
                    seen.setdefault((box.id, box.label), _Growing()).add(offset, box)
        tracks = [growing.track(name, label) for (name, label), growing in seen.items()]
        faces = tuple(track for track in tracks if track.label == FACE)
        yield ShotTracks(scene, faces, tuple(track for track in tracks if track.label != FACE))
    if next(stream, None) is not None:
        raise BadInput("tracking document", "has more frames than the scenes", "Materialize tracking_json again")


def _counts(box: Box) -> bool:
    if box.label == PERSON and (1.0 if box.confidence is None else box.confidence) < MIN_PERSON_CONFIDENCE:
        return False
    return box.bbox_xmax > box.bbox_xmin and box.bbox_ymax > box.bbox_ymin


class _Growing:
    """A track while it is read: 25 bytes a frame, so that an hour without a cut stays small."""

    def __init__(self) -> None:
        self._frames = array("i")
        self._numbers = array("f")
        self._speaking = bytearray()

    def add(self, frame: int, box: Box) -> None:
        if self._frames and self._frames[-1] == frame:
            return  # one id twice in a frame: the first counts
        self._frames.append(frame)
        yaw = math.nan if box.yaw is None else box.yaw
        self._numbers.extend((box.bbox_xmin, box.bbox_ymin, box.bbox_xmax, box.bbox_ymax, yaw))
        self._speaking.append(box.is_speaking)

    def track(self, name: str, label: str) -> Track:
        numbers = np.frombuffer(self._numbers, np.float32).reshape(-1, 5)
        return Track(
            id=name,
            label=label,
            frames=np.frombuffer(self._frames, np.int32),
            boxes=numbers[:, :4],
            speaking=np.frombuffer(self._speaking, np.bool_),
            yaw=numbers[:, 4],
        )
