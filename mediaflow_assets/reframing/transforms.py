"""The same crop in the numbers of each editing program.

With a source of ``Ws x Hs``, an output of ``W x H`` and a view ``(x, y, w, h)``: ``k = W / w`` output pixels show
one pixel of the source, and the middle of the source lies ``dx, dy`` output pixels from the middle of the output
(y down). Programs differ in what 100 % is: Final Cut and Resolve first fit the picture into the output,
Premiere and After Effects map pixel to pixel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reframing.aspects import ASPECTS, Rect, enclosing
from mediaflow_assets.reframing.playback import views_of

Views = NDArray[np.float64]
"""``(n, 4)``: x, y, width, height in pixels of the source."""


class Transform(NamedTuple):
    """Arrays of n values, in the units of one program."""

    scale: NDArray[np.float64]
    """``(n,)``"""
    position: NDArray[np.float64]
    """``(n, 2)``"""


class Frames(NamedTuple):
    """Sizes of the source and of the output in pixels."""

    source: tuple[float, float]
    output: tuple[float, float]

    @classmethod
    def of(cls, document: Reframing) -> Frames:
        source, output = document.source, document.output
        return cls((source.width, source.height), (output.width, output.height))

    @property
    def fit(self) -> float:
        """Output pixels that show one pixel of the source when the whole of it is fitted into the output."""
        return min(wide / own for wide, own in zip(self.output, self.source, strict=True))


def placed(views: Views, frames: Frames) -> Transform:
    """Scale in output pixels per source pixel, and the source's middle from the output's, y down."""
    scale = frames.output[0] / views[:, 2]
    middle = views[:, :2] + views[:, 2:] / 2 - np.array(frames.source) / 2
    return Transform(scale, -middle * scale[:, None])


def after_effects(views: Views, frames: Frames) -> Transform:
    """Scale in percent and Anchor Point in pixels of the footage; Position stays in the middle of the comp."""
    return Transform(100 * frames.output[0] / views[:, 2], views[:, :2] + views[:, 2:] / 2)


def final_cut(views: Views, frames: Frames) -> Transform:
    """FCPXML ``adjust-transform``: scale of the fitted picture; position in percent of the output's height, y up."""
    scale, position = placed(views, frames)
    return Transform(scale / frames.fit, position * np.array([100, -100]) / frames.output[1])


def resolve(views: Views, frames: Frames) -> Transform:
    """FCPXML as DaVinci Resolve reads it: positions shrink on the axis on which the fitted picture has bars."""
    scale, position = final_cut(views, frames)
    own = frames.source[0] / frames.source[1]
    wanted = frames.output[0] / frames.output[1]
    fitted = np.array([1.0, wanted / own]) if own >= wanted else np.array([own / wanted, 1.0])
    return Transform(scale, position / fitted)


def premiere(views: Views, frames: Frames) -> Transform:
    """xmeml "Basic Motion": scale in percent of the file's own pixels; centre in parts of the output, y down."""
    scale, position = placed(views, frames)
    return Transform(100 * scale, position / np.array(frames.output))


def single_views(document: Reframing) -> Views:
    """Views of one picture for every frame; of a split screen a crop on its upper person, or the whole slide."""
    views = views_of(document)
    ratio = ASPECTS[document.aspect].ratio
    for panel in document.panels:
        shot = next(shot for shot in document.shots if shot.first <= panel.first <= shot.last)
        x, y, width, height = shot.content
        if any(segment.first == panel.first and segment.why == "slides" for segment in document.segments):
            views[panel.first - 1 : panel.last] = enclosing(Rect(*shot.content), ratio)
            continue
        upper = views[panel.first - 1].copy()
        size = np.array([height * ratio, height]) if width / height >= ratio else np.array([width, width / ratio])
        corner = upper[:2] + upper[2:] / 2 - size / 2
        corner = np.clip(corner, (x, y), (x + width - size[0], y + height - size[1]))
        views[panel.first - 1 : panel.last] = (*corner, *size)
    return views


def baked(views: Views) -> NDArray[np.int64]:
    """Indices of the frames that need a key, so that straight lines between keys give every view exactly.

    Those are all frames of a move, and both sides of a cut: these programs know neither our curves nor holds.
    """
    changed = np.any(np.abs(np.diff(views, axis=0)) > 1e-9, axis=1)
    needed = np.zeros(len(views), bool)
    needed[:-1] |= changed
    needed[1:] |= changed
    needed[0] = True
    return np.flatnonzero(needed)
