"""What a diarization engine is asked and answers, and the engines by name: add one with a line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mediaflow_assets.core.registry import Engine, Registry
from mediaflow_assets.execution.devices import DeviceChoice

if TYPE_CHECKING:
    from mediaflow_assets.execution.devices import ComputeSettings
    from mediaflow_assets.formats.audio_json import Segment, Word
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.audio import Waveform
    from mediaflow_assets.speech.settings import SpeechSettings


@dataclass(frozen=True)
class SpeakerHints:
    """What is known of the number of speakers before listening; ``exact`` overrules the others."""

    exact: int | None = None
    minimum: int | None = None
    maximum: int | None = None


NO_HINTS = SpeakerHints()


@dataclass(frozen=True)
class Diarization:
    """What an engine heard."""

    segments: Sequence[Segment] = ()
    """In seconds, inside the waveform, with any labels, in any order; "" is somebody unknown."""
    words: Sequence[Word] = ()
    """What was said, with the labels of the segments, from engines that transcribe."""
    voices: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Label to the direction of that voice (a unit vector), from engines that compare voices."""
    engine: str = ""
    """Name of the engine that did the work, when another one than was asked; such a result is not used again."""
    notes: tuple[str, ...] = ()
    """What a reader must know; one sentence each."""


class DiarizationEngine(Engine, Protocol):
    """Tells who speaks when."""

    device: DeviceChoice
    """Where it runs and why, after :meth:`load`; may change when memory runs out."""

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time."""
        ...

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        """Who speaks when.

        ``progress`` is told the fraction done, which never falls and ends at 1, and the step.
        """
        ...


ENGINES: Registry[DiarizationEngine, [SpeechSettings, ModelStore, ComputeSettings]] = Registry(
    "diarization engine",
    {
        "onnx_local": "mediaflow_assets.speech.engines.onnx_local:OnnxLocal",
        "pyannote_local": "mediaflow_assets.speech.engines.pyannote_local:PyannoteLocal",
        "pyannote_hub": "mediaflow_assets.speech.engines.pyannote_hub:PyannoteHub",
        "lemonfox": "mediaflow_assets.speech.engines.lemonfox:Lemonfox",
    },
)
