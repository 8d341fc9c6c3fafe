"""One mixed track as a checkerboard: a track for each speaker, so that each voice has its own level and filters.

Every moment is on exactly one track, so playing all of them is the mix. A pause belongs half to who spoke before it
and half to who speaks after; several at once have a track of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mediaflow_assets.multicam.angles import flags_of
from mediaflow_assets.reframing.voices import Turn

TOGETHER = "together"
"""Name of the track of several at once, and of sound in which nobody is ever heard."""


class Piece(NamedTuple):
    """Sound of one track; frames from 1, both included."""

    first: int
    last: int
    track: str


def checkerboard(turns: Sequence[Turn], total: int) -> list[Piece]:
    """The pieces in order of time, over all ``total`` frames."""
    labels = sorted({turn.label for turn in turns})
    if not labels:
        return [Piece(1, total, TOGETHER)]
    heard = np.stack([flags_of(turns, label, total) for label in labels])
    count = heard.sum(axis=0)
    owner = np.where(count > 1, len(labels), heard.argmax(axis=0))
    spoken = np.flatnonzero(count > 0)
    # The nearest frame in which somebody speaks; the earlier one of two that are as near.
    after = np.searchsorted(spoken, np.arange(total))
    before = np.clip(after - 1, 0, len(spoken) - 1)
    after = np.clip(after, 0, len(spoken) - 1)
    every = np.arange(total)
    nearest = np.where(np.abs(every - spoken[before]) <= np.abs(spoken[after] - every), spoken[before], spoken[after])
    owner = owner[nearest]
    edges = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), total]
    names = [*labels, TOGETHER]
    return [Piece(first + 1, end, names[int(owner[first])]) for first, end in itertools.pairwise(edges)]
