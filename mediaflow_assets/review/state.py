"""What counts of a journal: the edits that nobody took back, and one digest of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mediaflow_assets.review.edits import (
    Base,
    Drop,
    Edit,
    Face,
    Keep,
    Link,
    Merge,
    Name,
    Sketch,
    Version,
    VoiceSketch,
    Who,
    canonical_digest,
)

NOTHING = "none"
"""Digest of the state where nobody corrected anything."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An edit that counts, with what it is anchored by."""

    id: str
    """``<first 12 digits of the version>:<id of the edit>``."""
    edit: Edit
    base: Base
    sketches: dict[str, Sketch] = {}
    """Those that this edit names."""
    voices: dict[str, VoiceSketch] = {}
    kept: bool = False
    """A person looked at it: it holds wherever it still matches."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All edits that count, oldest first."""

    said: tuple[Said, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what is said, whoever said it and when; ``none`` where nothing is."""
        if not self.said:
            return NOTHING
        return canonical_digest([_content(said) for said in self.said])


def fold(versions: Sequence[Version]) -> State:
    """The state after ``versions``.

    A version that is undone does not count, nor does an undoing that is undone itself. Of two names for exactly the
    same appearance the later one counts.
    """
    undone: set[str] = set()
    for version in reversed(versions):
        if version.undoes is not None and version.version not in undone:
            undone.add(version.undoes)
    said: dict[str, Said] = {}
    for version in versions:
        if version.version in undone:
            continue
        for edit in version.edits:
            key = f"{version.version[:12]}:{edit.id}"
            if isinstance(edit, Drop):
                said.pop(edit.edit, None)
            elif isinstance(edit, Keep):
                if edit.edit in said:
                    said[edit.edit] = msgspec.structs.replace(said[edit.edit], kept=True)
            else:
                new = _said(key, edit, version)
                for former in [one for one in said.values() if _replaces(new, one)]:
                    del said[former.id]
                said[key] = new
    return State(said=tuple(said.values()))


def whom(edit: Edit) -> tuple[Who, ...]:
    """Everybody that an edit is about."""
    if isinstance(edit, Merge):
        return (edit.into, *(who for who in edit.who if who != edit.into))
    if isinstance(edit, Link):
        return (edit.voice,) if edit.face is None else (edit.voice, edit.face)
    who = getattr(edit, "who", None)
    return () if who is None else (who,)


def _said(key: str, edit: Edit, version: Version) -> Said:
    faces = [who.sketch for who in whom(edit) if isinstance(who, Face)]
    voices = [who.voice for who in whom(edit) if not isinstance(who, Face)]
    return Said(
        id=key,
        edit=edit,
        base=version.base,
        sketches={name: version.sketches[name] for name in faces if name in version.sketches},
        voices={name: version.voices[name] for name in voices if name in version.voices},
    )


def _replaces(new: Said, former: Said) -> bool:
    """Whether a name is about exactly what an earlier one is about."""
    if not isinstance(new.edit, Name) or not isinstance(former.edit, Name):
        return False
    anchors = [
        (said.edit.who.id, list(said.sketches.values()), [voice.spans for voice in said.voices.values()])
        for said in (new, former)
        if isinstance(said.edit, Name)
    ]
    return anchors[0] == anchors[1]


def _content(said: Said) -> dict[str, object]:
    """What decides about the result: not the ids of versions, engines and keys."""
    fields = msgspec.to_builtins(said.edit)
    del fields["id"]
    fields.pop("new", None)
    fields.pop("was", None)
    return {
        "edit": fields,
        "video": said.base.video,
        "total_frames": said.base.total_frames,
        "sketches": said.sketches,
        "voices": {name: voice.spans for name, voice in said.voices.items()},
        "kept": said.kept,
    }
