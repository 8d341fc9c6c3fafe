"""What is true of the sample, on the clock that every stage reports on: frames of the 25-fps video.

A 25-fps source is its own clock. Of a source at another rate, 25-fps frame ``k`` (0-based) shows
the last source frame ``i`` whose time ``i / rate``, rounded to the nearest 25th of a second, is not
after ``k``: the rule of ffmpeg's ``fps`` filter with its default ``round=near``. A cut between the
source frames ``i`` and ``i + 1`` is at ``(i + 1) / rate`` seconds; the new scene's first 25-fps
frame is the one nearest to that time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, pairwise

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.sample.faces import Box, Person, face_box
from mediaflow_assets.sample.sound import Speech, speech_in
from mediaflow_assets.sample.storyboard import HEIGHT, WIDTH, Film, Pose, Shot


class TrueFaceTrack(msgspec.Struct, frozen=True):
    """One person's face through one shot."""

    person: str
    first: int
    last: int
    """25-fps frames ``first..last``, 1-based, both included; the face is in all of them."""
    boxes: tuple[Box, ...]
    """One ``[x, y, width, height]`` per frame, pixels."""


class Speaking(msgspec.Struct, frozen=True):
    """A visible person speaks."""

    person: str
    first: int
    last: int
    """25-fps frames ``first..last``, 1-based, both included."""


class FaceCount(msgspec.Struct, frozen=True):
    """A run of frames with the same number of visible faces."""

    first: int
    last: int
    count: int


class VideoTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of one video."""

    path: str
    """POSIX path in the archive."""
    source_fps: str
    """Exact fraction, ``30000/1001``."""
    source_frames: int
    width: int
    height: int
    total_frames: int
    """Frames at 25 fps."""
    scenes: tuple[Scene, ...]
    face_counts: tuple[FaceCount, ...]
    """Contiguous from 1 to ``total_frames``."""
    faces: tuple[TrueFaceTrack, ...]
    has_audio: bool
    speech: tuple[Speech, ...]
    """Seconds from the start of the video."""
    speaking: tuple[Speaking, ...] = ()
    """Whose mouth says what is heard, in order of the first frame; nobody while the voice is off screen."""

    def faces_at(self, frame: int) -> dict[str, Box]:
        """Person to face box in the 1-based ``frame``."""
        return {
            track.person: track.boxes[frame - track.first] for track in self.faces if track.first <= frame <= track.last
        }


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of the sample archive."""

    version: int
    """Version of the sample; another one is made anew."""
    archive: str
    """File name of the archive."""
    videos: tuple[VideoTruth, ...]
    others: tuple[str, ...]
    """Paths in the archive of files to be delivered as they are."""
    junk: tuple[str, ...]
    """Paths in the archive that no stage should see."""

    def video(self, name: str) -> VideoTruth:
        """The video whose path ends with ``name``; KeyError when there is none."""
        for video in self.videos:
            if video.path == name or video.path.endswith(f"/{name}"):
                return video
        raise KeyError(name)


def shown_frames(frames: int, rate: Fraction) -> list[int]:
    """The 0-based source frame that each 25-fps frame shows, for ``frames`` at ``rate`` per second."""
    ticks = [_nearest(index * FPS / rate) for index in range(frames + 1)]
    shown: list[int] = []
    for index, (tick, following) in enumerate(pairwise(ticks)):
        shown.extend([index] * (following - tick))
    return shown


def video_truth(film: Film, path: str) -> VideoTruth:
    """The truth of a film that lies at ``path`` in the archive."""
    shown = shown_frames(film.frames, film.rate)
    scenes: list[Scene] = []
    tracks: list[TrueFaceTrack] = []
    for start, shot in zip(film.shot_starts, film.shots, strict=True):
        indexes = [index - start for index in shown if start <= index < start + shot.frames]
        first = scenes[-1].last + 1 if scenes else 1
        scene = Scene(first, first + len(indexes) - 1)
        scenes.append(scene)
        tracks.extend(_tracks(shot, scene, indexes))
    return VideoTruth(
        path=path,
        source_fps=f"{film.rate.numerator}/{film.rate.denominator}",
        source_frames=film.frames,
        width=WIDTH,
        height=HEIGHT,
        total_frames=len(shown),
        scenes=tuple(scenes),
        face_counts=tuple(_counts(film, scenes)),
        faces=tuple(tracks),
        has_audio=film.sound is not None,
        speech=speech_in(film.sound),
        speaking=tuple(_speaking(film, tracks)),
    )


def _tracks(shot: Shot, scene: Scene, indexes: list[int]) -> Iterator[TrueFaceTrack]:
    for actor in shot.actors:
        poses = (actor.move.at(shot.progress(index)) for index in indexes)
        boxes = tuple(_drawn_box(actor.person, pose) for pose in poses)
        yield TrueFaceTrack(actor.person, scene.first, scene.last, boxes)


def _speaking(film: Film, tracks: list[TrueFaceTrack]) -> Iterator[Speaking]:
    people: dict[str, str] = dict(film.voices)
    for turn in speech_in(film.sound):
        first, last = round(turn.start * FPS) + 1, round(turn.end * FPS)
        for track in tracks:
            start, end = max(first, track.first), min(last, track.last)
            if track.person == people.get(turn.speaker) and start <= end:
                yield Speaking(track.person, start, end)


def _drawn_box(person: Person, pose: Pose) -> Box:
    box = face_box(person)
    width = pose.height * box.width / box.height
    return Box(round(pose.x - width / 2), round(pose.y - pose.height / 2), round(width), round(pose.height))


def _counts(film: Film, scenes: list[Scene]) -> Iterator[FaceCount]:
    counted = zip(scenes, (len(shot.actors) for shot in film.shots), strict=True)
    for count, run in groupby(counted, key=lambda item: item[1]):
        run_scenes = [scene for scene, _ in run]
        yield FaceCount(run_scenes[0].first, run_scenes[-1].last, count)


def _nearest(value: Fraction) -> int:
    """Nearest whole number, halves up (ffmpeg's AV_ROUND_NEAR_INF for positive values)."""
    return math.floor(value + Fraction(1, 2))
