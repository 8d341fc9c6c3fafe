"""What a person asks for, in the words of what is shown: ``obj_3``, ``SPEAKER_00``, ``person-2``.

The body of ``POST /api/corrections`` is ``{"edits": [WISH, …], "note": "…"}``; the commands build the same.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

_SPAN = {"first": "from", "last": "to"}


class NameWish(msgspec.Struct, frozen=True, kw_only=True, tag="name", tag_field="op"):
    """``{"op": "name", "who": "obj_3", "name": "Camille"}``."""

    who: str
    name: str
    person: str | None = None


class MergeWish(msgspec.Struct, frozen=True, kw_only=True, tag="merge", tag_field="op"):
    """``{"op": "merge", "who": ["obj_3", "obj_5"], "into": "obj_1"}``."""

    who: tuple[str, ...]
    into: str


class SplitWish(msgspec.Struct, frozen=True, kw_only=True, tag="split", tag_field="op", rename=_SPAN):
    """``{"op": "split", "who": "obj_1", "from": 134}``: to its end, or ``to`` a frame."""

    who: str
    first: int
    last: int | None = None


class IgnoreWish(msgspec.Struct, frozen=True, kw_only=True, tag="ignore", tag_field="op", rename=_SPAN):
    """``{"op": "ignore", "who": "obj_5"}``: everywhere, or ``from`` a frame ``to`` a frame."""

    who: str
    first: int | None = None
    last: int | None = None


class LinkWish(msgspec.Struct, frozen=True, kw_only=True, tag="link", tag_field="op"):
    """``{"op": "link", "voice": "SPEAKER_00", "face": "obj_1"}``; face null: off screen."""

    voice: str
    face: str | None


class SpeaksWish(msgspec.Struct, frozen=True, kw_only=True, tag="speaks", tag_field="op", rename=_SPAN):
    """``{"op": "speaks", "who": "obj_1", "from": 50, "to": 80, "value": true}``; who null and value false: silence."""

    who: str | None
    first: int
    last: int
    value: bool = True


class CutWish(msgspec.Struct, frozen=True, kw_only=True, tag="cut", tag_field="op"):
    """``{"op": "cut", "frame": 251, "value": true}``: a shot begins there; false: it does not."""

    frame: int
    value: bool = True


class WordWish(msgspec.Struct, frozen=True, kw_only=True, tag="word", tag_field="op"):
    """``{"op": "word", "start": 3.2, "end": 3.6, "text": "Camille", "was": "camion"}``, seconds."""

    start: float
    end: float
    text: str
    was: str = ""


class KeepWish(msgspec.Struct, frozen=True, kw_only=True, tag="keep", tag_field="op"):
    """``{"op": "keep", "edit": "3f2a…:e1"}``: it holds as far as it is found."""

    edit: str


class DropWish(msgspec.Struct, frozen=True, kw_only=True, tag="drop", tag_field="op"):
    """``{"op": "drop", "edit": "3f2a…:e1"}``: it does not hold any more."""

    edit: str


Wish: TypeAlias = (
    NameWish | MergeWish | SplitWish | IgnoreWish | LinkWish | SpeaksWish | CutWish | WordWish | KeepWish | DropWish
)


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What is said at once: one version."""

    edits: tuple[Wish, ...]
    note: str = ""
