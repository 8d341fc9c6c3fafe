"""Documents as people corrected them: read through the review, never copied.

Ids and labels keep their form (``obj_N``, ``SPEAKER_NN``). Without a review every stream is the document's own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.audio_json import AudioFrame, AudioInfo, Segment
from mediaflow_assets.formats.frames import Frame, FrameObject, FrameSpeech
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_boxes import Box, BoxFrame
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.formats.transitions_json import Transition, Transitions
from mediaflow_assets.review.document import Review

T = TypeVar("T")


class _Lane(Generic[T]):
    """Runs of frames, each with a value: a bisection a question."""

    def __init__(self, runs: Iterable[tuple[int, int, T]]) -> None:
        self._runs = sorted(runs, key=lambda run: run[0])
        self._starts = [run[0] for run in self._runs]

    def at(self, frame: int) -> T | None:
        """The value in this frame; None outside of all runs."""
        place = bisect_right(self._starts, frame) - 1
        if place < 0 or frame > self._runs[place][1]:
            return None
        return self._runs[place][2]


class _Answers:
    """What a review says about each frame."""

    def __init__(self, review: Review) -> None:
        self.review = review
        self._ids = {name: _Lane(runs) for name, runs in (review.ids | review.labels).items()}
        self._people = {name: _Lane(runs) for name, runs in (review.faces | review.voices).items()}
        self._out = {
            name: _Lane((first, last, True) for first, last in spans) for name, spans in review.ignored.items()
        }
        self._heard = {
            label: _Lane((first, last, True) for first, last in spans) for label, spans in review.heard.items()
        }
        self._said = [(one.first, one.last, one) for one in review.speaks]
        self._touched = frozenset(n for one in review.speaks for n in range(one.first, one.last + 1))
        self._decided = frozenset(
            n for one in review.speaks if one.value or one.label is None for n in range(one.first, one.last + 1)
        )
        self.owners = {label: person.id for person in review.people for label in person.voices}

    def shown(self, name: str, frame: int) -> str:
        """Id or label in the reviewed documents."""
        lane = self._ids.get(name)
        return (lane.at(frame) if lane else None) or name

    def left_out(self, name: str, frame: int) -> bool:
        lane = self._out.get(name)
        return lane is not None and lane.at(frame) is not None

    def person(self, name: str, frame: int) -> str | None:
        lane = self._people.get(name)
        return lane.at(frame) if lane else None

    def heard(self, label: str, frame: int) -> bool:
        lane = self._heard.get(label)
        return lane is not None and lane.at(frame) is not None

    def labels(self, labels: Sequence[str], frame: int) -> tuple[list[str], bool]:
        """Who is heard in a frame of which the machine says ``labels``, and whether people said who."""
        found = [self.shown(label, frame) for label in labels if not self.left_out(label, frame)]
        decided = False
        for first, last, one in self._said if frame in self._touched else ():
            if not first <= frame <= last:
                continue
            if (one.value or one.label is None) and not decided:
                found, decided = [], True
            if one.label is None:
                found = [] if not one.value else found
            elif one.value:
                found.append(one.label)
            else:
                found = [label for label in found if label != one.label]
        return sorted(set(found)), decided

    def speech(self, present: bool, labels: Sequence[str], found: Sequence[str], frame: int) -> bool:
        """Whether there is speech: unknown speakers have no label."""
        if found:
            return True
        for first, last, one in reversed(self._said) if frame in self._touched else ():
            if first <= frame <= last and one.label is None:
                return one.value
        return present and not labels

    def mouth(self, person: str | None, labels: Sequence[str], frame: int) -> tuple[list[str], bool]:
        """Whose voices a face has in a frame, and whether people decided any of that."""
        decided = self.decided(frame)
        mouths = self.review.mouths
        shown = {self.shown(label, frame): label for label in labels if not self.left_out(label, frame)}
        own = [label for label in shown if label not in mouths and not decided]
        for label, owner in mouths.items():
            if owner is not None and owner == person and self.heard(label, frame):
                own.append(label)
        changed = decided or any(label in mouths for label in shown) or any(label not in shown for label in own)
        return sorted(set(own)), changed

    def decided(self, frame: int) -> bool:
        """Whether people said who is heard here."""
        return frame in self._decided


def reviewed_tracking(frames: Iterable[Frame], review: Review | None) -> Iterator[Frame]:
    """Frames of a tracking document, full or reduced, with the ids and speakers that people corrected.

    Where an id would be twice in a frame after a merge, the larger box stays.
    """
    if review is None:
        yield from frames
        return
    answers = _Answers(review)
    for frame in frames:
        number = frame["frame"]
        objects = [
            _object(item, answers, number)
            for item in frame.get("tracked_objects") or ()
            if not answers.left_out(item["id"], number)
        ]
        yield {**frame, "tracked_objects": _once(objects, lambda item: item["id"], _area)}


def reviewed_boxes(frames: Iterable[BoxFrame], review: Review | None) -> Iterator[BoxFrame]:
    """The same for the typed boxes of a full document."""
    if review is None:
        yield from frames
        return
    answers = _Answers(review)
    for frame in frames:
        number = frame.frame
        boxes = []
        for box in frame.tracked_objects:
            if answers.left_out(box.id, number):
                continue
            voices, changed = answers.mouth(answers.person(box.id, number), (), number)
            speaks = bool(voices) if changed or _muted(box, answers, number) else box.is_speaking
            boxes.append(msgspec.structs.replace(box, id=answers.shown(box.id, number), is_speaking=speaks))
        yield BoxFrame(
            number,
            tuple(
                _once(
                    boxes,
                    lambda box: box.id,
                    lambda box: (box.bbox_xmax - box.bbox_xmin) * (box.bbox_ymax - box.bbox_ymin),
                )
            ),
        )


def reviewed_audio(frames: Iterable[Frame], review: Review | None) -> Iterator[Frame]:
    """Frames of an audio document, full or reduced, with the labels that people corrected."""
    if review is None:
        yield from frames
        return
    answers = _Answers(review)
    for frame in frames:
        info = frame.get("audio_info")
        if info is None:
            yield frame
            continue
        labels = info.get("active_speaker_labels") or []
        found, _ = answers.labels(labels, frame["frame"])
        speech = answers.speech(bool(info.get("is_speech_present")), labels, found, frame["frame"])
        new: FrameSpeech = {**info, "is_speech_present": speech, "active_speaker_labels": found}
        if "num_distinct_speakers_audio" in info:
            new["num_distinct_speakers_audio"] = len(found)
        yield {**frame, "audio_info": new}


def reviewed_audio_frames(frames: Iterable[AudioFrame], review: Review | None) -> Iterator[AudioFrame]:
    """The same for typed frames of a full document."""
    if review is None:
        yield from frames
        return
    answers = _Answers(review)
    for frame in frames:
        info = frame.audio_info
        found, _ = answers.labels(info.active_speaker_labels, frame.frame)
        speech = answers.speech(info.is_speech_present, info.active_speaker_labels, found, frame.frame)
        yield AudioFrame(frame.frame, AudioInfo(speech, len(found), tuple(found), info.timecode_sec))


def reviewed_segments(segments: Iterable[Segment], review: Review | None) -> list[Segment]:
    """Speech segments, in order, with the labels that people corrected; times in between stay exact."""
    if review is None:
        return list(segments)
    answers = _Answers(review)
    edges = sorted(_edges(review))
    found: list[Segment] = []
    for segment in segments:
        inner = [edge for edge in edges if segment.start < edge < segment.end]
        for start, end in zip([segment.start, *inner], [*inner, segment.end], strict=True):
            frame = max(1, int((start + end) / 2 * FPS) + 1)
            labels = [segment.speaker] if segment.speaker else []
            left, decided = answers.labels(labels, frame)
            if decided or (labels and not left):
                continue
            _grow(found, Segment(start, end, left[0] if left else ""))
    for label, spans in _said_spans(review, answers):
        for first, last in spans:
            found.append(Segment((first - 1) / FPS, last / FPS, label))
    return sorted(found, key=lambda segment: (segment.start, segment.end, segment.speaker))


def reviewed_scenes(scenes: Sequence[Scene], review: Review | None) -> list[Scene]:
    """Shots with the cuts that people corrected."""
    if review is None or review.scenes is None:
        return list(scenes)
    return [Scene(first, last) for first, last in review.scenes]


def reviewed_transitions(document: Transitions, review: Review | None) -> Transitions:
    """Transitions of the cuts that are left; one that people added is a plain cut."""
    if review is None or review.scenes is None:
        return document
    known = {transition.cut: transition for transition in document.transitions}
    cuts = [last for _, last in review.scenes[:-1]]
    kept = tuple(known.get(cut) or Transition(cut, "cut", cut, cut, 1.0) for cut in cuts)
    return msgspec.structs.replace(document, transitions=kept)


def reviewed_words(words: Iterable[TranscriptWord], review: Review | None) -> list[TranscriptWord]:
    """Words in order of time, those that people corrected instead of the machine's at the same time."""
    if review is None or not review.words:
        return list(words)
    corrected = review.words
    kept = [word for word in words if not any(one.start <= (word.start + word.end) / 2 < one.end for one in corrected)]
    said = [TranscriptWord(one.start, one.end, one.text, 1.0) for one in corrected if one.text]
    return sorted([*kept, *said], key=lambda word: word.start)


