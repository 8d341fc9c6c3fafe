"""How restless the camera may be: the constants of planning, by style.

Lengths are parts of the crop's size along the axis on which it moves, times are seconds. The values of ``normal``
were chosen on the tuned clips of ``benchmarks/reframing`` and checked on its held-out ones.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

StyleName = Literal["calm", "normal", "lively"]


class Style(NamedTuple):
    """Constants that a studio's taste decides."""

    min_hold: float = 1.2
    """Shortest framing, s: shorter ones do not read as a shot of their own."""
    change_price: float = 0.8
    """What a change of framing costs, in seconds of a missed speaker."""
    dead_zone: float = 0.15
    """How far the wanted place may be off before it costs."""
    move_price: float = 1.5
    """What the start of a move costs."""


STYLES: dict[StyleName, Style] = {
    "calm": Style(min_hold=2.0, change_price=1.5, dead_zone=0.2, move_price=2.5),
    "normal": Style(),
    "lively": Style(min_hold=0.8, change_price=0.3, dead_zone=0.1, move_price=0.8),
}

BASE_WEIGHT = 0.12
"""Weight of the largest silent face against 1 for a speaker: a voice from off screen must never move the camera."""
CUT_DISTANCE = 0.45
"""Framings further apart than this are cut, nearer ones glide: a glide then takes below 0.75 s."""
MAX_GROUP = 6
SPLIT_GAIN = 0.75
"""What a face in half a screen is worth against one in a whole."""
NOBODY_GAIN = 0.5
"""What objects or the middle are worth while nobody is there."""
EMPTY_PRICE = 0.5
"""What it costs to show none of those who are there."""
EYE_LINE = 0.40
"""Where the middle of a face belongs, from the top of the crop."""
