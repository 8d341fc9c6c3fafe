"""Whom of the register a face or a voice might be. Pure: vectors in, a proposal or nothing out.

Nothing is proposed unless the best person is near enough and clearly nearer than the second. The limits of nearness are
settings; the margins are the ones below. Those of faces were measured on 260 people
(``benchmarks/results/faces_cast.md``), those of voices were not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from mediaflow_assets.cast.person import CastPerson
from mediaflow_assets.cast.settings import CastSettings

FACE_MARGIN = 0.08
"""How much farther the second person's face must be."""
VOICE_MARGIN = 0.1
"""How much less alike the second person's voice must be."""
AGREEING = 0.05
"""By how much each limit is relaxed where face and voice say the same person."""


@dataclass(frozen=True)
class Measured:
    """What is known of somebody who has no name."""

    face: tuple[float, ...] | None = None
    face_model: str = ""
    voice: tuple[float, ...] | None = None
    voice_engine: str = ""


@dataclass(frozen=True)
class Proposal:
    """It might be this person. A person decides."""

    person: CastPerson
    distance: float | None
    """Of the faces; None where there was nothing to compare."""
    cosine: float | None
    """Of the voices."""

    @property
    def certainty(self) -> float:
        """To order proposals of one person by."""
        return (self.cosine or 0.0) - (1.0 if self.distance is None else self.distance)


@dataclass(frozen=True)
class _Best:
    """The nearest person by one kind of evidence."""

    person: CastPerson
    near: float
    """How far inside the limit; negative is outside."""
    lead: float
    """How far before the second person, less the margin."""

    def holds(self, relaxed: float = 0.0) -> bool:
        return self.near + relaxed >= 0 and self.lead >= 0


def face_distance(person: CastPerson, measured: Measured) -> float | None:
    """To the nearest video in which the person was learned."""
    known = [face.values for face in person.faces if face.model == measured.face_model]
    if measured.face is None or not known:
        return None
    return float(np.linalg.norm(np.array(known) - np.array(measured.face), axis=1).min())


def voice_cosine(person: CastPerson, measured: Measured) -> float | None:
    """To the most alike voice that was learned."""
    voice = measured.voice
    if voice is None:
        return None
    known = [
        one.values for one in person.voices if one.engine == measured.voice_engine and len(one.values) == len(voice)
    ]
    if not known:
        return None
    lengths = np.linalg.norm(np.array(known), axis=1) * np.linalg.norm(voice)
    return float((np.array(known) @ np.array(voice) / np.maximum(lengths, 1e-12)).max())


def propose(
    people: Sequence[CastPerson], measured: Measured, settings: CastSettings, impossible: Collection[str] = ()
) -> Proposal | None:
    """Whom it might be, if anybody.

    Args:
        impossible: ids of people that it is not (refused, or seen beside it). They stay rivals: who is nearest to
            somebody that it is not is not proposed for want of a better one.
    """
    distances = {person.id: face_distance(person, measured) for person in people}
    cosines = {person.id: voice_cosine(person, measured) for person in people}
    face = _best(people, {key: -value for key, value in distances.items() if value is not None}, FACE_MARGIN)
    voice = _best(people, {key: value for key, value in cosines.items() if value is not None}, VOICE_MARGIN)
    by_face = _Best(face.person, face.near + settings.face_distance, face.lead) if face else None
    by_voice = _Best(voice.person, voice.near - settings.voice_cosine, voice.lead) if voice else None
    person = _decided(by_face, by_voice)
    if person is None or person.id in impossible:
        return None
    return Proposal(person, distances[person.id], cosines[person.id])


def _decided(face: _Best | None, voice: _Best | None) -> CastPerson | None:
    if face and voice and face.person.id == voice.person.id:
        both = face.holds(AGREEING) and voice.holds(AGREEING)
        return face.person if both or face.holds() or voice.holds() else None
    if face and voice and face.near >= 0 and voice.near >= 0:
        return None  # they say different people
    return next((one.person for one in (face, voice) if one and one.holds()), None)


def _best(people: Sequence[CastPerson], likeness: dict[str, float], margin: float) -> _Best | None:
    if not likeness:
        return None
    first, *others = sorted(likeness, key=lambda key: -likeness[key])
    lead = likeness[first] - likeness[others[0]] - margin if others else 0.0
    return _Best(next(person for person in people if person.id == first), likeness[first], lead)
