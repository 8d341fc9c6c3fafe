"""Photographs that speak: a mouth is opened by a warp of the picture, as wide as its voice is loud."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.sample.faces import Face, Person, cut_out
from mediaflow_assets.sample.ingredients import Picture
from mediaflow_assets.sample.sound import record, speech_in
from mediaflow_assets.sample.storyboard import Film

STEPS = 24
"""Widths of an open mouth that are drawn."""
_QUIETEST, _LOUDEST = -42.0, -20.0
"""Loudness (dB of full scale) at which a mouth is shut and wide open."""
_CHEWS_PER_SECOND = 1.4
"""Of a listener who moves the mouth, but not with the voice."""
_CAVITY = (30, 22, 48, 255)
"""Blue, green, red, opacity of the inside of a mouth."""


class Mouth(NamedTuple):
    """Pixels of the photograph, from the landmarks of the untouched face."""

    x: float
    line: float
    """Where the lips meet."""
    width: float
    chin: float
    widest: float
    """Distance of the lips when it is wide open; a smile has to open further for the networks to see it."""


_MOUTHS: dict[Person, Mouth] = {
    "collins": Mouth(223.4, 147.0, 42.0, 177.4, 23.0),
    "hopper": Mouth(267.0, 279.4, 68.0, 334.6, 32.0),
}


def openings(film: Film) -> list[dict[Person, float]]:
    """How far each person's mouth is open in each source frame: 0 (shut) to 1."""
    frames: list[dict[Person, float]] = [{} for _ in range(film.frames)]
    loudness = _loudness(film)
    people = dict(film.voices)
    for turn in speech_in(film.sound):
        person = people.get(turn.speaker)
        for index in range(round(turn.start * film.rate), min(round(turn.end * film.rate), film.frames)):
            if person is not None:
                frames[index][person] = float(loudness[index])
    for chewing in film.chewing:
        for index in range(chewing.first, chewing.last + 1):
            phase = 2 * math.pi * _CHEWS_PER_SECOND * float((index - chewing.first) / film.rate)
            frames[index][chewing.person] = 0.35 * (1 - math.cos(phase)) / 2
    return frames


def _loudness(film: Film) -> NDArray[np.float64]:
    """Of the sound during each source frame, 0..1 between the quietest and the loudest."""
    if film.sound is None:
        return np.zeros(film.frames)
    track = record(film.sound, float(film.frames / film.rate))
    edges = [round(index * track.rate / film.rate) for index in range(film.frames + 1)]
    samples = track.samples.astype(np.float64) / 32768
    pieces = (samples[first:stop] for first, stop in pairwise(edges))
    power = np.array([float((piece**2).mean()) if len(piece) else 0.0 for piece in pieces])
    decibels = 10 * np.log10(np.maximum(power, 1e-10))
    openness: NDArray[np.float64] = np.clip((decibels - _QUIETEST) / (_LOUDEST - _QUIETEST), 0.0, 1.0)
    return openness


def with_mouth(person: Person, opening: float) -> Face:
    """The cut-out person with the mouth open, 0 (as photographed) to 1."""
    return _drawn(person, round(opening * STEPS))


@cache
def _drawn(person: Person, step: int) -> Face:
    face = cut_out(person)
    if step == 0:
        return face
    import cv2

    mouth = _MOUTHS[person]
    gap = mouth.widest * step / STEPS
    rows, columns = np.mgrid[0 : face.image.shape[0], 0 : face.image.shape[1]].astype(np.float32)
    # The lower lip and the chin go down as one; the cheeks and the throat give way.
    depth = mouth.chin - mouth.line
    throat = np.clip(1 - (rows - mouth.chin) / depth, 0, 1)
    aside = np.exp(-(((columns - mouth.x) / (0.9 * mouth.width)) ** 4))
    moved = gap * aside * (rows > mouth.line) * throat
    moved_image = cv2.remap(face.image, columns, rows - moved.astype(np.float32), cv2.INTER_LINEAR)
    inside = np.zeros(moved_image.shape[:2], np.uint8)
    centre = (round(16 * mouth.x), round(16 * (mouth.line + gap / 2)))
    axes = (round(16 * 0.36 * mouth.width), round(16 * gap / 2))
    cv2.ellipse(inside, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    opacity = cv2.GaussianBlur(inside, (0, 0), 0.02 * mouth.width)[:, :, None].astype(np.float32) / 255
    image: Picture = (moved_image * (1 - opacity) + np.array(_CAVITY, np.float32) * opacity).astype(np.uint8)
    image.flags.writeable = False
    return Face(image, face.box)
