"""The review document: what people's corrections mean for the present documents of one video. Some kB."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.formats.manifest import read_document, write_document
from mediaflow_assets.review.edits import canonical_digest

Result = Literal["applied", "partly", "look", "gone"]
"""applied; applied where it still matches; to be looked at and not applied; nothing of it is there any more."""
Runs = list[tuple[int, int, str]]
"""First and last frame, and what holds in them."""


class ReviewedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom people named, joined, split off or linked."""

    id: str
    """``person-1`` in this document; in order of first appearance."""
    name: str | None = None
    person: str | None = None
    """In the cast register."""
    faces: tuple[str, ...] = ()
    """Ids in the reviewed documents; each is this person's alone."""
    voices: tuple[str, ...] = ()
    """Labels in the reviewed documents."""
    first: int
    last: int
    """First and last frame in which the person is seen or heard."""
    faces_frames: int = 0
    """Frames in which the person is seen."""
    voice_frames: int = 0
    """Frames in which the person is heard."""


class EditResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one edit."""

    id: str
    """``<12 digits of the version>:<edit>``."""
    op: str
    result: Result
    matched: float
    """Part of what was meant that was found, 0..1."""
    why: str = ""
    """A sentence, where there is something to say."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Who is heard in a span, as people said it."""

    first: int
    last: int
    label: str | None
    """In the reviewed documents; None is nobody that is known."""
    value: bool
    person: str | None = None


class CorrectedWord(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in ``[start, end)`` seconds; nothing where the text is empty."""

    start: float
    end: float
    text: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document.

    Keys of ``faces``, ``ids``, ``voices``, ``labels`` and ``ignored`` are the machine's.
    """

    video: str
    """SHA-256 of the received file."""
    corrections: str
    """Digest of the state that is resolved."""
    inputs: dict[str, str]
    """``video``, ``scenes``, ``audio``, ``tracking`` to SHA-256."""
    total_frames: int
    people: tuple[ReviewedPerson, ...] = ()
    faces: dict[str, Runs] = {}
    """Id to the person that it is."""
    ids: dict[str, Runs] = {}
    """Id to the id in the reviewed documents, where that is another one."""
    voices: dict[str, Runs] = {}
    """Label to the person that it is."""
    labels: dict[str, Runs] = {}
    """Label to the label in the reviewed documents, where that is another one."""
    ignored: dict[str, list[tuple[int, int]]] = {}
    """Id or label to the frames in which it is left out."""
    mouths: dict[str, str | None] = {}
    """Label in the reviewed documents to the person whose face speaks it, None off screen: what people decided."""
    speaks: tuple[Spoken, ...] = ()
    heard: dict[str, list[tuple[int, int]]] = {}
    """Label in the reviewed documents to where it is heard, for those in ``mouths`` and ``speaks``."""
    scenes: list[tuple[int, int]] | None = None
    """First and last frames; None where no cut is corrected."""
    words: tuple[CorrectedWord, ...] = ()
    """In order of time."""
    edits: tuple[EditResult, ...] = ()

    @property
    def to_look_at(self) -> tuple[EditResult, ...]:
        """Edits that do not hold as they were said."""
        return tuple(edit for edit in self.edits if edit.result != "applied")

    def person(self, wanted: str) -> ReviewedPerson | None:
        """The person with this id."""
        return next((person for person in self.people if person.id == wanted), None)

    @property
    def framing(self) -> str | None:
        """Digest of what changes who is where, who speaks and where the cuts are; None where only names are said."""
        parts = (self.ids, self.ignored, self.mouths, self.speaks, self.labels, self.scenes)
        return canonical_digest([parts, self.faces, self.heard]) if any(parts) else None

    @property
    def names(self) -> dict[str, str]:
        """Ids and labels in the reviewed documents to the names of the people they are."""
        return {
            shown: person.name for person in self.people if person.name for shown in (*person.faces, *person.voices)
        }


def write_review(path: Path, document: Review) -> Path:
    """Write the document whole."""
    return write_document(path, document)


def read_review(path: Path) -> Review:
    """Read the document.

    Raises:
        BadInput: missing, or not such a document.
    """
    return read_document(path, Review)
