"""What the sample's three videos show: a plan of shots as data, drawn by ``camera``.

Cuts are at frames that are no multiple of 25, so that a result rounded to seconds cannot pass.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate
from typing import Literal, NamedTuple

from mediaflow_assets.sample.faces import Person
from mediaflow_assets.sample.ingredients import BRICK, COFFEE, GRASS, GRAVEL, ROCKET, Ingredient

WIDTH, HEIGHT = 640, 360

Sound = Literal["dialogue", "room"]


class Pose(NamedTuple):
    """Where a layer lies in the frame, in pixels."""

    x: float
    y: float
    """Centre of the layer's box."""
    height: float
    """Height of the layer's box."""


class Move(NamedTuple):
    """A smooth way from one pose to another over a shot, with a gentle sway."""

    start: Pose
    end: Pose
    sway: float = 0.0
    """Amplitude of the sway as a part of the height."""

    def at(self, progress: float) -> Pose:
        """Pose at ``progress`` 0..1 of the shot."""
        x, y, height = (a + (b - a) * progress for a, b in zip(self.start, self.end, strict=True))
        turn = 2 * math.pi * progress
        return Pose(
            x + self.sway * height * math.sin(2 * turn), y + self.sway * height / 2 * math.sin(3 * turn), height
        )


class Backdrop(NamedTuple):
    """A picture that fills the frame, moved slowly as by a camera."""

    picture: Ingredient
    tint: tuple[float, float, float]
    """Factors for blue, green and red: the textures are grey."""
    move: Move


class Actor(NamedTuple):
    """A person in a shot; the poses are those of the face's box."""

    person: Person
    move: Move


class Shot(NamedTuple):
    """One uncut piece of ``frames`` source frames."""

    frames: int
    backdrop: Backdrop
    actors: tuple[Actor, ...] = ()

    def progress(self, index: int) -> float:
        """How far the shot is at its 0-based frame ``index``: 0 at the first, 1 at the last."""
        return index / max(self.frames - 1, 1)


class Chewing(NamedTuple):
    """Somebody moves the mouth without speaking, in source frames ``first..last`` (0-based, both included)."""

    person: Person
    first: int
    last: int


class Film(NamedTuple):
    """One video of the sample."""

    path: str
    """POSIX path below the archive's root folder; its suffix chooses the container."""
    shots: tuple[Shot, ...]
    rate: Fraction
    """Frames per second."""
    sound: Sound | None
    voices: tuple[tuple[str, Person], ...] = ()
    """Speakers of the sound and whose mouths move with them, wherever these are in the picture."""
    chewing: tuple[Chewing, ...] = ()

    @property
    def frames(self) -> int:
        """Number of source frames."""
        return sum(shot.frames for shot in self.shots)

    @property
    def shot_starts(self) -> tuple[int, ...]:
        """0-based source frame at which each shot starts."""
        return tuple(accumulate((shot.frames for shot in self.shots[:-1]), initial=0))


def _drift(x: float, y: float, height: float = 500) -> Move:
    """A slow camera move that ends ``x, y`` pixels away and a little nearer."""
    return Move(Pose(320 - x / 2, 180 - y / 2, height), Pose(320 + x / 2, 180 + y / 2, height * 1.05))


def _person(person: Person, start: Pose, end: Pose) -> Actor:
    return Actor(person, Move(start, end, sway=0.04))


_WHITE = (1.0, 1.0, 1.0)
_WALL = Backdrop(BRICK, (0.75, 0.95, 1.35), _drift(30, 8, 680))
_STONES = Backdrop(GRAVEL, (1.2, 1.0, 0.85), _drift(-26, 10, 720))
_LAWN = Backdrop(GRASS, (0.5, 0.9, 0.7), _drift(24, -14, 700))
_NIGHT = Backdrop(ROCKET, _WHITE, _drift(-30, 12, 470))
_TABLE = Backdrop(COFFEE, _WHITE, _drift(28, -10, 480))

_FILM = Fraction(25)
_NTSC = Fraction(30000, 1001)

INTERVIEW = Film(
    "interview.mp4",
    (
        Shot(133, _WALL, (_person("collins", Pose(230, 150, 124), Pose(330, 160, 138)),)),
        Shot(119, _NIGHT, (_person("hopper", Pose(400, 170, 150), Pose(330, 165, 132)),)),
        Shot(
            137,
            _LAWN,
            (
                _person("collins", Pose(165, 150, 118), Pose(190, 155, 124)),
                _person("hopper", Pose(480, 160, 128), Pose(462, 165, 136)),
            ),
        ),
        Shot(69, _TABLE),
        Shot(39, _STONES, (_person("hopper", Pose(250, 185, 168), Pose(285, 180, 174)),)),
        Shot(115, _NIGHT, (_person("collins", Pose(380, 165, 150), Pose(300, 155, 132)),)),
        Shot(
            138,
            _WALL,
            (
                _person("hopper", Pose(170, 165, 134), Pose(196, 160, 128)),
                _person("collins", Pose(470, 155, 122), Pose(450, 150, 116)),
            ),
        ),
    ),
    _FILM,
    "dialogue",
    voices=(("speaker90", "hopper"), ("speaker91", "collins")),
    # In the last shot, while she listens.
    chewing=(Chewing("hopper", 615, 690),),
)

SILENT = Film(
    "sub/silent.mov",
    (
        Shot(83, _STONES, (_person("collins", Pose(260, 155, 128), Pose(360, 160, 140)),)),
        Shot(67, _TABLE),
    ),
    _FILM,
    None,
)

# Both cuts lie away from the middle between two frames of the 25-fps clock (at 80.9 and 141.8),
# so that no way of rounding is in doubt about them.
B_ROLL = Film(
    "b-roll.mp4",
    (
        Shot(97, _TABLE),
        Shot(73, _LAWN, (_person("hopper", Pose(390, 170, 150), Pose(310, 165, 138)),)),
        Shot(70, _NIGHT),
    ),
    _NTSC,
    "room",
)

FILMS = (INTERVIEW, SILENT, B_ROLL)
