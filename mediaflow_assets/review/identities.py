"""Who is who among the ids of one document: claimed, split and merged, frame by frame.

Faces and voices are the same here: an id is present in some frames, and each of these *cells* belongs to nobody or to
one identity. What is said later counts where it speaks of the same cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.review.edits import Spans
from mediaflow_assets.review.voices import spans_of

NOBODY = -1
WHOLE = 0.8
"""Who speaks of so much of an identity means all of it."""
MOSTLY = 0.5
Cells = Mapping[str, Sequence[int]]
"""Id to frames, in order."""


@dataclass
class Identity:
    """Somebody."""

    name: str | None = None
    person: str | None = None
    named: int = -1
    """Which edit gave the name; later ones count more."""
    keep: str | None = None
    """The id that it is shown with after a merge."""
    split: bool = False
    """It was somebody else's before."""
    ignored: bool = False


class Identities:
    """Args:
    present: of every id the frames in which it is there, in order.
    form: makes an id of a number: ``obj_{}``.
    """

    def __init__(self, present: Cells, form: Callable[[int], str]) -> None:
        self._frames = {name: np.asarray(frames, np.int64) for name, frames in present.items()}
        self._owners = {name: np.full(len(frames), NOBODY, np.int64) for name, frames in self._frames.items()}
        self._ignored = {name: np.zeros(len(frames), bool) for name, frames in self._frames.items()}
        self._form = form
        self._parents: list[int] = []
        self.all: list[Identity] = []

    def root(self, identity: int) -> int:
        """The identity that this one was merged into."""
        while self._parents[identity] != identity:
            identity = self._parents[identity]
        return identity

    def of(self, identity: int) -> Identity:
        """What is known of an identity."""
        return self.all[self.root(identity)]

    def claim(self, cells: Cells) -> int:
        """The identity that somebody means who speaks of these cells.

        It is the one that they are of, if they are most of it; else a new one with its name.
        """
        owners: Counter[int] = Counter()
        total = 0
        for name, places in self._places(cells):
            owners.update(self.root(int(owner)) for owner in self._owners[name][places] if owner != NOBODY)
            total += len(places)
        chosen = None
        name_of: Identity | None = None
        if owners:
            most, count = owners.most_common(1)[0]
            if count >= MOSTLY * total:
                name_of = self.all[most]
                if count >= WHOLE * self._size(most):
                    chosen = most
        if chosen is None:
            former = name_of or Identity()
            chosen = self._new(Identity(former.name, former.person, former.named, former.keep, former.split))
        self._give(cells, chosen)
        return chosen

    def split(self, cells: Cells) -> int:
        """A new identity without a name, of these cells."""
        new = self._new(Identity(split=True))
        self._give(cells, new)
        return new

    def merge(self, identities: Sequence[int], into: int, keep: str) -> int:
        """One identity of several: ``into`` with the id ``keep``; its name counts, else the newest of the others."""
        root = self.root(into)
        kept = self.all[root]
        for other in identities:
            gone = self.root(other)
            if gone == root:
                continue
            self._parents[gone] = root
            if kept.name is None and self.all[gone].name is not None:
                kept.name, kept.person, kept.named = (
                    self.all[gone].name,
                    self.all[gone].person,
                    self.all[gone].named,
                )
        if not kept.split:  # who was split off has an id of its own
            kept.keep = keep
        return root

    def ignore(self, cells: Cells) -> None:
        """Leave these cells out."""
        for name, places in self._places(cells):
            self._ignored[name][places] = True

    def fill(self, shots: Sequence[tuple[int, int]]) -> None:
        """Cells of nobody go to the one identity that has all other cells of the same id in the same shot."""
        for name, frames in self._frames.items():
            owners = self._owners[name]
            if (owners == NOBODY).all() or (owners != NOBODY).all():
                continue
            for first, last in shots:
                start, end = np.searchsorted(frames, [first, last + 1])
                part = owners[start:end]
                there = {self.root(int(owner)) for owner in part if owner != NOBODY}
                if len(there) == 1:
                    part[part == NOBODY] = there.pop()

    def largest_id(self, cells: Cells) -> str:
        """The id that most of these cells are of."""
        return max(cells, key=lambda name: (len(cells[name]), name))

    def runs(self) -> Iterator[tuple[str, int, Spans]]:
        """Id, identity and frames, of all cells that are somebody's."""
        for name, owners in self._rooted():
            for owner in dict.fromkeys(owners.tolist()):
                if owner != NOBODY:
                    yield name, owner, spans_of(self._frames[name][owners == owner].tolist())

    def left_out(self) -> dict[str, Spans]:
        """Id to the frames that are left out."""
        found = {}
        for name, owners in self._rooted():
            whole = np.array([owner != NOBODY and self.all[owner].ignored for owner in owners.tolist()], bool)
            out = self._ignored[name] | whole
            if out.any():
                found[name] = spans_of(self._frames[name][out].tolist())
        return found

    def shown(self) -> dict[str, list[tuple[int, int, str]]]:
        """Of every id with something said about it the runs and the id that each is shown with.

        An id that is shown is one identity's alone: where an id of the document is two people, one of them gets
        a new id.
        """
        parts = [
            (name, owner, self._frames[name][owners == owner])
            for name, owners in self._rooted()
            for owner in dict.fromkeys(owners.tolist())
        ]
        wishes: dict[str, list[tuple[str, int, NDArray[np.int64]]]] = {}
        fresh: dict[tuple[str, int], int] = {}
        given: dict[tuple[str, int], str] = {}
        kept: dict[str, int] = {}
        for name, owner, frames in parts:
            one = self.all[owner] if owner != NOBODY else Identity()
            if one.keep is not None and kept.setdefault(one.keep, owner) == owner:
                given[name, owner] = one.keep
            elif one.split or one.keep is not None:
                fresh[name, owner] = int(frames[0])
            else:
                wishes.setdefault(name, []).append((name, owner, frames))
        for name, claims in wishes.items():
            order = sorted(claims, key=lambda claim: (-len(claim[2]), int(claim[2][0])))
            if name not in kept:
                given[name, order[0][1]] = name
                order = order[1:]
            for _, owner, frames in order:
                fresh[name, owner] = int(frames[0])
        self._number(fresh, given)
        shown: dict[str, list[tuple[int, int, str]]] = {}
        for name, owner, frames in parts:
            if owner != NOBODY or given[name, owner] != name:
                runs = [(first, last, given[name, owner]) for first, last in spans_of(frames.tolist())]
                shown[name] = sorted([*shown.get(name, ()), *runs])
        return shown

    def _number(self, fresh: Mapping[tuple[str, int], int], given: dict[tuple[str, int], str]) -> None:
        """New ids, in the order of time; one for each identity, and for each id that is nobody's."""
        numbers = [int(found[1]) for name in self._frames if (found := re.search(r"(\d+)$", name))]
        number = max(numbers, default=0) + 1
        new: dict[object, str] = {}
        for (name, owner), _ in sorted(fresh.items(), key=lambda item: (item[1], item[0])):
            key: object = name if owner == NOBODY else owner
            if key not in new:
                new[key] = self._form(number)
                number += 1
            given[name, owner] = new[key]

    def next_id(self, taken: Sequence[str]) -> str:
        """An id that nothing has."""
        names = [*self._frames, *taken]
        return self._form(
            max((int(found[1]) for name in names if (found := re.search(r"(\d+)$", name))), default=-1) + 1
        )

    def _rooted(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        roots = np.array([*(self.root(index) for index in range(len(self.all))), NOBODY], np.int64)
        for name, owners in self._owners.items():
            yield name, roots[owners]

    def _size(self, root: int) -> int:
        return sum(int((owners == root).sum()) for _, owners in self._rooted())

    def _new(self, identity: Identity) -> int:
        self.all.append(identity)
        self._parents.append(len(self._parents))
        return len(self.all) - 1

    def _give(self, cells: Cells, identity: int) -> None:
        for name, places in self._places(cells):
            self._owners[name][places] = identity

    def _places(self, cells: Cells) -> Iterator[tuple[str, NDArray[np.int64]]]:
        for name, frames in cells.items():
            if name in self._frames and len(frames):
                yield name, np.searchsorted(self._frames[name], frames)
