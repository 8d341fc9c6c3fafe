"""A complete pipeline of pyannote's own: from the Hugging Face hub, or from a local copy of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice, choose_torch_device
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints
from mediaflow_assets.speech.processor import Processor
from mediaflow_assets.speech.pyannote_import import prepare_pyannote
from mediaflow_assets.speech.pyannote_run import place, run_pipeline

if TYPE_CHECKING:
    from pyannote.audio import Pipeline

    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings


class PyannoteHub:
    """speaker-diarization-community-1, speaker-diarization-3.1 or any other pipeline of pyannote.audio.

    Its hyper-parameters are those it was published with; only a pipeline that has
    ``segmentation.min_duration_off`` is given ours.
    """

    name: ClassVar[str] = "pyannote_hub"
    summary: ClassVar[str] = "A published pyannote pipeline, by hub name with a token or from a local folder."
    licence: ClassVar[str] = "CC-BY-4.0"
    models: ClassVar[tuple[str, ...]] = ()
    libraries: ClassVar[tuple[str, ...]] = ("pyannote.audio",)

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._compute = compute
        self._pipeline: Pipeline | None = None
        self._processor: Processor

    @property
    def device(self) -> DeviceChoice:
        """Where it runs and why, after :meth:`load`."""
        return self._processor.device

    def load(self) -> None:
        """Bring the pipeline into memory, downloading it if it is named by its hub name.

        Raises:
            Unavailable: there is neither a token nor a local copy, the hub refuses, or the
                demanded device is missing.
        """
        if self._pipeline is not None:
            return
        settings = self._settings
        source = Path(settings.hub_pipeline).expanduser()
        local = source.exists()
        token = settings.hub_token.get_secret_value() if settings.hub_token else None
        if not local and token is None:
            raise Unavailable(
                f"pipeline {settings.hub_pipeline}",
                "is no local folder, and there is no Hugging Face token",
                "Set HF_AUTH_TOKEN, or SPEECH_HUB_PIPELINE to a local copy, or choose another SPEECH_ENGINE",
            )
        # Before the first import of huggingface_hub, which reads it once.
        os.environ["HF_HUB_OFFLINE"] = "1" if local else "0"
        prepare_pyannote()
        pipeline = _from_pretrained(str(source) if local else settings.hub_pipeline, None if local else token)
        self._processor = Processor(
            choose_torch_device(settings.device_policy(self._compute)),
            settings.batch,
            settings.half_precision,
            settings.threads(self._compute),
        )
        parameters = pipeline.parameters(instantiated=True)
        if "min_duration_off" in parameters.get("segmentation", {}):
            parameters["segmentation"]["min_duration_off"] = settings.min_duration_off
            pipeline.instantiate(parameters)
        place(pipeline, self._processor)
        self._pipeline = pipeline

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        """Who speaks when; see :class:`~mediaflow_assets.speech.engines.DiarizationEngine`."""
        self.load()
        if not len(waveform.samples):
            return Diarization()
        assert self._pipeline is not None  # noqa: S101 - load() made it
        result, self._processor = run_pipeline(self._pipeline, self._processor, waveform, hints, progress)
        return result


def _from_pretrained(source: str, token: str | None) -> Pipeline:
    from pyannote.audio import Pipeline

    try:
        pipeline = Pipeline.from_pretrained(source, token=token)
    except Exception as error:  # noqa: BLE001 - the hub, YAML, torch and pyannote raise what they like
        # Not chained: the hub's errors may show the request with its headers.
        reason = str(error).strip().split("\n")[0]
        reason = reason.replace(token, "***") if token else reason
        raise Unavailable(
            f"pipeline {source}",
            f"cannot be loaded ({type(error).__name__}: {reason})",
            "Accept its conditions on its page and check HF_AUTH_TOKEN, or use a complete local copy",
        ) from None
    if pipeline is None:
        raise Unavailable(f"pipeline {source}", "may not be read with this token", "Accept its conditions on its page")
    return pipeline
