"""What is remembered of one person: ``state/cast/<id>.json``."""

from __future__ import annotations

import msgspec

FORMAT = "mediaflow-cast/1"


class FaceVector(msgspec.Struct, frozen=True, kw_only=True):
    """The mean face of a person in one video."""

    video: str
    """SHA-256 of the received file."""
    model: str
    """SHA-256 of the network; vectors of two networks are never compared."""
    looks: int
    """Pictures that the mean is of."""
    values: tuple[float, ...]


class VoiceVector(msgspec.Struct, frozen=True, kw_only=True):
    """A voice of a person in one video, a unit vector."""

    video: str
    engine: str
    """Of the audio document; voices of two engines, or of two lengths, are never compared."""
    values: tuple[float, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said of a face or a voice that it is not this person. It says where, so that it outlives its id."""

    video: str
    boxes: tuple[tuple[int, int, int, int, int], ...] = ()
    """Frame, x, y, width, height of the face in some frames."""
    frames: tuple[int, ...] = ()
    """Some frames in which the voice is heard."""


class CastPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One person."""

    format: str = FORMAT
    id: str
    """Random; the name of the file, so that no folder listing names anybody."""
    name: str
    created_at: str
    """ISO 8601, UTC."""
    learned_at: str
    """When the person was last learned; ``CAST_DAYS`` counts from here."""
    by: str
    """Who asked for it last."""
    faces: tuple[FaceVector, ...] = ()
    voices: tuple[VoiceVector, ...] = ()
    refusals: tuple[Refusal, ...] = ()
