"""Remembering the people whom somebody named in a video."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mediaflow_assets.cast.appearances import FaceAppearance, faces_in, voices_in
from mediaflow_assets.cast.person import CastPerson, FaceVector, VoiceVector
from mediaflow_assets.cast.proposals import Measured, face_distance
from mediaflow_assets.cast.register import CastRegister, new_person, now
from mediaflow_assets.cast.vectors import FaceMeasure, Vector, mean_of, voices_of
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.persons import folded
from mediaflow_assets.review.present import Present

NOT_ALIKE = 0.6
"""Two faces farther apart are not taken for one person without being asked: dlib's own limit."""


@dataclass(frozen=True)
class Learned:
    """What is known of one person from one video."""

    name: str
    looks: int
    voices: int


def learn(
    register: CastRegister,
    present: Present,
    review: Review,
    picture: Path | None,
    measure: Callable[[], FaceMeasure],
    *,
    by: str,
    same: bool = False,
) -> list[Learned]:
    """Remember everybody who has a name in a video; what was known from this video before is replaced.

    Args:
        picture: its 25-fps video.
        measure: called if there are faces to measure.
        same: people have the names of people who are remembered, although they do not look like them.

    Raises:
        BadInput: the picture is gone; somebody does not look like the person of this name. Nothing is written then.
    """
    names = {folded(person.name): person.name for person in review.people if person.name}
    if not names and not register.people():
        return []
    faces = [face for face in faces_in(present, review) if face.name] if names else []
    vectors: dict[str, list[Vector]] = {}
    model = ""
    if faces:
        if picture is None:
            raise BadInput(present.received_as, "has no 25-fps picture any more", "Restore its project first")
        measuring = measure()
        model = measuring.model
        vectors = measuring.measure(picture, (present.master.width, present.master.height), faces)
    voices = _voices(present, review)
    with register.writing():
        people = {folded(person.name): person for person in register.people()}
        changed, learned = [], []
        for key in sorted({*people, *names}):
            looks = [vector for face in _of(faces, key) for vector in vectors.get(face.id, ())]
            mine = voices.get(key, ())
            known = people.get(key)
            if known is None and not (looks or mine):
                continue
            former = _without(known or new_person(names[key], by), present.video)
            measured = _measured(present.video, model, looks)
            if measured and not same:
                _check(former, measured)
            person = msgspec.structs.replace(former, faces=(*former.faces, *measured), voices=(*former.voices, *mine))
            if looks or mine:
                person = msgspec.structs.replace(person, learned_at=now(), by=by)
                learned.append(Learned(person.name, len(looks), len(mine)))
            if person != known:
                changed.append(person)
        for person in changed:
            register.save(person)
    return learned


def _voices(present: Present, review: Review) -> dict[str, tuple[VoiceVector, ...]]:
    """By folded name."""
    found: dict[str, tuple[VoiceVector, ...]] = {}
    named = [voice for voice in voices_in(present, review) if voice.name and voice.trusted]
    engine, vectors = voices_of(present.documents["audio"]) if named else ("", {})
    for voice in named:
        if voice.name and voice.label in vectors:
            vector = VoiceVector(video=present.video, engine=engine, values=vectors[voice.label])
            found[folded(voice.name)] = (*found.get(folded(voice.name), ()), vector)
    return found


def _of(faces: list[FaceAppearance], key: str) -> list[FaceAppearance]:
    return [face for face in faces if face.name and folded(face.name) == key]


def _without(person: CastPerson, video: str) -> CastPerson:
    """Without what is known from one video."""
    return msgspec.structs.replace(
        person,
        faces=tuple(face for face in person.faces if face.video != video),
        voices=tuple(voice for voice in person.voices if voice.video != video),
    )


def _measured(video: str, model: str, looks: list[Vector]) -> tuple[FaceVector, ...]:
    """None without a picture that could be measured."""
    if not looks:
        return ()
    return (FaceVector(video=video, model=model, looks=len(looks), values=mean_of(looks)),)


def _check(person: CastPerson, faces: Sequence[FaceVector]) -> None:
    for face in faces:
        distance = face_distance(person, Measured(face=face.values, face_model=face.model))
        if distance is not None and distance > NOT_ALIKE:
            raise BadInput(
                person.name,
                f"does not look like who is remembered by that name (distance {distance:.2f})",
                "Use another name, or say that it is the same person: mediaflow cast learn --same",
            )
