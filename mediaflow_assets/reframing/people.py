"""Heads, and how much each matters in every frame of a shot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.reframing.style import BASE_WEIGHT
from mediaflow_assets.reframing.tracks import PERSON, ShotTracks, Track

MAX_GAP = FPS
"""Frames that a face may be missing within a shot and still be thought to be there; ends are held as long."""
_SMOOTHED_OVER = 9
_MIN_SEEN = 10
_MIN_SEEN_PART = 0.3
"""Of a shot shorter than those frames would need."""
MAX_PEOPLE = 24
"""Of one shot; of more, those that weigh most."""
_PAUSE = round(0.8 * FPS)
_INTERJECTION = round(0.6 * FPS)
_HEAD_SIDES, _HEAD_TOP, _HEAD_BOTTOM = 0.18, 0.40, 0.10
"""What hair, ears and chin add to a face, in parts of its size."""
_TURNED = 25.0
"""Degrees from which a head counts as turned aside."""
_LOOK_ROOM = 0.12
"""Room in front of a profile, in parts of the crop's width."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Person:
    """One person in a shot of n frames."""

    id: str
    seen_from_behind: bool
    """Known by the body alone."""
    there: NDArray[np.bool_]
    """``(n,)``"""
    face: Floats
    """``(n, 4)``: left, top, right, bottom; steady, and filled in where the person is not there."""
    head: Floats
    """The same with hair and ears."""
    speaks: NDArray[np.bool_]
    """``(n,)``: pauses closed, interjections dropped, begun a little early."""
    looks: Floats
    """``(n,)``: -1 to 1, how far the picture should make room on one side."""
    weight: Floats
    """``(n,)``"""


def people_of(shot: ShotTracks, lead: int, *, bodies: bool = True) -> list[Person]:
    """The people of a shot from left to right.

    Args:
        lead: frames by which a turn begins earlier.
        bodies: also those of whom no face is seen.
    """
    seen = [track for track in shot.faces if _long_enough(track, shot.length)]
    faces = [_person(track, shot.length, lead) for track in seen]
    behind = []
    if bodies:
        for track in shot.others:
            if track.label == PERSON and _long_enough(track, shot.length):
                found = _from_behind(track, shot.length, faces)
                if found is not None:
                    behind.append(found)
    everyone = _weighed([*faces, *behind])
    chosen = sorted(everyone, key=lambda person: -float(person.weight.sum()))[:MAX_PEOPLE]
    return sorted(chosen, key=lambda person: (_middle(person), person.id))


def _middle(person: Person) -> float:
    return float(np.median((person.head[:, 0] + person.head[:, 2])[person.there])) / 2


def _long_enough(track: Track, length: int) -> bool:
    return len(track.frames) >= min(_MIN_SEEN, max(1, _MIN_SEEN_PART * length))


def _person(track: Track, length: int, lead: int) -> Person:
    face, there = _dense(track.frames, track.boxes, length)
    width, height = face[:, 2] - face[:, 0], face[:, 3] - face[:, 1]
    head = np.stack(
        [
            face[:, 0] - _HEAD_SIDES * width,
            face[:, 1] - _HEAD_TOP * height,
            face[:, 2] + _HEAD_SIDES * width,
            face[:, 3] + _HEAD_BOTTOM * height,
        ],
        axis=1,
    )
    said = np.zeros(length, bool)
    said[track.frames] = track.speaking
    return Person(
        id=track.id,
        seen_from_behind=False,
        there=there,
        face=face,
        head=head,
        speaks=turns(said, lead) & there,
        looks=_looks(track, length),
        weight=np.zeros(length, np.float32),
    )


