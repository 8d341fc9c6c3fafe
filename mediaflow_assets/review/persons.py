"""Faces and voices as people: linked by what was said, or by the same name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mediaflow_assets.review.identities import Identities, Identity

Member = tuple[str, int]
"""``face`` or ``voice``, and the identity."""


class Household:
    """Everybody that something is said about; a person is known by a number."""

    def __init__(self, faces: Identities, voices: Identities) -> None:
        self._sides = {"face": faces, "voice": voices}
        self._number: dict[Member, int] = {}
        self._parents: list[int] = []
        for kind, side in self._sides.items():
            for _, root, _ in side.runs():
                self._number.setdefault((kind, root), len(self._number))
        self._parents = list(range(len(self._number)))

    @property
    def members(self) -> list[int]:
        """Every person once."""
        return sorted({self._root(number) for number in self._number.values()})

    def of(self, member: Member) -> int:
        """The person that a face or voice is."""
        kind, identity = member
        return self._root(self._number[kind, self._sides[kind].root(identity)])

    def knows(self, member: Member) -> bool:
        """Whether the face or voice still has a frame of its own."""
        kind, identity = member
        return (kind, self._sides[kind].root(identity)) in self._number

    def join(self, one: Member, other: Member) -> None:
        """They are one person."""
        self._parents[self.of(other)] = self.of(one)

    def identity(self, person: int) -> Identity:
        """Name and id of a person: what was said last."""
        own = [
            self._sides[kind].all[root] for (kind, root), number in self._number.items() if self._root(number) == person
        ]
        return max(own, key=lambda identity: identity.named)

    def join_by_name(self) -> None:
        """People of the same name, or the same id in the cast register, are one."""
        known: dict[str, int] = {}
        for person in self.members:
            who = self.identity(person)
            key = f"#{who.person}" if who.person else folded(who.name or "")
            if not key:
                continue
            if key in known:
                self._parents[person] = self._root(known[key])
            else:
                known[key] = person

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            number = self._parents[number]
        return number


def folded(name: str) -> str:
    """What names are compared by."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def group(faces: Identities, voices: Identities, links: Sequence[tuple[int, int | None]]) -> Household:
    """The people of a video.

    Args:
        links: voice and face of one person; None is off screen.
    """
    household = Household(faces, voices)
    for voice, face in links:
        if face is not None and household.knows(("voice", voice)) and household.knows(("face", face)):
            household.join(("face", face), ("voice", voice))
    household.join_by_name()
    return household
