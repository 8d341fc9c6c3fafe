"""People JSON: who is who among the faces and voices of a video that somebody corrected."""

from __future__ import annotations

import msgspec


class DeliveredPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, in the ids and labels of the delivered documents; the order of the fields is that in the file."""

    id: str
    name: str | None
    faces: tuple[str, ...]
    voices: tuple[str, ...]
    first: int
    last: int
    frames_seen: int
    frames_speaking: int


class People(msgspec.Struct, frozen=True, kw_only=True):
    """``<stem>_people.json``."""

    people: tuple[DeliveredPerson, ...]
    edits_to_look_at: int
