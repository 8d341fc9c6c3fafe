"""Settings of speaker diarization."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr, model_validator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.execution.devices import ComputeSettings, DevicePolicy
from mediaflow_assets.speech.diarization import ENGINES, SpeakerHints

Profile = Literal["gpu_optimized", "gpu_fp32", "gpu_no_amp", "cpu_only"]


_ONLY_FOR = {"lemonfox": "lemonfox_", "pyannote_hub": "hub_"}
"""Engine to the beginning of the names of settings that no other engine reads."""


def _positive_or_none(value: object) -> object:
    """The replaced application took 0 and less for "choose for me"."""
    if isinstance(value, str) and value.strip().lstrip("-").isdigit() and int(value) <= 0:
        return None
    return value


PositiveOrNone = Annotated[int | None, BeforeValidator(_positive_or_none)]


class SpeechSettings(OptionGroup):
    """Who speaks when."""

    engine: Annotated[str, ENGINES.valid] = env("SPEECH_ENGINE", default="onnx_local", doc="Diarization engine.")
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

    project_labels: bool = env(
        "SPEECH_PROJECT_LABELS", default=False, doc="The same voice has the same label in all videos of a project."
    )
    same_voice: float = env(
        "SPEECH_SAME_VOICE", default=0.6, gt=0, lt=1, doc="Cosine from which two voices of two videos are one person."
    )

    profile: Profile | None = env(
        "AUDIO_PROFILE",
        default=None,
        doc="Legacy preset: gpu_optimized (fp16, batch 1), gpu_fp32 or gpu_no_amp (fp32, batch 1), cpu_only.",
    )
    amp: bool | None = env(
        "AUDIO_ENABLE_AMP",
        default=None,
        doc="fp16 on CUDA for pyannote engines; off unless set or asked for by a profile.",
    )
    batch_size: PositiveOrNone = env(
        "AUDIO_PYANNOTE_BATCH_SIZE",
        default=None,
        operational=True,
        doc="Windows of 10 s given to a network at once on a GPU (default 8; halved when its memory is full).",
    )
    disable_gpu: bool = env("AUDIO_DISABLE_GPU", default=False, operational=True, doc="Speech runs on the CPU.")
    cpu_workers: PositiveOrNone = env(
        "AUDIO_CPU_WORKERS", default=None, operational=True, doc="CPU threads for speech (default MEDIAFLOW_THREADS)."
    )

    hub_pipeline: str = env(
        "SPEECH_HUB_PIPELINE",
        default="pyannote/speaker-diarization-community-1",
        doc="pyannote_hub: name of a pipeline on the Hugging Face hub, or the folder of a local copy.",
    )
    hub_token: SecretStr | None = env(
        "HF_AUTH_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HF_TOKEN", default=None, doc="pyannote_hub: Hugging Face token."
    )

    lemonfox_api_key: SecretStr | None = env("LEMONFOX_API_KEY", default=None, doc="Key of the Lemonfox API.")
    lemonfox_url: str | None = env(
        "LEMONFOX_URL", default=None, operational=True, doc="Address of the API, if not Lemonfox's own."
    )
    lemonfox_eu: bool = env(
        "LEMONFOX_EU_DEFAULT", default=False, operational=True, doc="Use Lemonfox's servers in the EU (20 % dearer)."
    )
    lemonfox_timeout: float = env(
        "LEMONFOX_TIMEOUT_SEC", default=300, gt=0, operational=True, doc="Seconds to wait for Lemonfox's answer."
    )
    lemonfox_tries: int = env(
        "LEMONFOX_TRIES", default=4, ge=1, operational=True, doc="Attempts when Lemonfox is busy or cannot be reached."
    )
    lemonfox_language: str | None = env(
        "LEMONFOX_DEFAULT_LANGUAGE", default=None, doc="Language spoken, in English (french); found out when not set."
    )
    lemonfox_prompt: str | None = env("LEMONFOX_DEFAULT_PROMPT", default=None, doc="Hint for Lemonfox's transcription.")
    lemonfox_speaker_labels: bool = env("LEMONFOX_SPEAKER_LABELS_DEFAULT", default=True, doc="Ask Lemonfox who speaks.")
    lemonfox_min_speakers: PositiveOrNone = env(
        "LEMONFOX_DEFAULT_MIN_SPEAKERS", default=None, doc="min_speakers for Lemonfox, if not SPEECH_MIN_SPEAKERS."
    )
    lemonfox_max_speakers: PositiveOrNone = env(
        "LEMONFOX_DEFAULT_MAX_SPEAKERS", default=None, doc="max_speakers for Lemonfox, if not SPEECH_MAX_SPEAKERS."
    )
    lemonfox_granularities: CommaList = env(
        "LEMONFOX_TIMESTAMP_GRANULARITIES", default=("word",), doc="Time stamps asked of Lemonfox: word, segment."
    )
    lemonfox_gap_fill: float = env(
        "LEMONFOX_SPEECH_GAP_FILL_SEC", default=0.15, ge=0, doc="Pauses up to this long (s) count as speech."
    )
    lemonfox_min_on: float = env(
        "LEMONFOX_SPEECH_MIN_ON_SEC", default=0.0, ge=0, doc="Shorter stretches of speech (s) are dropped."
    )
    lemonfox_max_upload_mb: int = env(
        "LEMONFOX_MAX_UPLOAD_MB", default=100, ge=1, operational=True, doc="Largest upload that Lemonfox accepts (MB)."
    )
    lemonfox_bitrate: int = env(
        "LEMONFOX_TRANSCODE_BITRATE_KBPS", default=48, ge=16, le=320, doc="kbit/s of the sound that is sent."
    )
    lemonfox_codec: Literal["aac", "opus"] = env(
        "LEMONFOX_TRANSCODE_AUDIO_CODEC", default="opus", doc="Codec of the sound that is sent: opus or aac."
    )
    lemonfox_replies: Path | None = env(
        "LEMONFOX_REPLIES_DIR",
        default=None,
        operational=True,
        doc="Replies kept by content (default lemonfox in STATE_DIR).",
    )
    lemonfox_fallback: bool = env(
        "LEMONFOX_FALLBACK", default=False, doc="When Lemonfox fails, analyse that video with onnx_local instead."
    )

    @model_validator(mode="after")
    def _speakers_possible(self) -> SpeechSettings:
        if self.min_speakers and self.max_speakers and self.min_speakers > self.max_speakers:
            raise ValueError("SPEECH_MIN_SPEAKERS is greater than SPEECH_MAX_SPEAKERS")
        return self

    def recipe(self) -> dict[str, object]:
        """What changes the result; without the settings that only another engine reads."""
        others = tuple(prefix for engine, prefix in _ONLY_FOR.items() if engine != self.engine)
        return {name: value for name, value in super().recipe().items() if not name.startswith(others)}

    def with_replies_in(self, state: Path) -> SpeechSettings:
        """These, with replies of Lemonfox kept in an installation's ``state`` folder if no other is named."""
        return self if self.lemonfox_replies else self.model_copy(update={"lemonfox_replies": state / "lemonfox"})

    @property
    def hints(self) -> SpeakerHints:
        """What the settings say of the number of speakers."""
        return SpeakerHints(self.num_speakers, self.min_speakers, self.max_speakers)

    @property
    def half_precision(self) -> bool:
        """fp16 on CUDA: what ``AUDIO_ENABLE_AMP`` says, else what the profile means."""
        return self.profile == "gpu_optimized" if self.amp is None else self.amp

    @property
    def batch(self) -> int:
        """Windows at once: what is set, else 1 for the legacy GPU profiles, else 8."""
        return self.batch_size or (1 if self.profile and self.profile.startswith("gpu") else 8)

    def device_policy(self, compute: ComputeSettings) -> DevicePolicy:
        """Where speech may run: the installation's policy unless speech is kept on the CPU."""
        return "cpu" if self.disable_gpu or self.profile == "cpu_only" else compute.device

    def threads(self, compute: ComputeSettings) -> int:
        """CPU threads for speech."""
        return self.cpu_workers or compute.thread_count()
