"""Simpler ways to crop, written from their public descriptions; each gives one crop per frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.reframing.cases import Case
from mediaflow_assets.reframing.aspects import Aspect, Rect, largest_crop
from mediaflow_assets.reframing.people import Person, people_of, runs
from mediaflow_assets.reframing.tracks import ShotTracks, shots

Views = NDArray[np.float64]
Baseline = Callable[[Case, Aspect], Views]


def _views(case: Case, aspect: Aspect, middle: Callable[[ShotTracks, list[Person]], NDArray[np.float64]]) -> Views:
    width, height = largest_crop(Rect(0, 0, *map(float, case.size)), aspect.ratio)
    parts = []
    for shot in shots(case.scenes, case.documents):
        people = people_of(shot, 0)
        left = np.clip(middle(shot, people) - width / 2, 0, case.size[0] - width)
        rest = np.full(shot.length, (case.size[1] - height) / 2)
        parts.append(np.stack([left, rest, np.full_like(rest, width), np.full_like(rest, height)], axis=1))
    return np.concatenate(parts)


def centre(case: Case, aspect: Aspect) -> Views:
    """The middle of the picture."""
    return _views(case, aspect, lambda shot, people: np.full(shot.length, case.size[0] / 2))


def static_per_turn(case: Case, aspect: Aspect) -> Views:
    """A still crop on whoever speaks, from turn to turn."""

    def middle(shot: ShotTracks, people: list[Person]) -> NDArray[np.float64]:
        who = _whose_turn(shot, people)
        places = np.full(shot.length, case.size[0] / 2)
        for number, person in enumerate(people):
            x = _middle(person)
            for first, end in runs(who == number):
                places[first:end] = np.median(x[first:end])
        return places

    return _views(case, aspect, middle)


def follow_the_speaker(case: Case, aspect: Aspect) -> Views:
    """The speaker's face, smoothed, with a dead zone; a jump where it would have far to go."""
    width = largest_crop(Rect(0, 0, *map(float, case.size)), aspect.ratio)[0]

    def middle(shot: ShotTracks, people: list[Person]) -> NDArray[np.float64]:
        from scipy.ndimage import median_filter

        who = _whose_turn(shot, people)
        target = np.full(shot.length, case.size[0] / 2)
        for number, person in enumerate(people):
            target[who == number] = _middle(person)[who == number]
        target = median_filter(target, 25, mode="nearest")
        places, now = np.empty(shot.length), target[0]
        for index, wish in enumerate(target):
            if abs(wish - now) > 0.5 * width:
                now = wish
            elif abs(wish - now) > 0.1 * width:
                now += 0.12 * (wish - now)
            places[index] = now
        return places

    return _views(case, aspect, middle)


def _whose_turn(shot: ShotTracks, people: list[Person]) -> NDArray[np.int64]:
    """Index of who speaks or spoke last in each frame; the largest face before that; -1 for nobody."""
    who = np.full(shot.length, -1)
    if not people:
        return who
    size = [float(np.median(person.face[:, 2] - person.face[:, 0])) for person in people]
    now = int(np.argmax(size))
    said = np.zeros((len(people), shot.length), bool)
    for track in shot.faces:
        for number, person in enumerate(people):
            if person.id == track.id:
                said[number, track.frames] = track.speaking
    for index in range(shot.length):
        if not said[now, index] and said[:, index].any():
            now = int(np.argmax(said[:, index]))
        who[index] = now
    return who


def _middle(person: Person) -> NDArray[np.float64]:
    return ((person.face[:, 0] + person.face[:, 2]) / 2).astype(np.float64)
