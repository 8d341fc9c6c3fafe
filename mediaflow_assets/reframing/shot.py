"""The plan of one shot for one aspect: segments, keyframes, panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mediaflow_assets.formats.reframe_json import Begins, Keyframe, Layout, Panel, Segment, Why
from mediaflow_assets.reframing import moves, zoom
from mediaflow_assets.reframing.aspects import Aspect, Rect, largest_crop, rounded
from mediaflow_assets.reframing.camera import Bystander, camera_path
from mediaflow_assets.reframing.framings import Frame, Framing, X, Y, choose, framings_of, nobody, priced, together
from mediaflow_assets.reframing.people import Person
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reframing.slides import camera_crop
from mediaflow_assets.reframing.split import split_panels
from mediaflow_assets.reframing.style import CUT_DISTANCE, STYLES
from mediaflow_assets.reframing.tracks import ShotTracks

_BOUNDARY = 12
"""Frames on each side of a change that say how far apart two framings are."""
_OBJECT_SEEN = 0.3
_SPEAKS_PART = 0.2
_NOT_WHOLE = 0.02
"""Of the crop's size: how far a remembered place may cut into heads on average."""


@dataclass(frozen=True)
class Planned:
    """What one shot became; frames are those of the video, from 1."""

    segments: tuple[Segment, ...]
    keyframes: tuple[Keyframe, ...]
    panels: tuple[Panel, ...] = ()


@dataclass
class Memory:
    """Where the camera stood for the same people before: shot and counter-shot look the same each time."""

    places: dict[tuple[str, ...], float] = field(default_factory=dict)
    """Ids to the crop's near edge, in pixels."""


@dataclass(frozen=True)
class _Piece:
    """A segment before it has a path; frames from 0 in the shot, half-open."""

    framing: Framing
    first: int
    end: int
    frame: Frame
    size: tuple[float, float]
    cross: float
    """Where the crop is along the other axis."""


def plan_shot(
    shot: ShotTracks,
    people: Sequence[Person],
    content: Rect,
    aspect: Aspect,
    settings: ReframeSettings,
    memory: Memory,
    *,
    slides: bool = False,
) -> Planned:
    """Plan one shot.

    Args:
        content: the picture without dark bars.
        memory: of the shots before; is added to.
        slides: the shot is a slide with a small camera picture in a corner.
    """
    planner = _ShotPlanner(shot, people, content, aspect, settings, memory)
    return planner.slide() if slides else planner.plan()


