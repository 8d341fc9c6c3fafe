"""Who says each word: joined when a transcript is read, so that neither side is made anew for the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.documents import frames_of
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.formats.frames import Frame, FrameObject
from mediaflow_assets.formats.transcript_json import TranscriptWord

MAX_DISTANCE = 1.0
"""Seconds between a word and the nearest speech of the speaker it is given to."""

FacesByFrame = Mapping[int, Iterable[tuple[str, Sequence[str]]]]
"""1-based frame to (object id, labels of the speakers whose face it is there)."""


def with_speakers(words: Iterable[TranscriptWord], segments: Sequence[Segment]) -> list[TranscriptWord]:
    """Each word with the speaker whose speech it overlaps most, else the nearest within a second.

    A tie goes to the speaker of the word before. A word that is far from all speech has none.
    """
    ordered = sorted(segments, key=lambda one: one.start)
    said: list[TranscriptWord] = []
    before: str | None = None
    for word in words:
        speaker = _speaker(word, ordered, before)
        before = speaker or before
        said.append(msgspec.structs.replace(word, speaker=speaker))
    return said


def _speaker(word: TranscriptWord, segments: Sequence[Segment], before: str | None) -> str | None:
    shared: Counter[str] = Counter()
    nearest: tuple[float, bool, str] | None = None
    for one in segments:
        if one.start - word.end > MAX_DISTANCE:
            break
        overlap = min(word.end, one.end) - max(word.start, one.start)
        if overlap > 0:
            shared[one.speaker] += round(overlap * 1000)
        elif -overlap <= MAX_DISTANCE:
            candidate = (-overlap, one.speaker != before, one.speaker)
            nearest = candidate if nearest is None else min(nearest, candidate)
    if shared:
        most = max(shared.values())
        best = [speaker for speaker, share in shared.items() if share == most]
        return (before if before in best else best[0]) or None
    return (nearest[2] or None) if nearest else None


def with_faces(words: Iterable[TranscriptWord], faces: FacesByFrame) -> list[TranscriptWord]:
    """Each word with the face that says it in most of its frames; none is off screen."""
    seen = []
    for word in words:
        votes: Counter[str] = Counter()
        first, last = int(word.start * FPS) + 1, max(int(word.start * FPS) + 1, round(word.end * FPS))
        for frame in range(first, last + 1):
            votes.update(face for face, speakers in faces.get(frame, ()) if word.speaker in speakers)
        face = min(votes, key=lambda one: (-votes[one], one), default=None)
        seen.append(msgspec.structs.replace(word, face=face))
    return seen


@dataclass(frozen=True)
class Corrections:
    """What people corrected of a video, as far as its words need it; see :mod:`mediaflow_assets.review.streams`."""

    words: Callable[[Iterable[TranscriptWord]], list[TranscriptWord]]
    segments: Callable[[Sequence[Segment]], Sequence[Segment]]
    tracking: Callable[[Iterable[Frame]], Iterable[Frame]]
    names: Mapping[str, str]
    """Speaker's label or id of a face to the name that people gave."""


def speaking_faces(
    tracking: Path, corrections: Corrections | None = None
) -> dict[int, list[tuple[str, Sequence[str]]]]:
    """The faces that speak, frame by frame, by a full or reduced tracking document: see :data:`FacesByFrame`.

    Raises:
        BadInput: it cannot be read.
    """
    faces: dict[int, list[tuple[str, Sequence[str]]]] = {}
    frames = frames_of(tracking)
    for frame in corrections.tracking(frames) if corrections else frames:
        for item in frame.get("tracked_objects") or ():
            speakers = _speakers_of(item)
            if speakers and item.get("label") == "face":
                faces.setdefault(int(frame["frame"]), []).append((str(item["id"]), speakers))
    return faces


def _speakers_of(item: FrameObject) -> Sequence[str]:
    """Voices that are heard while the face speaks; reduced documents do not say which faces are silent."""
    if "active_speakers" in item:
        return tuple(item["active_speakers"] or ())
    if not item.get("is_speaking"):
        return ()
    audio = (item.get("speaking_sources") or {}).get("audio") or {}
    return tuple(audio.get("active_speakers") or ())


def with_persons(words: Iterable[TranscriptWord], names: Mapping[str, str]) -> list[TranscriptWord]:
    """Each word with the name that people gave its speaker, or else its face.

    Args:
        names: speaker's label or id of a face to the name.
    """
    return [
        msgspec.structs.replace(word, person=names.get(word.speaker or "") or names.get(word.face or ""))
        for word in words
    ]


def attributed(
    words: Iterable[TranscriptWord],
    segments: Sequence[Segment],
    faces: FacesByFrame | None = None,
    names: Mapping[str, str] | None = None,
) -> list[TranscriptWord]:
    """Each word with speaker, face and person, as far as they are known."""
    return with_persons(with_faces(with_speakers(words, segments), faces or {}), names or {})
