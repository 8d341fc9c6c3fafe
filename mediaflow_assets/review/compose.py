"""The parts of a review document that follow from who is who: people, lanes, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.review.document import CorrectedWord, ReviewedPerson, Runs, Spoken
from mediaflow_assets.review.edits import Word
from mediaflow_assets.review.identities import Identities
from mediaflow_assets.review.persons import Household
from mediaflow_assets.review.voices import Turns


def labels_of(voices: Identities, household: Household, shown: Mapping[str, Runs]) -> dict[int, list[str]]:
    """Person to labels in the reviewed documents, the longest first."""
    frames: dict[int, dict[str, int]] = {}
    for name, root, spans in voices.runs():
        own = frames.setdefault(household.of(("voice", root)), {})
        for first, last in spans:
            for start, end, label in shown.get(name, ()):
                shared = min(last, end) - max(first, start) + 1
                if shared > 0:
                    own[label] = own.get(label, 0) + shared
    return {member: sorted(own, key=lambda label: (-own[label], label)) for member, own in frames.items()}


def ids_of(faces: Identities, household: Household, member: int, shown: Mapping[str, Runs]) -> tuple[str, ...]:
    """Ids that a person is shown with, the longest first."""
    found: dict[str, int] = {}
    for name, root, spans in faces.runs():
        if household.of(("face", root)) == member:
            for first, last in spans:
                for start, end, given in shown.get(name, ()):
                    shared = min(last, end) - max(first, start) + 1
                    if shared > 0:
                        found[given] = found.get(given, 0) + shared
    return tuple(sorted(found, key=lambda given: (-found[given], given)))


def heard_frames(
    turns: Turns,
    shown: Mapping[str, Runs],
    out: Mapping[str, list[tuple[int, int]]],
    spoken: Iterable[Spoken],
    total: int,
) -> dict[str, NDArray[np.bool_]]:
    """Label in the reviewed documents to the frames in which it is heard; place 0 is no frame."""
    heard: dict[str, NDArray[np.bool_]] = {}

    def lane(label: str) -> NDArray[np.bool_]:
        return heard.setdefault(label, np.zeros(total + 1, bool))

    for label, spans in turns.items():
        own = np.zeros(total + 1, bool)
        for first, last in spans:
            own[first : last + 1] = True
        for first, last in out.get(label, ()):
            own[first : last + 1] = False
        for first, last, given in shown.get(label, ((1, total, label),)):
            lane(given)[first : last + 1] |= own[first : last + 1]
    said = np.zeros(total + 1, bool)
    for one in spoken:
        span = slice(one.first, one.last + 1)
        if one.value or one.label is None:
            for frames in heard.values():
                frames[span] &= said[span]
            said[span] = True
        if one.label is not None:
            lane(one.label)[span] = one.value
        elif not one.value:
            for frames in heard.values():
                frames[span] = False
    return heard


def seen_frames(
    faces: Identities, household: Household, out: Mapping[str, list[tuple[int, int]]]
) -> dict[int, NDArray[np.bool_]]:
    """Person to the frames in which a face of theirs is seen; place 0 is no frame."""
    longest = max((last for *_, spans in faces.runs() for _, last in spans), default=0)
    seen = {member: np.zeros(longest + 1, bool) for member in household.members}
    for name, root, spans in faces.runs():
        own = np.zeros(longest + 1, bool)
        for first, last in spans:
            own[first : last + 1] = True
        for first, last in out.get(name, ()):
            own[first : last + 1] = False
        seen[household.of(("face", root))] |= own
    return seen


def in_order(
    members: Sequence[int],
    seen: Mapping[int, NDArray[np.bool_]],
    heard: Mapping[str, NDArray[np.bool_]],
    labels: Mapping[int, list[str]],
) -> list[int]:
    """People that are there, in the order of their first frame."""
    first: dict[int, int] = {}
    for member in members:
        lanes = [seen[member], *(heard[label] for label in labels.get(member, ()) if label in heard)]
        starts = [int(lane.argmax()) for lane in lanes if lane.any()]
        if starts:
            first[member] = min(starts)
    return sorted(first, key=lambda member: (first[member], member))


def person_of(
    name: str,
    household: Household,
    member: int,
    seen: Mapping[int, NDArray[np.bool_]],
    heard: Mapping[str, NDArray[np.bool_]],
    labels: Mapping[int, list[str]],
    ids: tuple[str, ...],
) -> ReviewedPerson:
    """What is known of a person."""
    lanes = [heard[label] for label in labels.get(member, ()) if label in heard]
    voice = np.logical_or.reduce(lanes) if lanes else np.zeros(1, bool)
    frames = np.concatenate([np.flatnonzero(seen[member]), np.flatnonzero(voice)])
    who = household.identity(member)
    return ReviewedPerson(
        id=name,
        name=who.name,
        person=who.person,
        faces=ids,
        voices=tuple(labels.get(member, ())),
        first=int(frames.min()),
        last=int(frames.max()),
        faces_frames=int(seen[member].sum()),
        voice_frames=int(voice.sum()),
    )


def owned(side: Identities, kind: str, household: Household, names: Mapping[int, str]) -> dict[str, Runs]:
    """Id or label of the machine to the people that it is, run by run."""
    found: dict[str, Runs] = {}
    for name, root, spans in side.runs():
        member = household.of((kind, root))
        if member in names:
            found.setdefault(name, []).extend((first, last, names[member]) for first, last in spans)
    return {name: sorted(runs) for name, runs in sorted(found.items())}


def changed(shown: Mapping[str, Runs]) -> dict[str, Runs]:
    """Only the runs in which an id is shown with another one."""
    found = {name: [run for run in runs if run[2] != name] for name, runs in sorted(shown.items())}
    return {name: runs for name, runs in found.items() if runs}


def words_of(words: Sequence[Word]) -> list[CorrectedWord]:
    """One for each stretch of time: what was said last about it."""
    kept: list[Word] = []
    for word in words:
        kept = [one for one in kept if min(one.end, word.end) - max(one.start, word.start) <= 0.001]
        kept.append(word)
    return [CorrectedWord(start=word.start, end=word.end, text=word.text) for word in kept]
