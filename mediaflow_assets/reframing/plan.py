"""The plan of a whole video: one document per aspect from one reading of what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Keyframe, Panel, Reframing, Segment, Shot, Size
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_boxes import BoxFrame
from mediaflow_assets.reframing.aspects import Aspect, Rect, enclosing, rounded
from mediaflow_assets.reframing.measures import Measuring
from mediaflow_assets.reframing.people import Person, people_of
from mediaflow_assets.reframing.playback import crops_of, fitted_ratio, play
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reframing.shot import Memory, Planned, plan_shot
from mediaflow_assets.reframing.tracks import ShotTracks, shots
from mediaflow_assets.reframing.voices import Turn, heard

CODE_VERSION = "2"
"""Changes when the same documents and settings give another plan."""


class Look(NamedTuple):
    """What the pictures of a shot say."""

    content: Rect
    """The picture without dark bars."""
    is_slide: Callable[[ShotTracks], bool] = lambda shot: False
    """Whether the shot is a slide with a small camera picture in a corner."""


class Video(NamedTuple):
    """The 25-fps video that is re-framed."""

    filename: str
    total_frames: int
    width: int
    height: int

    @property
    def picture(self) -> Rect:
        return Rect(0.0, 0.0, float(self.width), float(self.height))


def plan_video(
    video: Video,
    scenes: Sequence[Scene],
    frames: Iterable[BoxFrame],
    turns: list[Turn],
    looks: Sequence[Look],
    settings: ReframeSettings,
    inputs: Mapping[str, str],
    progress: Callable[[float], None] = lambda fraction: None,
) -> dict[Aspect, Reframing]:
    """Plan every wanted aspect of one video.

    Args:
        scenes: contiguous, over the whole video.
        frames: 1, 2 … of the tracking document, or as corrections change them; read once, never held.
        turns: who is heard.
        looks: one for each scene.
        inputs: document to sha256, for the record.
        progress: told the finished part, 0 to 1.

    Raises:
        BadInput: ``frames`` and ``scenes`` do not cover the same frames.
    """
    plans = {aspect: _AspectPlan(video, aspect, settings) for aspect in settings.wanted}
    lead = round(settings.lead * FPS)
    bodies = settings.without_face == "objects"
    for shot, look in zip(shots(scenes, frames), looks, strict=True):
        people = people_of(shot, lead, bodies=bodies)
        slides = look.is_slide(shot)
        for plan in plans.values():
            plan.add(shot, people, look, slides, turns)
        progress(shot.scene.last / video.total_frames)
    return {aspect: plan.document(inputs) for aspect, plan in plans.items()}


class _AspectPlan:
    """One document while it grows."""

    def __init__(self, video: Video, aspect: Aspect, settings: ReframeSettings) -> None:
        self._video, self._aspect, self._settings = video, aspect, settings
        self._memory = Memory()
        self._measuring = Measuring(aspect)
        self._shots: list[Shot] = []
        self._segments: list[Segment] = []
        self._keyframes: list[Keyframe] = []
        self._panels: list[Panel] = []

    def add(self, shot: ShotTracks, people: Sequence[Person], look: Look, slides: bool, turns: list[Turn]) -> None:
        planned = plan_shot(shot, people, look.content, self._aspect, self._settings, self._memory, slides=slides)
        self._measuring.add(
            shot, _views(shot, planned, look.content, self._aspect), planned.segments, planned.keyframes
        )
        first, last = shot.scene
        content = look.content
        self._shots.append(Shot(first, last, (content.x, content.y, content.width, content.height)))
        self._segments += [
            msgspec.structs.replace(segment, speakers=heard(turns, segment.first, segment.last))
            for segment in planned.segments
        ]
        self._keyframes += planned.keyframes
        self._panels += planned.panels

    def document(self, inputs: Mapping[str, str]) -> Reframing:
        parameters = self._settings.model_dump(mode="json", exclude={"aspects", "video"})
        whole = Reframing(
            video_filename=self._video.filename,
            total_frames=self._video.total_frames,
            source=Size(self._video.width, self._video.height),
            aspect=self._aspect.name,
            output=Size(self._aspect.width, self._aspect.height),
            parameters=parameters,
            inputs=dict(inputs),
            shots=tuple(self._shots),
            segments=tuple(self._segments),
            keyframes=tuple(self._keyframes),
            panels=tuple(self._panels),
            measures=self._measuring.result,
        )
        if not self._settings.every_frame:
            return whole
        crops = tuple(
            rounded(x, y, width, height, self._video.picture) for x, y, width, height in crops_of(whole).tolist()
        )
        return msgspec.structs.replace(whole, crops=crops)


def _views(shot: ShotTracks, planned: Planned, content: Rect, aspect: Aspect) -> list[NDArray[np.float64]]:
    first, last = shot.scene
    view = play(planned.keyframes, first, last)
    for segment in planned.segments:
        if (ratio := fitted_ratio(segment, aspect)) is not None:
            view[segment.first - first : segment.last - first + 1] = enclosing(content, ratio)
    views = [view]
    if planned.panels:
        lower = view.copy()
        for panel in planned.panels:
            lower[panel.first - first : panel.last - first + 1] = play(panel.lower, panel.first, panel.last)
        views.append(lower)
    return views
