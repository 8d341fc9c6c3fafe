"""What others report on the public sets, to stand beside our row.

Figures are those of the source that is named, by its own rules; they were not measured here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Published(NamedTuple):
    system: str
    score: float
    """Percent."""
    source: str


_TRANSNET = "README of soCzech/TransNetV2"
_PYANNOTE = "README of pyannote/pyannote-audio"

PUBLISHED: Mapping[str, tuple[Published, ...]] = {
    "bbc": (
        Published("TransNetV2", 96.2, _TRANSNET),
        Published("TransNet", 92.9, _TRANSNET),
        Published("Hassanien et al.", 92.6, _TRANSNET),
    ),
    "rai": (
        Published("TransNetV2", 93.9, _TRANSNET),
        Published("TransNet", 94.3, _TRANSNET),
        Published("Hassanien et al.", 93.9, _TRANSNET),
    ),
    "clipshots": (
        Published("TransNetV2", 77.9, _TRANSNET),
        Published("TransNet", 73.5, _TRANSNET),
        Published("Hassanien et al.", 75.9, _TRANSNET),
    ),
    "shot": (
        Published("AutoShot", 84.1, "code of wentaozhu/AutoShot"),
        Published("TransNetV2", 79.9, "code of wentaozhu/AutoShot"),
    ),
    "voxconverse": (
        Published("pyannote.audio 3.1", 11.3, _PYANNOTE),
        Published("pyannote.audio 2.1", 11.2, _PYANNOTE),
    ),
    "ami": (
        Published("pyannote.audio 3.1", 18.8, _PYANNOTE),
        Published("pyannote.audio 2.1", 18.9, _PYANNOTE),
    ),
    "ava": (Published("LR-ASD, on the boxes of the set", 94.45, "Liao et al., IJCV 2025"),),
}


def table(name: str, measure: str, ours: str, score: float) -> str:
    """Our row and the published ones, as a table.

    Args:
        name: of the set.
        measure: what the score is.
        ours: how our row is called.
        score: percent.
    """
    rows = [f"| {ours} | {score:.1f} | measured here |"]
    rows += [f"| {one.system} | {one.score:.1f} | {one.source} |" for one in PUBLISHED.get(name, ())]
    return "\n".join([f"| {name} | {measure} % | from |", "|---|---|---|", *rows])
