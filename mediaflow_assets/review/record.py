"""The one way into a journal: what a person says about the present documents, anchored and written.

The page and the commands both call :func:`record` and :func:`undo`. Example::

    journal = Journal(layout.archives, layout.state, present.video)
    record(journal, present, [NameWish(who="obj_3", name="Camille")], by="camille", via="cli")
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import assert_never

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.review import edits
from mediaflow_assets.review.anchors import Anchors
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import Edit, Face, Version, Via
from mediaflow_assets.review.journal import Journal, StaleParent
from mediaflow_assets.review.present import Present, review_of
from mediaflow_assets.review.sketch import runs_of
from mediaflow_assets.review.state import fold
from mediaflow_assets.review.wishes import (
    CutWish,
    DropWish,
    IgnoreWish,
    KeepWish,
    LinkWish,
    MergeWish,
    NameWish,
    SpeaksWish,
    SplitWish,
    Wish,
    WordWish,
)

LONGEST_NAME = 80
MOST_SEEN_TOGETHER = 12
"""Frames in which two that are said to be one person may be seen side by side: trackers overlap a little."""
_FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def record(
    journal: Journal,
    present: Present,
    wishes: Sequence[Wish],
    *,
    by: str,
    via: Via,
    parent: str | None = None,
    note: str = "",
    review: Review | None = None,
) -> Version:
    """Write what a person says as one version; all of it or nothing.

    Args:
        present: the documents that the person looks at.
        wishes: in the ids and labels that are shown, which are those of the review.
        by: who says it.
        parent: the version that the person saw; None takes the newest.
        review: of the present documents and the journal's state, where the caller has it; it is made otherwise.

    Raises:
        StaleParent: somebody else wrote in between.
        BadInput: an id that is not there, frames outside of the video, a name that cannot be; a sentence for each.
    """
    versions = journal.versions()
    head = versions[-1].version if versions else edits.ROOT_VERSION
    if parent is not None and parent != head:
        raise StaleParent(
            "the corrections", "were changed in the meantime", "Look at the change and say it again", head
        )
    state = fold(versions)
    if review is None or review.corrections != state.digest or review.inputs != present.inputs:
        review = review_of(present, state)
    anchors = Anchors(present, review, _wanted(wishes))
    said: list[Edit] = []
    problems: list[str] = []
    for wish in wishes:
        try:
            said += _edits(wish, anchors, present, {one.id for one in state.said}, len(said))
        except BadInput as error:
            problems.append(error.sentence)
    if problems:
        raise BadInput("the correction", " | ".join(problems), "Nothing was written")
    return journal.append(
        base=present.base,
        by=by,
        via=via,
        edits=said,
        sketches=anchors.sketches,
        voices=anchors.voices,
        note=plain_text(note, "note", 500),
        parent=head,
    )


def undo(
    journal: Journal, version: str | None = None, *, by: str, via: Via, parent: str | None = None, redo: bool = False
) -> Version:
    """Take a version back; the state is that of before, down to its digest.

    Args:
        version: its id, or the beginning of it; None is the last one that still counts.
        redo: take back the last undoing instead.

    Raises:
        StaleParent: somebody else wrote in between.
        BadInput: there is nothing to take back.
    """
    versions = journal.versions()
    gone = undone(versions)
    if version is None:
        found = _takeable(versions, gone, redo=redo)[-1:]
    else:
        found = [one for one in versions if one.version.startswith(version)] if version else []
    if len(found) != 1:
        what = "to do again" if redo else "to undo"
        problem = f"has nothing {what}" if version is None else f"have no single version {version!r}"
        raise BadInput("the corrections", problem, "See: mediaflow corrections log")
    if found[0].version in gone:
        raise BadInput(f"version {found[0].version[:12]}", "is undone already", "See: mediaflow corrections log")
    return journal.append(base=found[0].base, by=by, via=via, undoes=found[0].version, parent=parent)


def carry_in(journal: Journal, versions: Sequence[Version], *, by: str) -> list[Version]:
    """Append the versions of an exported journal that this one does not have; returns what was written.

    Raises:
        BadInput: they are about another video.
    """
    if any(version.video != journal.video for version in versions):
        raise BadInput("the exported corrections", "are about another video", "Import them there")
    present = journal.versions()
    known = {version.version: version.version for version in present}
    contents = {_content(version, version.undoes): version.version for version in present}
    written = []
    for version in versions:
        if version.version in known:
            continue
        undoes = known.get(version.undoes) if version.undoes else None
        if (same := contents.get(_content(version, undoes))) is not None:
            known[version.version] = same
            continue
        new = journal.append(
            base=version.base,
            by=by,
            via="import",
            edits=version.edits,
            undoes=undoes,
            sketches=version.sketches,
            voices=version.voices,
            note=version.note or f"said by {version.by} at {version.at}",
        )
        known[version.version] = new.version
        written.append(new)
    return written


def plain_text(text: str, what: str, longest: int = LONGEST_NAME) -> str:
    """A name or note as it is written: NFC, on one line, without signs that turn the direction of writing.

    Raises:
        BadInput: it is too long or has such a sign.
    """
    clean = unicodedata.normalize("NFC", text.strip())
    if len(clean) > longest:
        raise BadInput(f"the {what}", f"has {len(clean)} characters", f"{longest} are allowed")
    if any(char in _BIDI or unicodedata.category(char) in _FORBIDDEN for char in clean):
        raise BadInput(f"the {what}", "has control characters or signs of writing direction", "Type it again")
    return clean


def undone(versions: Sequence[Version]) -> set[str]:
    """The versions that were taken back, and whose taking back was not."""
    undone: set[str] = set()
    for version in reversed(versions):
        if version.undoes is not None and version.version not in undone:
            undone.add(version.undoes)
    return undone


def _takeable(versions: Sequence[Version], gone: set[str], *, redo: bool) -> list[Version]:
    """What can be taken back: versions with edits, or the undoings since the newest of those."""
    if not redo:
        return [one for one in versions if one.version not in gone and one.undoes is None]
    edited = [place for place, one in enumerate(versions) if one.undoes is None]
    said = {versions[place].version for place in edited}
    since = versions[edited[-1] + 1 :] if edited else ()
    return [one for one in since if one.version not in gone and one.undoes in said]


def _content(version: Version, undoes: str | None) -> str:
    return edits.canonical_digest([version.edits, version.sketches, version.voices, undoes])


def _wanted(wishes: Sequence[Wish]) -> list[str]:
    found: list[str | None] = []
    for wish in wishes:
        if isinstance(wish, MergeWish):
            found += [wish.into, *wish.who]
        elif isinstance(wish, LinkWish):
            found += [wish.voice, wish.face]
        elif not isinstance(wish, CutWish | WordWish | KeepWish | DropWish):
            found.append(wish.who)
    return [name for name in found if name is not None]


def _edits(wish: Wish, anchors: Anchors, present: Present, known: set[str], count: int) -> list[Edit]:
    name = f"e{count + 1}"
    total = present.total_frames
    match wish:
        case NameWish():
            text = plain_text(wish.name, "name")
            return [
                edits.Name(id=f"e{count + place}", who=who, name=text, person=wish.person)
                for place, who in enumerate(anchors.everybody(wish.who), start=1)
            ]
        case MergeWish():
            return [_merge(name, wish, anchors)]
        case SplitWish():
            return [_split(name, wish, anchors, total)]
        case IgnoreWish():
            first, last = _span(wish.first or 1, wish.last or total, total)
            whole = wish.first is None and wish.last is None
            return [
                edits.Ignore(
                    id=f"e{count + place}", who=who, first=None if whole else first, last=None if whole else last
                )
                for place, who in enumerate(anchors.everybody(wish.who), start=1)
            ]
        case LinkWish():
            face = anchors.face(wish.face) if wish.face is not None else None
            return [edits.Link(id=name, voice=anchors.voice(wish.voice), face=face)]
        case SpeaksWish():
            first, last = _span(wish.first, wish.last, total)
            speaker = anchors.anybody(wish.who) if wish.who is not None else None
            return [edits.Speaks(id=name, who=speaker, first=first, last=last, value=wish.value)]
        case CutWish():
            if not 1 < wish.frame <= total:
                raise BadInput(f"frame {wish.frame}", f"cannot begin a shot of {total} frames", "Take 2 or a later one")
            return [edits.Cut(id=name, frame=wish.frame, value=wish.value)]
        case WordWish():
            if not 0 <= wish.start < wish.end <= total / FPS + 1:
                raise BadInput(f"{wish.start}-{wish.end} s", "is no time of this video", "Give a start and a later end")
            return [
                edits.Word(
                    id=name, start=wish.start, end=wish.end, text=plain_text(wish.text, "word", 200), was=wish.was[:200]
                )
            ]
        case KeepWish() | DropWish():
            if wish.edit not in known:
                raise BadInput(repr(wish.edit), "is no correction that counts", "See: mediaflow corrections show")
            kind = edits.Keep if isinstance(wish, KeepWish) else edits.Drop
            return [kind(id=name, edit=wish.edit)]
        case _:
            assert_never(wish)


def _merge(name: str, wish: MergeWish, anchors: Anchors) -> Edit:
    others = [other for other in dict.fromkeys(wish.who) if other != wish.into]
    if not others:
        raise BadInput(wish.into, "cannot be merged with itself", "Name two")
    into = anchors.everybody(wish.into)
    who = [one for other in others for one in anchors.everybody(other)]
    frame = anchors.seen_together([one for one in [*into, *who] if isinstance(one, Face)], MOST_SEEN_TOGETHER)
    if frame:
        both = " and ".join([wish.into, *others])
        raise BadInput(both, f"are seen side by side in frame {frame}", "Ignore one of them, or split it first")
    return edits.Merge(id=name, into=into[0], who=(*into[1:], *who))


def _split(name: str, wish: SplitWish, anchors: Anchors, total: int) -> Edit:
    face = anchors.anybody(wish.who)
    first, last = _span(wish.first, wish.last or total, total)
    if isinstance(face, Face):
        runs = runs_of(anchors.sketches[face.sketch])
        begins, ends = runs[0].first, runs[-1].last
    else:
        spans = anchors.voices[face.voice].spans
        begins, ends = spans[0][0], spans[-1][1]
    if (first <= begins and last >= ends) or last < begins or first > ends:
        raise BadInput(wish.who, f"is there in the frames {begins} to {ends}", "Split it between two of them")
    return edits.Split(id=name, who=face, first=first, last=last)


def _span(first: int, last: int, total: int) -> tuple[int, int]:
    if not 1 <= first <= last <= total:
        raise BadInput(f"frames {first}-{last}", f"are not frames of a video of {total}", "Frames count from 1")
    return first, last
