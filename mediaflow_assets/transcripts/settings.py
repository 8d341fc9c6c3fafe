"""Settings of transcription."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.transcripts.registry import TRANSCRIBERS


def _language(value: str) -> str:
    if value != "auto" and not re.fullmatch("[a-z]{2,3}", value):
        raise ValueError("must be a language code such as fr or en, or auto")
    return value


class TranscriptSettings(OptionGroup):
    """What is said."""

    engine: Annotated[str, TRANSCRIBERS.valid] = env(
        "SPEECH_TRANSCRIBE",
        default="off",
        doc="off, or whisper (needs: pip install 'mediaflow-assets[transcribe]'). The words that SPEECH_ENGINE=lemonfox"
        " brings are taken while it is off.",
    )
    model: str = env(
        "SPEECH_TRANSCRIBE_MODEL",
        default="whisper-base",
        doc="whisper-base of the model store, or the absolute folder of a CTranslate2 model of yours (small, turbo).",
    )
    language: Annotated[str, AfterValidator(_language)] = env(
        "SPEECH_LANGUAGE", default="fr", doc="Language that is spoken, or auto: found for each speaker."
    )
    languages: CommaList = env(
        "SPEECH_LANGUAGES", default=("fr", "en"), doc="What auto chooses from, comma-separated codes."
    )
    vocabulary: CommaList = env(
        "SPEECH_VOCABULARY", default=(), doc="Names and words that are likely to be said, comma-separated."
    )
    beam: int = env(
        "SPEECH_TRANSCRIBE_BEAM", default=1, ge=1, le=10, doc="Beam width; more takes longer and is hardly better."
    )