def _object(item: FrameObject, answers: _Answers, frame: int) -> FrameObject:
    new: FrameObject = {**item, "id": answers.shown(item["id"], frame)}
    sources = item.get("speaking_sources")
    audio = sources.get("audio") if isinstance(sources, Mapping) else None
    reduced = "active_speakers" in item
    labels = (item["active_speakers"] if reduced else (audio or {}).get("active_speakers")) or []
    voices, changed = answers.mouth(answers.person(item["id"], frame), labels, frame)
    if not changed and voices == list(labels):
        return new
    if reduced:
        new["active_speakers"] = voices
    else:
        new["speaking_sources"] = {**(sources or {}), "audio": {**(audio or {}), "active_speakers": voices}}
    if changed and "is_speaking" in item:
        new["is_speaking"] = bool(voices)
    return new


def _muted(box: Box, answers: _Answers, frame: int) -> bool:
    """Whether a face cannot be speaking although the machine says so: everybody heard has another face."""
    if not box.is_speaking:
        return False
    person = answers.person(box.id, frame)
    others = [owner for label, owner in answers.review.mouths.items() if answers.heard(label, frame)]
    return bool(others) and person not in others


def _once(items: list[T], name: Callable[[T], str], size: Callable[[T], float]) -> list[T]:
    """Each id once: that of the largest box."""
    best: dict[str, T] = {}
    for item in items:
        key = name(item)
        if key not in best or size(item) > size(best[key]):
            best[key] = item
    return items if len(best) == len(items) else [item for item in items if best[name(item)] is item]


