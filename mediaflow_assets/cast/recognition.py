"""Proposals for those who have no name in a video, and saying that one is wrong. Vectors are not kept here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mediaflow_assets.cast.appearances import (
    FaceAppearance,
    VoiceAppearance,
    faces_in,
    frames_of,
    give_voices,
    iou,
    voices_in,
)
from mediaflow_assets.cast.person import CastPerson, Refusal
from mediaflow_assets.cast.proposals import Measured, Proposal, propose
from mediaflow_assets.cast.register import CastRegister
from mediaflow_assets.cast.settings import CastSettings
from mediaflow_assets.cast.vectors import FaceMeasure, mean_of, voices_of
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.persons import folded
from mediaflow_assets.review.present import Present
from mediaflow_assets.review.record import MOST_SEEN_TOGETHER

_SAME_BOX = 0.4
"""IoU by which a refused face is found again."""
_POINTS = 9
"""Frames that a refusal is anchored by; half of them find it again."""


@dataclass(frozen=True)
class Suggestion:
    """A face or a voice without a name, and whom it might be."""

    who: str
    """Id or label in the reviewed documents."""
    voice: str | None
    """The face's own voice, where that was compared too."""
    proposal: Proposal


@dataclass
class _Unnamed:
    who: str
    frames: set[int]
    measured: Measured
    voice: str | None = None
    impossible: set[str] = field(default_factory=set)


def suggestions(
    people: Sequence[CastPerson],
    present: Present,
    review: Review,
    picture: Path | None,
    measure: Callable[[], FaceMeasure],
    settings: CastSettings,
) -> list[Suggestion]:
    """Whom those without a name might be; nobody more than once in a frame.

    Args:
        picture: the 25-fps video; without it only voices are compared.
        measure: called if there are faces to measure.

    Raises:
        BadInput: a document cannot be read.
    """
    if not people:
        return []
    refusals = [(person.id, one) for person in people for one in person.refusals if one.video == present.video]
    faces = faces_in(present, review, {frame for _, one in refusals for frame, *_ in one.boxes})
    voices = voices_in(present, review)
    give_voices([face for face in faces if face.name is None], [voice for voice in voices if voice.name is None])
    unnamed = _measured(present, picture, measure, faces, voices)
    ids = {folded(person.name): person.id for person in people}
    for one in unnamed:
        one.impossible = {
            ids[folded(face.name)]
            for face in faces
            if face.name and folded(face.name) in ids and len(face.frames & one.frames) > MOST_SEEN_TOGETHER
        }
        one.impossible |= {who for who, refusal in refusals if _is_refused(refusal, one, faces, voices)}
    found = [(one, propose(people, one.measured, settings, one.impossible)) for one in unnamed]
    return _one_place_each([(one, proposal) for one, proposal in found if proposal is not None])


def refuse(register: CastRegister, name: str, present: Present, review: Review, who: str) -> None:
    """Remember that a face or a voice is not this person: it is not proposed there again.

    Raises:
        BadInput: nobody has this name, or nobody in the video this id.
    """
    register.named(name)
    refusal = _refusal(present, review, who)
    with register.writing():
        person = register.named(name)
        register.save(msgspec.structs.replace(person, refusals=(*person.refusals, refusal)))


def _refusal(present: Present, review: Review, who: str) -> Refusal:
    for face in faces_in(present, review):
        if face.id == who:
            chosen = _spread(sorted(face.boxes))
            return Refusal(video=present.video, boxes=tuple((frame, *face.boxes[frame]) for frame in chosen))
    for voice in voices_in(present, review):
        if voice.id == who:
            return Refusal(video=present.video, frames=tuple(_spread(sorted(frames_of(voice.spans)))))
    raise BadInput(who, f"is no face and no voice of {present.received_as}", "See: mediaflow cast propose")


def _measured(
    present: Present,
    picture: Path | None,
    measure: Callable[[], FaceMeasure],
    faces: Sequence[FaceAppearance],
    voices: Sequence[VoiceAppearance],
) -> list[_Unnamed]:
    wanted = [face for face in faces if face.name is None]
    model, looks = "", {}
    if wanted and picture is not None:
        measuring = measure()
        model = measuring.model
        looks = measuring.measure(picture, (present.master.width, present.master.height), wanted)
    silent = [voice for voice in voices if voice.name is None and voice.trusted]
    engine, vectors = voices_of(present.documents["audio"]) if silent else ("", {})
    known = {voice.id: vectors[voice.label] for voice in silent if voice.label in vectors}
    found = []
    for face in wanted:
        voice = known.get(face.voice) if face.voice else None
        vector = mean_of(looks[face.id]) if face.id in looks else None
        if vector is not None or voice is not None:
            heard = face.voice if voice is not None else None
            found.append(_Unnamed(face.id, face.frames, Measured(vector, model, voice, engine), heard))
    owned = {face.voice for face in wanted}
    for label in known:
        if label not in owned:
            found.append(_Unnamed(label, set(), Measured(voice=known[label], voice_engine=engine)))
    return found


def _is_refused(
    refusal: Refusal, one: _Unnamed, faces: Sequence[FaceAppearance], voices: Sequence[VoiceAppearance]
) -> bool:
    for face in faces:
        if face.id == one.who and refusal.boxes:
            again = sum(
                iou(face.boxes[frame], (x, y, width, height)) >= _SAME_BOX
                for frame, x, y, width, height in refusal.boxes
                if frame in face.boxes
            )
            return again * 2 >= len(refusal.boxes)
    for voice in voices:
        if voice.id in (one.who, one.voice) and refusal.frames:
            return len(frames_of(voice.spans) & set(refusal.frames)) * 2 >= len(refusal.frames)
    return False


def _one_place_each(found: Sequence[tuple[_Unnamed, Proposal]]) -> list[Suggestion]:
    """Of two that are seen together only the surer one can be the person."""
    kept: list[tuple[_Unnamed, Proposal]] = []
    for one, proposal in sorted(found, key=lambda pair: -pair[1].certainty):
        rivals = [other for other, also in kept if also.person.id == proposal.person.id]
        if all(len(one.frames & other.frames) <= MOST_SEEN_TOGETHER for other in rivals):
            kept.append((one, proposal))
    return [Suggestion(one.who, one.voice, proposal) for one, proposal in kept]


def _spread(values: Sequence[int]) -> list[int]:
    """Some of them, evenly."""
    count = min(_POINTS, len(values))
    return [values[(2 * place + 1) * len(values) // (2 * count)] for place in range(count)]
