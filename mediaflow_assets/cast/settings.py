"""Settings of the cast register."""

from __future__ import annotations

from typing import Literal

from mediaflow_assets.core.options import OptionGroup, env


class CastSettings(OptionGroup):
    """The cast register: biometric data of people, off by default (docs/privacy.md)."""

    enabled: Literal["off", "on"] = env(
        "CAST",
        default="off",
        doc="on: mediaflow cast learn may remember named people by face and voice, which is biometric data.",
        operational=True,
    )
    face_distance: float = env(
        "CAST_FACE_DISTANCE",
        default=0.45,
        gt=0,
        le=1,
        doc="Largest distance between two faces (dlib, 0 is the same picture) that is proposed as one person.",
        operational=True,
    )
    voice_cosine: float = env(
        "CAST_VOICE_COSINE",
        default=0.7,
        gt=0,
        le=1,
        doc="Least likeness of two voices (cosine, 1 is the same) that is proposed as one person.",
        operational=True,
    )
    days: int = env(
        "CAST_DAYS",
        default=365,
        ge=0,
        doc="Days after which a person who was not learned again is forgotten by the next mediaflow cast command;"
        " 0: never.",
        operational=True,
    )