def _area(item: FrameObject) -> float:
    return float(item.get("bbox_width") or 0) * float(item.get("bbox_height") or 0)


def _edges(review: Review) -> set[float]:
    """Seconds at which something changes."""
    frames = {edge for runs in review.labels.values() for first, last, _ in runs for edge in (first - 1, last)}
    frames |= {edge for spans in review.ignored.values() for first, last in spans for edge in (first - 1, last)}
    frames |= {edge for one in review.speaks for edge in (one.first - 1, one.last)}
    return {frame / FPS for frame in frames}


def _said_spans(review: Review, answers: _Answers) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Label to the spans in which people said that it is heard."""
    for label in dict.fromkeys(one.label for one in review.speaks if one.value and one.label):
        frames = sorted(
            frame
            for frame in {n for one in review.speaks for n in range(one.first, one.last + 1)}
            if answers.decided(frame) and label in answers.labels((), frame)[0]
        )
        spans: list[tuple[int, int]] = []
        for frame in frames:
            if spans and frame == spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], frame)
            else:
                spans.append((frame, frame))
        yield label, spans


def _grow(found: list[Segment], new: Segment) -> None:
    """Add a segment to the one that it goes on from, or after it."""
    if found and found[-1].speaker == new.speaker and found[-1].end == new.start:
        found[-1] = Segment(found[-1].start, new.end, new.speaker)
    else:
        found.append(new)
