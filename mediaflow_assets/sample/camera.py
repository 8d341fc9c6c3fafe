"""Draws a film's frames: a backdrop and the people before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.sample.faces import Box, Person
from mediaflow_assets.sample.ingredients import Picture, read_picture
from mediaflow_assets.sample.mouths import openings, with_mouth
from mediaflow_assets.sample.storyboard import HEIGHT, WIDTH, Backdrop, Film, Pose, Shot


def draw_film(film: Film) -> Iterator[Picture]:
    """Yield every source frame as ``360 x 640 x 3`` blue-green-red bytes."""
    mouths = iter(openings(film))
    for shot in film.shots:
        for index in range(shot.frames):
            yield draw_frame(shot, index, next(mouths))


def draw_frame(shot: Shot, index: int, mouths: Mapping[Person, float] = MappingProxyType({})) -> Picture:
    """The 0-based frame ``index`` of a shot, with so far opened mouths (0..1)."""
    progress = shot.progress(index)
    scenery = _scenery(shot.backdrop)
    whole = Box(0, 0, scenery.shape[1], scenery.shape[0])
    frame = _place(scenery, whole, shot.backdrop.move.at(progress), cv2.BORDER_REFLECT_101)
    for actor in shot.actors:
        face = with_mouth(actor.person, mouths.get(actor.person, 0.0))
        layer = _place(face.image, face.box, actor.move.at(progress), cv2.BORDER_CONSTANT)
        opacity = layer[:, :, 3:].astype(np.uint16)
        mixed = layer[:, :, :3] * opacity + frame * (255 - opacity)
        frame = (mixed // 255).astype(np.uint8)
    return frame


def _place(image: Picture, box: Box, pose: Pose, border: int) -> Picture:
    """Draw ``image`` into an empty frame so that its ``box`` gets the pose."""
    scale = pose.height / box.height
    shift_x = pose.x - scale * (box.x + box.width / 2)
    shift_y = pose.y - scale * (box.y + box.height / 2)
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    placed = cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=border)
    return placed.astype(np.uint8)


@cache
def _scenery(backdrop: Backdrop) -> Picture:
    tinted: NDArray[np.float64] = read_picture(backdrop.picture) * np.array(backdrop.tint)
    return tinted.clip(0, 255).astype(np.uint8)