class _ShotPlanner:
    def __init__(
        self,
        shot: ShotTracks,
        people: Sequence[Person],
        content: Rect,
        aspect: Aspect,
        settings: ReframeSettings,
        memory: Memory,
    ) -> None:
        self._shot, self._people, self._content, self._aspect = shot, people, content, aspect
        self._settings, self._memory = settings, memory
        self._style = STYLES[settings.style]
        self._size = largest_crop(content, aspect.ratio)
        self._axis = X if content.width / content.height >= aspect.ratio else Y

    def plan(self) -> Planned:
        frame = self._frame(1.0)
        split, fit = self._settings.split == "auto", self._settings.too_wide == "fit"
        framings = [*framings_of(self._people, frame, split=split, fit=fit), self._without_people(frame)]
        runs = choose(priced(framings, self._people), self._style)
        pieces = [self._piece(framings[index], first, end) for index, first, end in runs]
        return self._carried_out(pieces)

    def slide(self) -> Planned:
        """The shot as a whole, above its speaker where screens may be split."""
        if self._settings.split == "off" or len(self._people) != 1 or self._aspect.ratio > 1:
            return self._whole_width()
        first, last = self._shot.scene
        ratio = 2 * self._aspect.ratio
        size = largest_crop(self._content, ratio)
        left = self._content.x + (self._content.width - size[0]) / 2
        top = self._content.y + (self._content.height - size[1]) / 2
        upper = rounded(left, top, *size, self._content)
        lower = camera_crop(self._people[0], self._content, ratio)
        segment = Segment(first, last, "split", (self._people[0].id,), (), "slides", "shot")
        return Planned((segment,), (Keyframe(first, upper),), (Panel(first, last, (Keyframe(first, lower),)),))

    def _whole_width(self) -> Planned:
        """The shot as a whole; those who can only crop get its middle."""
        frame = self._frame(1.0)
        framing = nobody("fit", self._middle(), self._people, frame)
        piece = _Piece(framing, 0, self._shot.length, frame, self._size, self._cross_start)
        planned = self._carried_out([piece])
        segment = planned.segments[0]
        faces = tuple(person.id for person in self._people)
        return Planned((Segment(segment.first, segment.last, "fit", faces, (), "slides", "shot"),), planned.keyframes)

    def _frame(self, scale: float) -> Frame:
        origin, extent = self._content[self._axis], self._content[self._axis + 2]
        size = self._size[self._axis] / scale
        return Frame(self._axis, size, origin, origin + extent - size)

    @property
    def _cross_start(self) -> float:
        return self._content[1 - self._axis]

    def _piece(self, framing: Framing, first: int, end: int) -> _Piece:
        scale = zoom.scale_for(framing, first, end, self._size, self._axis, self._settings.max_zoom)
        size = (self._size[0] / scale, self._size[1] / scale)
        if scale == 1:
            return _Piece(framing, first, end, self._frame(1.0), size, self._cross_start)
        frame = self._frame(scale)
        cross = zoom.cross_place(framing, first, end, size, self._content, self._axis)
        closer = together(framing.layout, framing.people, frame)
        return _Piece(closer, first, end, frame, size, cross)

    def _without_people(self, frame: Frame) -> Framing:
        if self._settings.without_face == "objects":
            tracks = [track for track in self._shot.others if len(track.frames) > _OBJECT_SEEN * self._shot.length]
            if tracks:
                area = [np.median(np.prod(track.boxes[:, 2:] - track.boxes[:, :2], axis=1)) for track in tracks]
                largest = tracks[int(np.argmax(area))]
                every = np.arange(self._shot.length)
                boxes = np.stack([np.interp(every, largest.frames, largest.boxes[:, side]) for side in range(4)], 1)
                return nobody("object", boxes.astype(np.float32), self._people, frame)
        return nobody("centre", self._middle(), self._people, frame)

    def _middle(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        content = self._content
        box = np.array([content.x, content.y, content.right, content.bottom], np.float32)
        return np.tile(box, (self._shot.length, 1))

    def _carried_out(self, pieces: list[_Piece]) -> Planned:
        segments: list[Segment] = []
        keyframes: list[Keyframe] = []
        panels: list[Panel] = []
        start = 0
        while start < len(pieces):
            stop = start + 1
            while stop < len(pieces) and self._glides(pieces[stop - 1], pieces[stop]):
                stop += 1
            stretch = pieces[start:stop]
            for number, piece in enumerate(stretch):
                begins: Begins = "glide" if number else ("cut" if start else "shot")
                segments.append(self._segment(piece, begins))
            offset = self._shot.scene.first
            if stretch[0].framing.layout == "split":
                upper, lower = split_panels(
                    stretch[0].framing, stretch[0].first, stretch[0].end, self._content, self._aspect, self._size
                )
                first, last = stretch[0].first + offset, stretch[0].end - 1 + offset
                keyframes.append(Keyframe(first, upper))
                panels.append(Panel(first, last, (Keyframe(first, lower),)))
            else:
                keyframes += self._keys(stretch)
            start = stop
        return Planned(tuple(segments), tuple(keyframes), tuple(panels))

    def _glides(self, one: _Piece, other: _Piece) -> bool:
        whole: set[Layout] = {"split", "fit"}
        if one.framing.layout in whole or other.framing.layout in whole:
            return False
        if one.size != other.size or one.cross != other.cross:
            return False
        before = np.median(one.framing.wanted[max(one.first, one.end - _BOUNDARY) : one.end])
        after = np.median(other.framing.wanted[other.first : min(other.end, other.first + _BOUNDARY)])
        return bool(abs(after - before) <= CUT_DISTANCE * one.frame.size)

    def _keys(self, stretch: list[_Piece]) -> list[Keyframe]:
        first = stretch[0].first
        frame, size, cross = stretch[0].frame, stretch[0].size, stretch[0].cross
        wanted, low, high = (
            np.concatenate([getattr(piece.framing, name)[piece.first : piece.end] for piece in stretch])
            for name in ("wanted", "low", "high")
        )
        if stretch[0].framing.layout == "fit":
            place = float(np.median(wanted))
            return [self._keyframe(moves.Key(0, place, 0.0, True), first, frame, size, cross)]
        path = camera_path(
            wanted,
            low,
            high,
            self._bystanders(stretch),
            size=frame.size,
            first=frame.first,
            last=frame.last,
            style=self._style,
        )
        keys = moves.keys_of(path, moves.Allowed(low, high, wanted), frame.size)
        keys = self._as_before(keys, stretch, moves.Allowed(low, high, wanted))
        return [self._keyframe(key, first, frame, size, cross) for key in keys]

    def _as_before(self, keys: list[moves.Key], stretch: list[_Piece], allowed: moves.Allowed) -> list[moves.Key]:
        """A camera that only stands, where it stood for the same people before, if that is as good."""
        people = tuple(person.id for person in stretch[0].framing.people)
        if len(stretch) > 1 or not people:
            return keys
        if len(keys) == 1:
            size = stretch[0].frame.size
            before = self._memory.places.get(people)
            if before is not None and abs(before - keys[0].place) <= self._style.dead_zone * size:
                length = len(allowed.wanted)
                worse = allowed.worst(np.full(length, before), 0) - allowed.worst(np.full(length, keys[0].place), 0)
                if worse <= _NOT_WHOLE * size * length:
                    keys = [
                        keys[0]._replace(place=float(np.clip(before, stretch[0].frame.first, stretch[0].frame.last)))
                    ]
        self._memory.places[people] = keys[-1].place
        return keys

    def _bystanders(self, stretch: list[_Piece]) -> list[Bystander]:
        found = []
        first, end = stretch[0].first, stretch[-1].end
        frame = stretch[0].frame
        for person in self._people:
            if person.seen_from_behind:
                continue
            near, far = frame.span(person.face)
            there = person.there & (far - near <= frame.size)
            for piece in stretch:
                if any(person.id == framed.id for framed in piece.framing.people):
                    there[piece.first : piece.end] = False
            if there[first:end].any():
                found.append(Bystander(near[first:end], far[first:end], there[first:end]))
        return found

    def _keyframe(self, key: moves.Key, first: int, frame: Frame, size: tuple[float, float], cross: float) -> Keyframe:
        place = min(max(key.place, frame.first), frame.last)
        corner = (place, cross) if self._axis == X else (cross, place)
        speed = round(key.speed, 4)
        return Keyframe(
            frame=self._shot.scene.first + first + key.frame,
            crop=rounded(*corner, *size, self._content),
            easing="hold" if key.holds else "cubic",
            speed=(speed, 0.0) if self._axis == X else (0.0, speed),
        )

    def _segment(self, piece: _Piece, begins: Begins) -> Segment:
        offset = self._shot.scene.first
        return Segment(
            first=piece.first + offset,
            last=piece.end - 1 + offset,
            layout=piece.framing.layout,
            faces=tuple(person.id for person in piece.framing.people),
            speakers=(),
            why=self._why(piece),
            begins=begins,
        )

    def _why(self, piece: _Piece) -> Why:
        people = piece.framing.people
        if not people:
            return "nobody"
        part = slice(piece.first, piece.end)
        most = max(float(person.speaks[part].mean()) for person in people)
        if most >= _SPEAKS_PART:
            return "speaks" if len(people) == 1 else "with others"
        shown = {person.id for person in people}
        elsewhere = [person.speaks[part].mean() for person in self._people if person.id not in shown]
        return "stays" if any(value >= _SPEAKS_PART for value in elsewhere) else "largest"
