"""Lemonfox transcribes while it tells who speaks: its words are in the audio document already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import AudioHead
from mediaflow_assets.formats.transcript_json import Dropped, TranscriptWord
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.transcripts.registry import Heard
from mediaflow_assets.transcripts.words import is_spoken

if TYPE_CHECKING:
    from mediaflow_assets.speech.audio import Waveform
    from mediaflow_assets.transcripts.settings import TranscriptSettings
    from mediaflow_assets.transcripts.windows import Window


class Lemonfox:
    """The words that ``SPEECH_ENGINE=lemonfox`` brought; nothing is sent, and nothing paid, again.

    The service gives no probabilities and names no language for a word.
    """

    name: ClassVar[str] = "lemonfox"
    summary: ClassVar[str] = "The words that SPEECH_ENGINE=lemonfox brought; nothing is sent again."
    licence: ClassVar[str] = "LicenseRef-Lemonfox-terms"
    models: ClassVar[tuple[str, ...]] = ()
    listens: ClassVar[bool] = False

    def __init__(self, settings: TranscriptSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self.model_sha256 = ""

    def load(self) -> None: ...

    def process(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        audio: AudioHead,
        progress: Callable[[float], None],
    ) -> Heard:
        if windows and not audio.words:
            raise BadInput(
                audio.video_filename,
                f"was not heard by Lemonfox ({audio.engine or 'another engine'} told its speakers apart)",
                "Materialize audio_json with SPEECH_ENGINE=lemonfox, or set SPEECH_TRANSCRIBE=whisper",
            )
        words = [TranscriptWord(round(one.start, 3), round(one.end, 3), one.text.strip()) for one in audio.words]
        progress(1.0)
        spoken = (word for word in words if is_spoken(word.text))
        return Heard(sorted(spoken, key=lambda word: (word.start, word.end)), (), Dropped())