def _dense(frames: NDArray[np.int32], boxes: Floats, length: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Boxes of every frame: short gaps interpolated, ends held, without jitter."""
    from scipy.ndimage import median_filter

    every = np.arange(length)
    full = np.stack([np.interp(every, frames, boxes[:, side]) for side in range(4)], axis=1)
    there = np.zeros(length, bool)
    there[frames] = True
    edges = np.flatnonzero(np.diff(frames) > 1)
    for edge in edges:
        first, last = int(frames[edge]), int(frames[edge + 1])
        if last - first - 1 <= MAX_GAP:
            there[first:last] = True
        else:
            there[first : first + MAX_GAP + 1] = True
            there[last - MAX_GAP : last] = True
            # Held, not drifting towards where the face comes back.
            half = (first + last) // 2
            full[first:half] = full[first]
            full[half:last] = full[last]
    there[max(0, int(frames[0]) - MAX_GAP) : frames[0]] = True
    there[frames[-1] : int(frames[-1]) + MAX_GAP + 1] = True
    smooth = median_filter(full, size=(_SMOOTHED_OVER, 1), mode="nearest")
    return smooth.astype(np.float32), there


def turns(said: NDArray[np.bool_], lead: int) -> NDArray[np.bool_]:
    """Speech as turns: pauses up to 0.8 s closed, turns below 0.6 s dropped, begun ``lead`` frames early."""
    smooth = said.copy()
    for first, last in runs(~said):
        if first > 0 and last < len(said) and last - first <= _PAUSE:
            smooth[first:last] = True
    for first, last in runs(smooth):
        if last - first < _INTERJECTION:
            smooth[first:last] = False
    for first, _ in runs(smooth):
        smooth[max(0, first - lead) : first] = True
    return smooth


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges in which ``flags`` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _looks(track: Track, length: int) -> Floats:
    """Look-room over time; changes slowly, since a head that turns for a moment moves no camera."""
    from scipy.ndimage import median_filter

    if np.isnan(track.yaw).all():
        return np.zeros(length, np.float32)
    known = ~np.isnan(track.yaw)
    yaw = np.interp(np.arange(length), track.frames[known], track.yaw[known])
    steady = median_filter(yaw, size=2 * FPS + 1, mode="nearest")
    side = np.sign(steady) * np.clip((np.abs(steady) - _TURNED) / _TURNED, 0, 1)
    room: Floats = side.astype(np.float32)
    return room


def look_room(person: Person) -> Floats:
    """Shift of the wanted place, in parts of the crop's width."""
    shift: Floats = person.looks * np.float32(_LOOK_ROOM)
    return shift


def _from_behind(track: Track, length: int, faces: list[Person]) -> Person | None:
    """Somebody known by the body, in the frames in which no face is seen there; None when there are none."""
    body, there = _dense(track.frames, track.boxes, length)
    for face in faces:
        middle = (face.face[:, 0] + face.face[:, 2]) / 2
        there &= ~(face.there & (body[:, 0] < middle) & (middle < body[:, 2]))
    if there.sum() < _MIN_SEEN:
        return None
    width, height = body[:, 2] - body[:, 0], body[:, 3] - body[:, 1]
    head = np.minimum(0.5 * width, 0.25 * height)
    middle = (body[:, 0] + body[:, 2]) / 2
    box = np.stack([middle - head / 2, body[:, 1], middle + head / 2, body[:, 1] + 1.2 * head], axis=1)
    silent = np.zeros(length, bool)
    still = np.zeros(length, np.float32)
    return Person(track.id, True, there, box, box, silent, still, still)


def _weighed(people: list[Person]) -> list[Person]:
    """``there · (0.12 · sqrt(area / largest) + speaks)``: among the silent, the larger faces."""
    if not people:
        return []
    areas = [(person.face[:, 2] - person.face[:, 0]) * (person.face[:, 3] - person.face[:, 1]) for person in people]
    largest = max(float(np.median(area[person.there])) for area, person in zip(areas, people, strict=True))
    weighed = []
    for person, area in zip(people, areas, strict=True):
        size = np.sqrt(np.clip(area / max(largest, 1.0), 0, 1))
        weight = person.there * (BASE_WEIGHT * size + person.speaks)
        weighed.append(replace(person, weight=weight.astype(np.float32)))
    return weighed
