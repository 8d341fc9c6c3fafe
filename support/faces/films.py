"""Films with known faces: who is where in every frame, and what a detector would report of it.

Each film is a list of people; a person is a way of boxes through some frames, with a depth. A face
that is covered by a nearer face by more than half, or by the film's own pillars of frames, is not
reported, as with any detector. ``camera`` in the benchmark draws the same films with real faces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

WIDTH, HEIGHT = 960, 540

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True)
class Person:
    """One face; ``where`` gives centre x, centre y and height for a 0-based frame."""

    name: int
    where: Callable[[int], tuple[float, float, float]]
    first: int = 0
    last: int = 10**6
    depth: int = 0
    """Nearer faces have a higher one."""
    hidden: tuple[range, ...] = ()
    """Frames in which something stands before the face."""

    def box(self, frame: int) -> Box | None:
        """Box in a frame, or None when the centre is outside of the picture."""
        if not self.first <= frame <= self.last:
            return None
        x, y, height = self.where(frame)
        if not (0 <= x < WIDTH and 0 <= y < HEIGHT):
            return None
        width = 0.8 * height
        return (x - width / 2, y - height / 2, width, height)


@dataclass(frozen=True)
class Film:
    name: str
    frames: int
    people: tuple[Person, ...]
    cuts: tuple[int, ...] = (0,)
    """0-based first frame of each shot."""

    def truth(self, frame: int) -> dict[int, Box]:
        """Everybody who can be seen, by name."""
        present = [(person, box) for person in self.people if (box := person.box(frame)) is not None]
        return {
            person.name: box
            for person, box in present
            if not any(frame in gap for gap in person.hidden)
            and not any(other.depth > person.depth and _covered(box, nearer) > 0.5 for other, nearer in present)
        }

    def detections(self, frame: int, noise: Noise) -> list[Box]:
        """What a detector reports: jittered boxes, some missing, in no order."""
        boxes = [noise.jitter(box) for box in self.truth(frame).values() if not noise.misses()]
        return [boxes[index] for index in noise.random.permutation(len(boxes))]


@dataclass
class Noise:
    """Errors of a detector."""

    seed: int = 1
    size: float = 0.02
    """Standard deviation of each edge, as a part of the height."""
    miss_rate: float = 0.02
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def misses(self) -> bool:
        return bool(self.random.random() < self.miss_rate)

    def jitter(self, box: Box) -> Box:
        x, y, width, height = np.array(box) + self.random.normal(0, self.size * box[3], 4)
        return (float(x), float(y), float(width), float(height))


def _covered(box: Box, by: Box) -> float:
    """Part of ``box`` that lies under ``by``."""
    across = min(box[0] + box[2], by[0] + by[2]) - max(box[0], by[0])
    down = min(box[1] + box[3], by[1] + by[3]) - max(box[1], by[1])
    return max(across, 0.0) * max(down, 0.0) / (box[2] * box[3])


def _line(x: float, y: float, height: float, dx: float = 0, dy: float = 0, growth: float = 1) -> Callable[[int], tuple]:
    """Straight way with a slight nod, ``dx``/``dy`` pixels and ``growth`` per frame."""
    return lambda t: (x + dx * t, y + dy * t + 0.03 * height * np.sin(t / 5), height * growth**t)


def _sway(x: float, y: float, height: float, reach: float, period: float) -> Callable[[int], tuple]:
    return lambda t: (x + reach * np.sin(t / period), y + reach / 3 * np.cos(t / period * 1.7), height)


def _gap(*starts: int, length: int) -> tuple[range, ...]:
    return tuple(range(start, start + length) for start in starts)


CROSSINGS = (
    Film("crossing", 120, (Person(1, _line(150, 270, 110, 5.5)), Person(2, _line(810, 275, 110, -5.5), depth=1))),
    Film("crossing, slow", 200, (Person(1, _line(330, 260, 130, 1.6)), Person(2, _line(650, 280, 120, -1.6), depth=1))),
    Film(
        "crossing, one stands", 150, (Person(1, _sway(480, 270, 120, 8, 9)), Person(2, _line(30, 265, 130, 6), depth=1))
    ),
    Film(
        "crossing, two deep",
        160,
        (
            Person(1, _line(120, 250, 80, 4)),
            Person(2, _line(840, 265, 100, -4.5), depth=1),
            Person(3, _line(480, 300, 120, 0.5), depth=2),
        ),
    ),
    Film(
        "crossing, restless",
        200,
        (
            Person(1, lambda t: (200 + 2.9 * t + 20 * np.sin(t / 9), 260 + 12 * np.sin(t / 6), 120)),
            Person(2, lambda t: (780 - 2.7 * t + 16 * np.sin(t / 7), 270 + 10 * np.cos(t / 8), 128), depth=1),
        ),
    ),
)
OCCLUSIONS = tuple(
    Film(
        f"occluded for {length} frames",
        200,
        (
            Person(1, _line(120, 270, 100, 3.2), hidden=_gap(40, 90, 140, length=length)),
            Person(2, _sway(760, 240, 110, 25, 8), hidden=_gap(60, 120, length=length)),
        ),
    )
    for length in (3, 7, 20)
)
OTHERS = (
    Film(
        "scale change",
        150,
        (Person(1, _line(300, 270, 36, 1.2, growth=1.012)), Person(2, _line(700, 270, 220, 0.3, growth=0.989))),
    ),
    Film(
        "entering and leaving",
        240,
        (
            Person(1, _line(-40, 260, 100, 5.0)),
            Person(2, _line(1300, 280, 100, -4.5)),
            Person(3, _line(480, 200, 90), first=60, last=130),
            Person(4, _line(480, 210, 90), first=190),
        ),
    ),
    Film(
        "five faces",
        200,
        tuple(Person(n, _sway(110 + 185 * n, 180 + 60 * (n % 3), 95, 60, 6 + 1.3 * n)) for n in range(5)),
    ),
    Film(
        "shot changes",
        180,
        (
            Person(1, _line(300, 260, 120, 0.6), last=59),
            Person(2, _line(690, 260, 120, -0.6), last=59),
            Person(3, _line(310, 255, 125, 0.4), first=60, last=119),
            Person(4, _line(680, 265, 115), first=120),
        ),
        cuts=(0, 60, 120),
    ),
)
FILMS = (*CROSSINGS, *OCCLUSIONS, *OTHERS)


def random_film(seed: int) -> Film:
    """Two to four people on ways of their own for 200 frames; nobody chose them, and no tracker was tuned on them."""
    rng = np.random.default_rng(seed)

    def way() -> Callable[[int], tuple]:
        start, end = rng.uniform((60, 180), (WIDTH - 60, HEIGHT - 180), (2, 2))
        height, swing, period = rng.uniform(70, 140), rng.uniform(0, 25), rng.uniform(5, 12)

        def where(t: int) -> tuple[float, float, float]:
            x, y = start + (end - start) * t / 200
            return x + swing * np.sin(t / period), y + swing / 2 * np.cos(t / period), height

        return where

    count = int(rng.integers(2, 5))
    return Film(f"random {seed}", 200, tuple(Person(number, way(), depth=number) for number in range(count)))


HELD_OUT = tuple(random_film(seed) for seed in range(100, 120))
"""For reporting only."""
