"""The films of ``films.py`` as pictures: real people, cut out of their photographs, before real backgrounds.

Something that hides a face is a strip of the background before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.sample.faces import Face
from mediaflow_assets.sample.ingredients import BRICK, GRASS, GRAVEL, read_picture
from support.faces.films import HEIGHT, WIDTH, Box, Film, Person

_GROUNDS = (BRICK, GRASS, GRAVEL)


class Drawn:
    """A film as it is seen."""

    def __init__(self, film: Film, people: Sequence[Face]) -> None:
        self.film = film
        self._people = people

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """Frames, RGB."""
        for frame in range(self.film.frames):
            shot = sum(cut <= frame for cut in self.film.cuts) - 1
            ground = _ground(shot)
            canvas = ground.copy()
            for person, layer in self._layers(frame):
                opacity = layer[:, :, 3:].astype(np.uint16)
                canvas = ((layer[:, :, :3] * opacity + canvas * (255 - opacity)) // 255).astype(np.uint8)
                if (strip := self._strip(person, frame)) is not None:
                    canvas[:, strip] = ground[:, strip]
            yield np.ascontiguousarray(canvas[:, :, ::-1])

    def truth(self, frame: int) -> dict[int, Box]:
        """Everybody of whose face at least half can be seen, by name."""
        hidden = np.zeros((HEIGHT, WIDTH), bool)
        found = {}
        for person, layer in reversed(self._layers(frame)):
            if (strip := self._strip(person, frame)) is not None:
                hidden[:, strip] = True
            own = layer[:, :, 3] > 127
            box = person.box(frame)
            if box is not None:
                left, top, right, bottom = (max(round(v), 0) for v in (*box[:2], box[0] + box[2], box[1] + box[3]))
                face = own[top:bottom, left:right]
                if (face & ~hidden[top:bottom, left:right]).sum() >= 0.5 * face.sum():
                    found[person.name] = box
            hidden |= own
        return found

    def _layers(self, frame: int) -> list[tuple[Person, NDArray[np.uint8]]]:
        """Who is there with his picture (blue, green, red, opacity), the furthest first."""
        present = [person for person in self.film.people if person.first <= frame <= person.last]
        return [(person, self._layer(person, frame)) for person in sorted(present, key=lambda person: person.depth)]

    def _layer(self, person: Person, frame: int) -> NDArray[np.uint8]:
        x, y, height = (float(value) for value in person.where(frame))
        face = self._people[person.name % len(self._people)]
        scale = height / face.box.height
        middle = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
        matrix = np.array([[scale, 0, x - scale * middle[0]], [0, scale, y - scale * middle[1]]])
        return np.asarray(cv2.warpAffine(face.image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA), np.uint8)

    @staticmethod
    def _strip(person: Person, frame: int) -> slice | None:
        """Columns in which something stands before a person."""
        if not any(frame in gap for gap in person.hidden):
            return None
        x, _, height = (float(value) for value in person.where(frame))
        return slice(max(round(x - height), 0), max(round(x + height), 0))


@cache
def _ground(shot: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(read_picture(_GROUNDS[shot % len(_GROUNDS)]), (WIDTH, HEIGHT)), np.uint8)


def write(path: Path, frames: Iterator[NDArray[np.uint8]]) -> None:
    """A video of 25 fps."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
