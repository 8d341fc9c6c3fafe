"""Tables over analysed videos, one DataFrame per question.

Times are seconds of the 25-fps video; frames count from 1 and ranges include both ends. Every table begins
with ``project`` and ``video``, so that tables of several projects can be put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.tables.video import AnalysedVideo, SeenObject

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | bool | None
Row = tuple[Value, ...]
WHOSE = {"project": "str", "video": "str"}
SPAN = {"first": "int64", "last": "int64", "start": "float64", "end": "float64", "duration": "float64"}
COLUMNS: dict[str, dict[str, str]] = {
    "scenes": {**WHOSE, "scene": "int64", **SPAN},
    "frames": {
        **WHOSE,
        "frame": "int64",
        "time": "float64",
        "faces": "int64",
        "things": "int64",
        "speaking_faces": "int64",
        "speech": "bool",
        "speakers": "str",
    },
    "objects": {
        **WHOSE,
        "frame": "int64",
        "time": "float64",
        "id": "str",
        "label": "str",
        "source": "str",
        "x": "float64",
        "y": "float64",
        "width": "float64",
        "height": "float64",
        "centroid_x": "float64",
        "confidence": "float64",
        "speaks": "bool",
        "speakers": "str",
    },
    "speech": {**WHOSE, "speaker": "str", "start": "float64", "end": "float64", "duration": "float64"},
    "words": {
        **WHOSE,
        "start": "float64",
        "end": "float64",
        "text": "str",
        "probability": "float64",
        "speaker": "str",
        "person": "str",
        "face": "str",
    },
    "people": {
        **WHOSE,
        "id": "str",
        "name": "str",
        "faces": "str",
        "voices": "str",
        "first": "Int64",
        "last": "Int64",
        "frames_seen": "Int64",
        "frames_speaking": "Int64",
    },
    "speaking": {**WHOSE, "face": "str", "speaker": "str", **SPAN},
}
"""Every table with its columns and their pandas types. Several labels in one cell are separated by ``|``."""


@dataclass(frozen=True)
class Dataset:
    """Analysed videos. Each table is made when it is first asked for."""

    videos: Sequence[AnalysedVideo]

    @cached_property
    def scenes(self) -> pd.DataFrame:
        """A row per shot."""
        return self._table("scenes", _scenes)

    @cached_property
    def frames(self) -> pd.DataFrame:
        """A row per frame: how much is seen, who is heard."""
        return self._table("frames", _frames)

    @cached_property
    def objects(self) -> pd.DataFrame:
        """A row per face or thing and frame; boxes in pixels of the 25-fps video, NaN in reduced documents."""
        return self._table("objects", _objects)

    @cached_property
    def speech(self) -> pd.DataFrame:
        """A row per stretch of speech of one voice."""
        return self._table("speech", _speech)

    @cached_property
    def words(self) -> pd.DataFrame:
        """A row per spoken word; empty without a transcript."""
        return self._table("words", _words)

    @cached_property
    def people(self) -> pd.DataFrame:
        """A row per person that somebody named; empty without corrections."""
        return self._table("people", _people)

    @cached_property
    def speaking(self) -> pd.DataFrame:
        """A row per stretch in which a face is seen to speak, with its voice."""
        return self._table("speaking", _speaking)

    def table(self, name: str) -> pd.DataFrame:
        """The table called ``name``, one of :data:`COLUMNS`."""
        found: pd.DataFrame = getattr(self, name)
        return found

    def _table(self, name: str, rows: Callable[[AnalysedVideo], Iterable[Row]]) -> pd.DataFrame:
        import pandas as pd

        columns = COLUMNS[name]
        every = [(video.project, video.name, *row) for video in self.videos for row in rows(video)]
        return pd.DataFrame(every, columns=list(columns)).astype(columns)


def _scenes(video: AnalysedVideo) -> Iterator[Row]:
    for number, scene in enumerate(video.scenes(), start=1):
        yield (number, *_span(scene.first, scene.last))


def _frames(video: AnalysedVideo) -> Iterator[Row]:
    heard = {frame.frame: frame.audio_info for frame in video.audio()}
    seen = {frame.frame: frame.tracked_objects for frame in video.tracking()}
    for frame in sorted(heard.keys() | seen.keys()):
        objects = seen.get(frame, ())
        faces = sum(item.label == "face" for item in objects)
        info = heard.get(frame)
        yield (
            frame,
            (frame - 1) / FPS,
            faces,
            len(objects) - faces,
            sum(item.speaks for item in objects),
            info is not None and info.is_speech_present,
            "|".join(info.active_speaker_labels) if info else "",
        )


def _objects(video: AnalysedVideo) -> Iterator[Row]:
    for frame in video.tracking():
        for item in frame.tracked_objects:
            box = (item.bbox_xmin, item.bbox_ymin, item.bbox_width, item.bbox_height)
            yield (
                frame.frame,
                (frame.frame - 1) / FPS,
                item.id,
                item.label,
                item.source,
                *box,
                item.centroid_x,
                item.confidence,
                item.speaks,
                "|".join(item.speakers),
            )


def _speech(video: AnalysedVideo) -> Iterator[Row]:
    segments = video.segments()
    if segments is not None:
        for segment in segments:
            yield segment.speaker, segment.start, segment.end, segment.end - segment.start
        return
    heard = ((frame.frame, frame.audio_info.active_speaker_labels) for frame in video.audio())
    for (speaker,), first, last in _runs((frame, {(label,) for label in labels}) for frame, labels in heard):
        yield (speaker, *_span(first, last)[2:])


def _words(video: AnalysedVideo) -> Iterator[Row]:
    for word in video.words():
        yield word.start, word.end, word.text, word.probability, word.speaker, word.person, word.face


def _people(video: AnalysedVideo) -> Iterator[Row]:
    for person in video.people():
        together = ("|".join(person.faces), "|".join(person.voices))
        yield (
            person.id,
            person.name,
            *together,
            person.first,
            person.last,
            person.frames_seen,
            person.frames_speaking,
        )


def _speaking(video: AnalysedVideo) -> Iterator[Row]:
    seen = (
        (frame.frame, {_face_and_voice(item) for item in frame.tracked_objects if item.speaks})
        for frame in video.tracking()
    )
    for (face, speaker), first, last in _runs(seen):
        yield (face, speaker, *_span(first, last))


def _face_and_voice(item: SeenObject) -> tuple[str, ...]:
    return item.id, "|".join(item.speakers)


def _runs(frames: Iterable[tuple[int, set[tuple[str, ...]]]]) -> list[tuple[tuple[str, ...], int, int]]:
    """Consecutive frames that have the same item: (item, first, last), by first frame."""
    running: dict[tuple[str, ...], tuple[int, int]] = {}
    found: list[tuple[tuple[str, ...], int, int]] = []
    for frame, items in frames:
        for item, (first, last) in list(running.items()):
            if item not in items or last != frame - 1:
                found.append((item, first, last))
                del running[item]
        for item in items:
            running[item] = (running[item][0] if item in running else frame, frame)
    found += [(item, first, last) for item, (first, last) in running.items()]
    return sorted(found, key=lambda run: (run[1], run[0]))


def _span(first: int, last: int) -> tuple[int, int, float, float, float]:
    """Frames ``first..last`` with their seconds."""
    start, end = (first - 1) / FPS, last / FPS
    return first, last, start, end, end - start
