"""Documents of drawn films: people of whom place and speech are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_boxes import Box, BoxFrame
from mediaflow_assets.reframing.aspects import aspect as aspect_of
from mediaflow_assets.reframing.plan import Look, Video, plan_video
from mediaflow_assets.reframing.settings import ReframeSettings


@dataclass(frozen=True)
class Drawn:
    """One person of a film: frames count from 1."""

    id: str
    x: Callable[[int], float]
    """Middle of the face in pixels."""
    speaks: Callable[[int], bool] = lambda frame: False
    there: Callable[[int], bool] = lambda frame: True
    y: float = 400.0
    size: float = 160.0
    label: str = "face"
    yaw: float | None = None


def still(x: float) -> Callable[[int], float]:
    return lambda frame: x


def during(*ranges: tuple[int, int]) -> Callable[[int], bool]:
    return lambda frame: any(first <= frame <= last for first, last in ranges)


def frames_of(people: Sequence[Drawn], length: int, *, noise: float = 0.0, missed: float = 0.0) -> Iterator[BoxFrame]:
    """The tracking document of a film.

    Args:
        noise: standard deviation of a box, in parts of its size.
        missed: part of the boxes that are not found.
    """
    random = np.random.default_rng(5)
    for frame in range(1, length + 1):
        boxes = []
        for person in people:
            if not person.there(frame) or random.random() < missed:
                continue
            x = person.x(frame) + random.normal(0, noise * person.size)
            y, half = person.y + random.normal(0, noise * person.size), person.size / 2
            boxes.append(
                Box(
                    id=person.id,
                    label=person.label,
                    bbox_xmin=x - half,
                    bbox_xmax=x + half,
                    bbox_ymin=y - half,
                    bbox_ymax=y + half,
                    is_speaking=person.speaks(frame),
                    yaw=person.yaw,
                )
            )
        yield BoxFrame(frame, tuple(sorted(boxes, key=lambda box: box.bbox_xmin)))


def planned(
    people: Sequence[Drawn],
    length: int,
    *,
    aspect: str = "9:16",
    cuts: Sequence[int] = (),
    size: tuple[int, int] = (1920, 1080),
    looks: Sequence[Look] | None = None,
    noise: float = 0.0,
    missed: float = 0.0,
    **settings: object,
) -> Reframing:
    """The plan of a drawn film; ``cuts`` are last frames of shots."""
    scenes = scenes_of(length, cuts)
    video = Video("drawn.mp4", length, *size)
    looks = looks or [Look(video.picture)] * len(scenes)
    chosen = ReframeSettings.model_validate({"aspects": (aspect,), **settings})
    frames = frames_of(people, length, noise=noise, missed=missed)
    return plan_video(video, scenes, frames, [], looks, chosen, {})[aspect_of(aspect)]


def scenes_of(length: int, cuts: Sequence[int] = ()) -> list[Scene]:
    edges = [0, *cuts, length]
    return [Scene(first + 1, last) for first, last in itertools.pairwise(edges)]
