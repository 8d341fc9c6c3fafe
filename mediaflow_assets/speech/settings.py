"""Settings of speaker diarization."""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr, model_validator

from mediaflow_assets.options import OptionGroup, env
from mediaflow_assets.speech.engines import ENGINES, SpeakerHints


class SpeechSettings(OptionGroup):
    """Who speaks when."""

    engine: Annotated[str, ENGINES.valid] = env("SPEECH_ENGINE", default="pyannote_local", doc="Diarization engine.")
    min_duration_off: float = env(
        "SPEECH_MIN_DURATION_OFF", default=0.15, ge=0, doc="Pauses of a speaker up to this long (s) are filled."
    )
    min_cluster_size: int = env(
        "SPEECH_MIN_CLUSTER_SIZE", default=3, ge=1, doc="Smaller groups of voice samples are no speaker of their own."
    )
    clustering_threshold: float = env(
        "SPEECH_CLUSTERING_THRESHOLD",
        default=0.80,
        gt=0,
        lt=2,
        doc="Distance at which two voices are two speakers: 0 (equal) to 2, Euclidean between unit vectors.",
    )
    min_speakers: int | None = env("SPEECH_MIN_SPEAKERS", default=None, ge=1, doc="At least this many speakers.")
    max_speakers: int | None = env("SPEECH_MAX_SPEAKERS", default=None, ge=1, doc="At most this many speakers.")
    num_speakers: int | None = env("SPEECH_NUM_SPEAKERS", default=None, ge=1, doc="Exactly this many speakers.")
    lemonfox_api_key: SecretStr | None = env("LEMONFOX_API_KEY", default=None, doc="Key of the Lemonfox API.")

    @model_validator(mode="after")
    def _speakers_possible(self) -> SpeechSettings:
        if self.min_speakers and self.max_speakers and self.min_speakers > self.max_speakers:
            raise ValueError("SPEECH_MIN_SPEAKERS is greater than SPEECH_MAX_SPEAKERS")
        return self

    @property
    def hints(self) -> SpeakerHints:
        """What the settings say of the number of speakers."""
        return SpeakerHints(self.num_speakers, self.min_speakers, self.max_speakers)
