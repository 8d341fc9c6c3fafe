"""What an editor would complain about, counted for each shot against the tracking document as it is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Keyframe, Measures, Segment
from mediaflow_assets.reframing.aspects import Aspect
from mediaflow_assets.reframing.people import runs
from mediaflow_assets.reframing.tracks import ShotTracks, Track

Views = Sequence[NDArray[np.float64]]
"""Each ``(n, 4)``: what is shown of the picture in every frame of a shot; two in a split screen."""
_HALF, _WHOLE, _TOUCHED = 0.5, 0.97, 0.05
_FIRST_WORDS = 8
_BACK = FPS


class Change(NamedTuple):
    """A cut (``last`` = ``first``, no direction) or a move; frames from 1."""

    first: int
    last: int
    direction: int


class Measuring:
    """Counts over the shots of a video; :attr:`result` may be asked when all are in."""

    def __init__(self, aspect: Aspect) -> None:
        self._aspect = aspect
        self._frames = self._with_face = self._empty = self._cut = self._too_big = 0
        self._speaking = self._whole = self._first = self._first_whole = 0
        self._moves = self._cuts = self._reversals = 0
        self._shortest: int | None = None
        self._enlargement = 0.0

    def add(self, shot: ShotTracks, views: Views, segments: Sequence[Segment], keyframes: Sequence[Keyframe]) -> None:
        """Add one shot."""
        self._frames += shot.length
        self._faces(shot, views)
        self._calm(shot, changes(segments, keyframes))
        narrowest = min(float(view[:, 2].min()) for view in views)
        self._enlargement = max(self._enlargement, self._aspect.width / narrowest)

    def _faces(self, shot: ShotTracks, views: Views) -> None:
        any_face, shown, cut, too_big = (np.zeros(shot.length, bool) for _ in range(4))
        for track in shot.faces:
            share, fits = inside(track, views)
            any_face[track.frames] = True
            shown[track.frames] |= share >= _HALF
            cut[track.frames] |= fits & (share > _TOUCHED) & (share < _WHOLE)
            too_big[track.frames] |= ~fits
            self._speaker(track, share >= _WHOLE, fits, shot.length)
        self._with_face += int(any_face.sum())
        self._empty += int((any_face & ~shown).sum())
        self._cut += int(cut.sum())
        self._too_big += int(too_big.sum())

    def _speaker(self, track: Track, whole: NDArray[np.bool_], fits: NDArray[np.bool_], length: int) -> None:
        counted = track.speaking & fits
        self._speaking += int(counted.sum())
        self._whole += int((counted & whole).sum())
        said = np.zeros(length, bool)
        said[track.frames] = track.speaking
        for first, last in runs(said):
            words = counted & (track.frames >= first) & (track.frames < min(last, first + _FIRST_WORDS))
            self._first += int(words.sum())
            self._first_whole += int((words & whole).sum())

    def _calm(self, shot: ShotTracks, found: Sequence[Change]) -> None:
        self._cuts += sum(change.direction == 0 for change in found)
        self._moves += sum(change.direction != 0 for change in found)
        start, end = shot.scene
        edges = [Change(start, start, 0), *found, Change(end + 1, end + 1, 0)]
        for before, after in itertools.pairwise(edges):
            pause = after.first - before.last
            turned = before.direction * after.direction < 0
            self._reversals += turned and pause < _BACK
            # A move that begins or ends with the shot has no hold on that side.
            if found and pause > 1 and (self._shortest is None or pause < self._shortest):
                self._shortest = pause

    @property
    def result(self) -> Measures:
        minutes = max(self._frames, 1) / FPS / 60
        return Measures(
            empty_percent=_percent(self._empty, self._with_face) or 0.0,
            speaker_whole_percent=_percent(self._whole, self._speaking),
            first_words_percent=_percent(self._first_whole, self._first),
            cut_face_percent=_percent(self._cut, self._with_face) or 0.0,
            too_big_frames=self._too_big,
            pans_per_minute=round(self._moves / minutes, 2),
            cuts_per_minute=round(self._cuts / minutes, 2),
            reversals=self._reversals,
            shortest_hold_s=None if self._shortest is None else round(self._shortest / FPS, 2),
            enlargement=round(self._enlargement, 2),
        )


def inside(track: Track, views: Views) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each frame of a track: the part of the box that is shown, and whether it could be whole."""
    box = track.boxes.astype(np.float64)
    width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    share, fits = np.zeros(len(box)), np.zeros(len(box), bool)
    for every in views:
        view = every[track.frames]
        across = np.minimum(box[:, 2], view[:, 0] + view[:, 2]) - np.maximum(box[:, 0], view[:, 0])
        down = np.minimum(box[:, 3], view[:, 1] + view[:, 3]) - np.maximum(box[:, 1], view[:, 1])
        share = np.maximum(share, np.maximum(across, 0) * np.maximum(down, 0) / (width * height))
        fits |= (width <= view[:, 2]) & (height <= view[:, 3])
    return share, fits


def changes(segments: Sequence[Segment], keyframes: Sequence[Keyframe]) -> list[Change]:
    """Cuts and moves of a shot in the order of time."""
    found = [Change(segment.first, segment.first, 0) for segment in segments if segment.begins == "cut"]
    start: Keyframe | None = None
    for key in keyframes:
        if key.easing == "cubic":
            start = start or key
        elif start is not None:
            way = sum(after - before for before, after in zip(start.crop[:2], key.crop[:2], strict=True))
            found.append(Change(start.frame, key.frame, 1 if way > 0 else -1))
            start = None
    return sorted(found)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
