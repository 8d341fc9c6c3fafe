"""What is said about a video, found again in its present documents.

Every edit is applied in the order in which it was said. An edit of which less than half is found is not applied but
listed, and so is one about a video of another length: nothing is guessed, nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.review.compose import (
    changed,
    heard_frames,
    ids_of,
    in_order,
    labels_of,
    owned,
    person_of,
    seen_frames,
    words_of,
)
from mediaflow_assets.review.cuts import corrected_scenes
from mediaflow_assets.review.document import (
    EditResult,
    Result,
    Review,
    Spoken,
)
from mediaflow_assets.review.edits import Cut, Face, Ignore, Link, Merge, Name, Sketch, Speaks, Split, Who, Word
from mediaflow_assets.review.identities import Cells, Identities
from mediaflow_assets.review.persons import Household, group
from mediaflow_assets.review.sketch import BoxFrames, matches
from mediaflow_assets.review.state import Said, State, whom
from mediaflow_assets.review.voices import Turns, covered, matched_turns, spans_of

CODE_VERSION = "1"
APPLIED = 0.9
"""Part of what an edit means that must be found for it to hold as it was said."""
PARTLY = 0.5
"""Below this it is not applied."""


@dataclass(frozen=True)
class Found:
    """One appearance or voice in the present documents."""

    cells: Cells
    part: float
    """Of what was meant, 0..1."""


def resolve(
    state: State,
    *,
    video: str,
    total_frames: int,
    inputs: Mapping[str, str],
    scenes: Sequence[tuple[int, int]],
    turns: Turns,
    frames: BoxFrames,
) -> Review:
    """The review document of one video.

    Args:
        state: what is said.
        video: SHA-256 of the received file.
        inputs: SHA-256 of the documents.
        scenes: first and last frame of each shot of the machine; may be empty.
        turns: label to turns of the machine; may be empty.
        frames: what the machine tracked, all frames in order; may be empty.
    """
    return _Resolution(state, video, total_frames, inputs, scenes, turns, frames).review()


def result_of(part: float, *, kept: bool) -> Result:
    """What becomes of an edit of which ``part`` is found."""
    if part == 0:
        return "gone"
    if part >= APPLIED or kept:
        return "applied"
    return "partly" if part >= PARTLY else "look"


class _Resolution:
    def __init__(
        self,
        state: State,
        video: str,
        total_frames: int,
        inputs: Mapping[str, str],
        scenes: Sequence[tuple[int, int]],
        turns: Turns,
        frames: BoxFrames,
    ) -> None:
        self.state, self.video, self.total, self.inputs = state, video, total_frames, dict(inputs)
        self.shots = list(scenes) or [(1, total_frames)]
        self.turns = turns
        self.results: list[EditResult] = []
        valid = [said for said in state.said if said.base.total_frames == total_frames]
        self.places: dict[tuple[str, str], Found] = {}
        present = self._find_faces(valid, frames)
        self._find_voices(valid)
        self.faces = Identities(present, "obj_{}".format)
        heard = {label: [n for first, last in spans for n in range(first, last + 1)] for label, spans in turns.items()}
        self.voices = Identities(heard, "SPEAKER_{:02d}".format)
        self.links: list[tuple[int, int | None]] = []
        self.speaks: list[tuple[Speaks, tuple[str, int] | None]] = []

    def review(self) -> Review:
        cuts: list[tuple[str, Cut]] = []
        words: list[Word] = []
        for order, said in enumerate(self.state.said):
            edit = said.edit
            if said.base.total_frames != self.total:
                why = f"said about a video of {said.base.total_frames} frames; this one has {self.total}"
                self._result(said, "look", 0.0, why)
            elif isinstance(edit, Cut):
                cuts.append((said.id, edit))
            elif isinstance(edit, Word):
                words.append(edit)
                self._result(said, "applied", 1.0)
            else:
                self._apply(said, order)
        scenes, remarks = corrected_scenes(self.shots, [cut for _, cut in cuts])
        for (name, _), why in zip(cuts, remarks, strict=True):
            self.results.append(EditResult(id=name, op="cut", result="applied", matched=1.0, why=why))
        self.faces.fill(self.shots)
        self.voices.fill([(1, self.total)])
        return self._document(scenes if cuts else None, words)

    def _find_faces(self, valid: Sequence[Said], frames: BoxFrames) -> dict[str, list[int]]:
        keys = [(said.id, who) for said in valid for who in whom(said.edit) if isinstance(who, Face)]
        sketches = {said.id: said.sketches for said in valid}
        distinct: dict[str, int] = {}
        drawn: list[tuple[str, Sketch]] = []
        for name, who in keys:
            sketch = sketches[name].get(who.sketch, [])
            key = repr((who.label, sketch))
            if key not in distinct:
                distinct[key] = len(drawn)
                drawn.append((who.label, sketch))
        cells, lengths, present = matches(drawn, frames)
        for name, who in keys:
            index = distinct[repr((who.label, sketches[name].get(who.sketch, [])))]
            count = sum(len(frames) for frames in cells[index].values())
            self.places[name, who.sketch] = Found(cells[index], count / lengths[index] if lengths[index] else 0.0)
        return {name: frames for name, (_, frames) in present.items()}

    def _find_voices(self, valid: Sequence[Said]) -> None:
        for said in valid:
            for who in whom(said.edit):
                if isinstance(who, Face) or who.voice not in said.voices:
                    continue
                spans = said.voices[who.voice].spans
                found = matched_turns(spans, self.turns)
                cells = {label: [n for a, b in turns for n in range(a, b + 1)] for label, turns in found.items()}
                self.places[said.id, who.voice] = Found(cells, covered(spans, found))

    def _apply(self, said: Said, order: int) -> None:
        edit = said.edit
        parts = [self._found(said, who).part for who in whom(edit)]
        part = min(parts, default=1.0)
        result = result_of(part, kept=said.kept)
        if result in ("look", "gone"):
            why = "it is not found any more" if result == "gone" else f"only {part:.0%} of it is found"
            self._result(said, result, part, why)
            return
        why = "" if part >= APPLIED else f"{part:.0%} of it is found"
        if isinstance(edit, Name):
            one = self._side(edit.who).of(self._claim(said, edit.who))
            one.name, one.person, one.named = edit.name or None, edit.person, order
        elif isinstance(edit, Merge):
            why = self._merge(said, edit) or why
        elif isinstance(edit, Split):
            self._claim(said, edit.who)
            cells = _within(self._found(said, edit.who).cells, edit.first, edit.last)
            if any(cells.values()):
                self._side(edit.who).split(cells)
            else:
                result, why = "gone", "nobody is there in these frames any more"
        elif isinstance(edit, Ignore):
            self._ignore(said, edit)
        elif isinstance(edit, Link):
            voice = self._claim(said, edit.voice)
            self.links.append((voice, None if edit.face is None else self._claim(said, edit.face)))
        elif isinstance(edit, Speaks):
            who = edit.who
            kind = "face" if isinstance(who, Face) else "voice"
            self.speaks.append((edit, None if who is None else (kind, self._claim(said, who))))
        self._result(said, result, part, why)

    def _merge(self, said: Said, edit: Merge) -> str:
        kinds = {isinstance(who, Face) for who in whom(edit)}
        why = ""
        for is_face in kinds:
            refs = [who for who in whom(edit) if isinstance(who, Face) == is_face]
            side = self._side(refs[0])
            ids = [self._claim(said, who) for who in refs]
            side.merge(ids, ids[0], side.largest_id(self._found(said, refs[0]).cells))
            twice = _overlap([self._found(said, who).cells for who in refs])
            if is_face and twice:
                why = f"in {len(twice)} frames both are seen, first in frame {twice[0]}; the larger one counts"
        if len(kinds) == 2:
            face = next(who for who in whom(edit) if isinstance(who, Face))
            voice = next(who for who in whom(edit) if not isinstance(who, Face))
            self.links.append((self._claim(said, voice), self._claim(said, face)))
        return why

    def _ignore(self, said: Said, edit: Ignore) -> None:
        side = self._side(edit.who)
        if edit.first is None and edit.last is None:
            side.of(self._claim(said, edit.who)).ignored = True
            return
        first, last = edit.first or 1, edit.last or self.total
        side.ignore(_within(self._found(said, edit.who).cells, first, last))

    def _side(self, who: Who) -> Identities:
        return self.faces if isinstance(who, Face) else self.voices

    def _found(self, said: Said, who: Who) -> Found:
        key = who.sketch if isinstance(who, Face) else who.voice
        return self.places.get((said.id, key), Found({}, 0.0))

    def _claim(self, said: Said, who: Who) -> int:
        return self._side(who).claim(self._found(said, who).cells)

    def _result(self, said: Said, result: Result, part: float, why: str = "") -> None:
        op = str(type(said.edit).__struct_config__.tag)
        self.results.append(EditResult(id=said.id, op=op, result=result, matched=round(part, 4), why=why))

    def _document(self, scenes: list[tuple[int, int]] | None, words: Sequence[Word]) -> Review:
        shown_faces, shown_voices = self.faces.shown(), self.voices.shown()
        out = {**self.faces.left_out(), **self.voices.left_out()}
        household = group(self.faces, self.voices, self.links)
        self.speaks = [(edit, who) for edit, who in self.speaks if who is None or household.knows(who)]
        labels = labels_of(self.voices, household, shown_voices)
        taken: list[str] = [label for runs in shown_voices.values() for *_, label in runs]
        for _, who in self.speaks:
            if who is not None and not labels.get(household.of(who)):
                label = self.voices.next_id(taken)
                taken.append(label)
                labels[household.of(who)] = [label]
        spoken = [self._spoken(edit, who, household, labels) for edit, who in self.speaks]
        heard = heard_frames(self.turns, shown_voices, out, spoken, self.total)
        seen = seen_frames(self.faces, household, out)
        order = in_order(household.members, seen, heard, labels)
        names = {member: f"person-{place}" for place, member in enumerate(order, start=1)}
        people = tuple(
            person_of(name, household, member, seen, heard, labels, ids_of(self.faces, household, member, shown_faces))
            for member, name in names.items()
        )
        mouths = self._mouths(household, labels, names, seen)
        spoken_people = tuple(
            Spoken(first=s.first, last=s.last, label=s.label, value=s.value, person=names.get(int(s.person or -1)))
            for s in spoken
        )
        kept = {*mouths, *(one.label for one in spoken if one.label)}
        places = {said.id: place for place, said in enumerate(self.state.said)}
        return Review(
            video=self.video,
            corrections=self.state.digest,
            inputs=self.inputs,
            total_frames=self.total,
            people=people,
            faces=owned(self.faces, "face", household, names),
            ids=changed(shown_faces),
            voices=owned(self.voices, "voice", household, names),
            labels=changed(shown_voices),
            ignored=out,
            mouths=mouths,
            speaks=spoken_people,
            heard={label: spans_of(np.flatnonzero(heard[label]).tolist()) for label in sorted(kept) if label in heard},
            scenes=scenes,
            words=tuple(sorted(words_of(words), key=lambda word: word.start)),
            edits=tuple(sorted(self.results, key=lambda result: places[result.id])),
        )

    def _spoken(
        self, edit: Speaks, who: tuple[str, int] | None, household: Household, labels: Mapping[int, list[str]]
    ) -> Spoken:
        if who is None:
            return Spoken(first=edit.first, last=edit.last, label=None, value=edit.value)
        member = household.of(who)
        return Spoken(first=edit.first, last=edit.last, label=labels[member][0], value=edit.value, person=str(member))

    def _mouths(
        self,
        household: Household,
        labels: Mapping[int, list[str]],
        names: Mapping[int, str],
        seen: Mapping[int, NDArray[np.bool_]],
    ) -> dict[str, str | None]:
        """Whose face speaks a label: who is seen and has that voice, or nobody where people said so."""
        found: dict[str, str | None] = {
            label: names[member] for member, has in labels.items() for label in has if seen[member].any()
        }
        for voice, face in self.links:
            if face is None and household.knows(("voice", voice)):
                found |= dict.fromkeys(labels.get(household.of(("voice", voice)), ()), None)
        return found


def _within(cells: Cells, first: int, last: int) -> dict[str, list[int]]:
    return {name: [frame for frame in frames if first <= frame <= last] for name, frames in cells.items()}


def _overlap(cells: Sequence[Cells]) -> list[int]:
    """Frames in which two of several appearances are seen as two objects."""
    seen: dict[int, set[str]] = {}
    for found in cells:
        for name, frames in found.items():
            for frame in frames:
                seen.setdefault(frame, set()).add(name)
    return sorted(frame for frame, names in seen.items() if len(names) > 1)
