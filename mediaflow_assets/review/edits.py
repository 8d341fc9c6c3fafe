"""What is written in a journal of corrections: a line a version, a version some edits.

Frames are those of the 25-fps video, from 1, both ends included. Who is meant is anchored by a sketch of an
appearance or by the spans of a voice; the id beside it is a hint for people.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

import msgspec

FORMAT = "mediaflow-corrections/1"
ROOT_VERSION = "0" * 64
"""Parent of a journal's first version."""

Via = Literal["review", "cli", "import", "carried"]
Sketch: TypeAlias = list[tuple[int, int, int, int, int] | None]
"""Keys ``[frame, x, y, width, height]`` of an appearance, boxes between them on straight lines; null ends a run."""
Spans: TypeAlias = list[tuple[int, int]]
"""First and last frames, in order, not touching."""


class Face(msgspec.Struct, frozen=True, kw_only=True, tag="face", tag_field="kind"):
    """An appearance of somebody or something in the picture."""

    id: str
    """``obj_3`` in the documents that the person looked at."""
    sketch: str
    """Key of the version's ``sketches``."""
    label: str = "face"
    """As in the tracking document; things are not taken for faces."""


class Voice(msgspec.Struct, frozen=True, kw_only=True, tag="voice", tag_field="kind"):
    """A voice in the sound."""

    id: str
    """``SPEAKER_00`` in the documents that the person listened to."""
    voice: str
    """Key of the version's ``voices``."""


Who: TypeAlias = Face | Voice


class Name(msgspec.Struct, frozen=True, kw_only=True, tag="name", tag_field="op"):
    """This appearance or voice is that person; an empty name takes the name back."""

    id: str
    who: Who
    name: str
    person: str | None = None
    """Of the cast register."""


class Merge(msgspec.Struct, frozen=True, kw_only=True, tag="merge", tag_field="op"):
    """These are one person; the id of ``into`` is kept."""

    id: str
    who: tuple[Who, ...]
    into: Who


class Split(
    msgspec.Struct, frozen=True, kw_only=True, tag="split", tag_field="op", rename={"first": "from", "last": "to"}
):
    """In these frames it is somebody else."""

    id: str
    who: Who
    first: int
    last: int
    new: str = ""
    """Id that the new one was shown with, for people."""


class Ignore(
    msgspec.Struct, frozen=True, kw_only=True, tag="ignore", tag_field="op", rename={"first": "from", "last": "to"}
):
    """A poster, a passer-by, a false face: left out of the delivery and of the figures."""

    id: str
    who: Who
    first: int | None = None
    last: int | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, tag="link", tag_field="op"):
    """This voice is this face's, or is off screen."""

    id: str
    voice: Voice
    face: Face | None


class Speaks(
    msgspec.Struct, frozen=True, kw_only=True, tag="speaks", tag_field="op", rename={"first": "from", "last": "to"}
):
    """Who is heard in these frames, instead of what the analysis says; nobody and false is silence."""

    id: str
    who: Who | None
    first: int
    last: int
    value: bool = True


class Cut(msgspec.Struct, frozen=True, kw_only=True, tag="cut", tag_field="op"):
    """A shot begins at ``frame``, or does not."""

    id: str
    frame: int
    value: bool = True


class Word(msgspec.Struct, frozen=True, kw_only=True, tag="word", tag_field="op"):
    """What is said in ``[start, end)`` seconds; an empty text: nothing is."""

    id: str
    start: float
    end: float
    text: str
    was: str = ""
    """What the transcript had, for people."""


class Keep(msgspec.Struct, frozen=True, kw_only=True, tag="keep", tag_field="op"):
    """An edit to be looked at holds as it is."""

    id: str
    edit: str


class Drop(msgspec.Struct, frozen=True, kw_only=True, tag="drop", tag_field="op"):
    """An edit does not hold any more."""

    id: str
    edit: str


Edit: TypeAlias = Name | Merge | Split | Ignore | Link | Speaks | Cut | Word | Keep | Drop


class Made(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which document a person looked at."""

    sha256: str
    engine: str = ""
    code_version: str = ""


class Base(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person looked at."""

    video: str
    """SHA-256 of the 25-fps video."""
    total_frames: int
    scenes: Made | None = None
    audio: Made | None = None
    tracking: Made | None = None


class VoiceSketch(msgspec.Struct, frozen=True, kw_only=True):
    """Where a voice is heard."""

    spans: Spans
    label: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a journal."""

    format: str = FORMAT
    video: str
    """SHA-256 of the received file."""
    version: str = ""
    """SHA-256 of this object without this key, as canonical JSON."""
    parent: str
    """The version before."""
    at: str
    """ISO 8601, UTC."""
    by: str
    via: Via
    note: str = ""
    base: Base
    edits: tuple[Edit, ...] = ()
    undoes: str | None = None
    """A version whose edits do not count any more."""
    sketches: dict[str, Sketch] = {}
    voices: dict[str, VoiceSketch] = {}


def sealed(version: Version) -> Version:
    """The same with its ``version`` computed."""
    fields = msgspec.to_builtins(version)
    del fields["version"]
    return msgspec.structs.replace(version, version=canonical_digest(fields))


def canonical_digest(value: object) -> str:
    """SHA-256 of something as JSON with sorted keys and no spaces."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
