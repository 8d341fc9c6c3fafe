"""Diarization engines by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mediaflow_assets.compute import DeviceChoice
from mediaflow_assets.registry import Engine, Registry

if TYPE_CHECKING:
    from mediaflow_assets.formats.audio_json import Segment
    from mediaflow_assets.speech.audio import Waveform


@dataclass(frozen=True)
class SpeakerHints:
    """What is known of the number of speakers before listening; ``exact`` overrules the others."""

    exact: int | None = None
    minimum: int | None = None
    maximum: int | None = None


NO_HINTS = SpeakerHints()


class DiarizationEngine(Engine, Protocol):
    """Tells who speaks when."""

    device: DeviceChoice
    """Where it runs and why, after :meth:`load`."""

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time."""
        ...

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> list[Segment]:
        """Speech segments in seconds, inside the waveform, with any labels and in any order.

        ``progress`` is told the fraction done, which never falls and ends at 1, and the step.
        """
        ...


ENGINES: Registry[DiarizationEngine] = Registry(
    "diarization engine",
    {
        "pyannote_local": "mediaflow_assets.speech.engines.pyannote_local:PyannoteLocal",
        "onnx_local": "mediaflow_assets.speech.engines.onnx_local:OnnxLocal",
        "pyannote_hub": "mediaflow_assets.speech.engines.pyannote_hub:PyannoteHub",
        "lemonfox": "mediaflow_assets.speech.engines.lemonfox:Lemonfox",
    },
)
