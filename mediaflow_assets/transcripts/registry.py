"""What a transcription engine is asked and answers, and the engines by name; a leaf, so that settings can name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from mediaflow_assets.core.registry import Engine, Registry

if TYPE_CHECKING:
    from mediaflow_assets.execution.devices import ComputeSettings
    from mediaflow_assets.formats.audio_json import AudioHead
    from mediaflow_assets.formats.transcript_json import Dropped, LanguageSpan, TranscriptWord
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.audio import Waveform
    from mediaflow_assets.transcripts.settings import TranscriptSettings
    from mediaflow_assets.transcripts.windows import Window


@dataclass(frozen=True)
class Heard:
    """What an engine heard in a video."""

    words: Sequence[TranscriptWord]
    languages: Sequence[LanguageSpan]
    dropped: Dropped
    notes: tuple[str, ...] = ()
    other_language: float = 0.0
    """Part of the speech, 0..1, whose speakers seem to speak another language than the one that was set."""


class TranscriptionEngine(Engine, Protocol):
    """Writes down what is said."""

    listens: ClassVar[bool]
    """Whether it needs the sound; one that does not is handed a silent one."""
    model_sha256: str
    """Of the weights, after :meth:`load`; empty where there are none."""

    def load(self) -> None:
        """Bring the model into memory; does nothing the second time."""
        ...

    def process(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        audio: AudioHead,
        progress: Callable[[float], None],
    ) -> Heard:
        """Words in order, inside the windows.

        Args:
            windows: stretches to listen to, seconds.
            audio: who speaks when, for the language of each speaker; words that came with it.
            progress: told the fraction done, 0..1.

        Raises:
            BadInput: it cannot know what is said in this video.
        """
        ...


class Off:
    """No transcript is made."""

    name: ClassVar[str] = "off"
    summary: ClassVar[str] = "No transcript."
    licence: ClassVar[str] = "-"
    models: ClassVar[tuple[str, ...]] = ()


TRANSCRIBERS: Registry[TranscriptionEngine, [TranscriptSettings, ModelStore, ComputeSettings]] = Registry(
    "transcription engine",
    {
        "off": "mediaflow_assets.transcripts.registry:Off",
        "whisper": "mediaflow_assets.transcripts.engines.whisper:Whisper",
        "lemonfox": "mediaflow_assets.transcripts.engines.lemonfox:Lemonfox",
    },
)
