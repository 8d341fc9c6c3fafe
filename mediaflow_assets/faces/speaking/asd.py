"""Mode ``asd``: the LR-ASD network judges picture and sound together, face by face.

The video is decoded once more; of every face, crops around the mouth go to the network in stretches
of up to ten seconds. Its logits are the evidence from which speakers are assigned to faces, as in
mode ``associated``, so that ``active_speakers`` names only speakers of the face.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking.assignment import FaceEvidence
from mediaflow_assets.faces.speaking.associated import AssignedSpeakers
from mediaflow_assets.faces.speaking.mfcc import mfcc
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import SAMPLE_RATE
from mediaflow_assets.video.decode import rgb_frames

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from mediaflow_assets.faces.speaking.lr_asd import LrAsd

_MAX_CLIP = 250
"""Frames of a stretch: bounds the memory, and longer context hardly helps the network."""
_MIN_CLIP = 5
_GAP = 10
"""Frames without the face that do not end a stretch; the box is interpolated."""
_STEADY = 13
"""Frames of the median that keeps the crop from trembling."""
_SIDE, _DOWN = 0.7, 0.4
"""The crop the weights were trained with, in halves of the face box's larger side: half its width, and how
far its middle lies below that of the face."""
_PADDING = 110
"""Grey outside of the picture, as in training."""


@dataclass(eq=False)
class _Clip:
    """One uninterrupted piece of a track."""

    number: int
    frames: NDArray[np.int64]
    """0-based, without gaps."""
    boxes: NDArray[np.float64]
    """Centre x, centre y and half of the larger side, steadied; one row per frame."""
    crops: list[NDArray[np.uint8]] = field(default_factory=list)


class ActiveSpeakerDetection(AssignedSpeakers):
    """Evidence of the network; 0 where a face is seen for less than a fifth of a second."""

    name: ClassVar[str] = "asd"
    models: ClassVar[tuple[str, ...]] = ("lr-asd-talkset",)

    def __init__(self, settings: FaceSettings, store: ModelStore) -> None:
        super().__init__(settings, store)
        self._network: LrAsd | None = None

    def load(self) -> None:
        from mediaflow_assets.faces.speaking import lr_asd

        if self._network is None:
            self._network = lr_asd.load(self._store.path(self.models[0]))

    def evidence(self, video: Path, tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> dict[int, FaceEvidence]:
        from mediaflow_assets.faces.speaking import lr_asd

        self.load()
        assert self._network is not None  # noqa: S101 - loaded above
        found = {number: np.zeros(len(track.frames)) for number, track in tracks.items()}
        for stretch in _cropped(video, [piece for number, track in tracks.items() for piece in _pieces(number, track)]):
            start = int(stretch.frames[0]) * SAMPLE_RATE // FPS
            count = lr_asd.STEPS_PER_FRAME * len(stretch.frames)
            logits = lr_asd.logits(self._network, np.stack(stretch.crops), mfcc(sound.samples[start:], count))
            track = tracks[stretch.number]
            rows = np.flatnonzero((track.frames >= stretch.frames[0]) & (track.frames <= stretch.frames[-1]))
            found[stretch.number][rows] = logits[track.frames[rows] - stretch.frames[0]]
        return {number: FaceEvidence(tracks[number].frames, logits) for number, logits in found.items()}


def _pieces(number: int, track: FaceTrack) -> Iterator[_Clip]:
    """A track without its long gaps, in pieces that are short enough."""
    from scipy.ndimage import median_filter

    edges = np.flatnonzero(np.diff(track.frames) > _GAP) + 1
    for rows in np.split(np.arange(len(track.frames)), edges):
        seen = track.frames[rows]
        frames = np.arange(seen[0], seen[-1] + 1)
        if len(frames) < _MIN_CLIP:
            continue
        left, top, width, height = track.boxes[rows].T
        boxes = np.column_stack([left + width / 2, top + height / 2, np.maximum(width, height) / 2])
        dense = np.column_stack([np.interp(frames, seen, values) for values in boxes.T])
        steady = median_filter(dense, (_STEADY, 1), mode="nearest")
        for part in np.array_split(np.arange(len(frames)), -(-len(frames) // _MAX_CLIP)):
            yield _Clip(number, frames[part], steady[part])


def _cropped(video: Path, stretches: list[_Clip]) -> Iterator[_Clip]:
    """Each stretch with its crops, as soon as it is complete; one pass over the video."""
    import cv2

    waiting = sorted(stretches, key=lambda stretch: int(stretch.frames[0]), reverse=True)
    active: list[_Clip] = []
    for index, picture in enumerate(rgb_frames(video)):
        while waiting and waiting[-1].frames[0] == index:
            active.append(waiting.pop())
        if not active:
            continue
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        for stretch in active:
            stretch.crops.append(_crop(grey, stretch.boxes[len(stretch.crops)]))
        for stretch in [stretch for stretch in active if stretch.frames[-1] == index]:
            active.remove(stretch)
            yield stretch


def _crop(grey: MatLike, box: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Square around the lower face, ``(112, 112)``."""
    import cv2

    from mediaflow_assets.faces.speaking.lr_asd import CROP

    x, y, half = box
    scale = CROP / max(2 * _SIDE * half, 1.0)
    matrix = np.array(
        [[scale, 0, -scale * (x - _SIDE * half)], [0, scale, -scale * (y + (_DOWN - _SIDE) * half)]], np.float64
    )
    crop = cv2.warpAffine(grey, matrix, (CROP, CROP), flags=cv2.INTER_LINEAR, borderValue=_PADDING)
    return np.asarray(crop, np.uint8)
