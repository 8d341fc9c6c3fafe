"""pyannote.audio's diarization pipeline with local weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice, choose_torch_device
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints
from mediaflow_assets.speech.processor import Processor
from mediaflow_assets.speech.pyannote_import import prepare_pyannote
from mediaflow_assets.speech.pyannote_run import place, run_pipeline

if TYPE_CHECKING:
    from pyannote.audio.pipelines import SpeakerDiarization

    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings


class PyannoteLocal:
    """Segmentation of 10-s windows, CAM++ voices, agglomerative clustering; nothing is downloaded.

    Pipeline: H. Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (Interspeech 2023), in
    the version of its release 3.1, with CAM++ in the place of its embedding network.
    """

    name: ClassVar[str] = "pyannote_local"
    summary: ClassVar[str] = "pyannote.audio with segmentation-3.0 and CAM++ voices, offline; CPU or CUDA."
    licence: ClassVar[str] = "MIT AND Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("pyannote-segmentation-3.0", "campplus")
    libraries: ClassVar[tuple[str, ...]] = ("pyannote.audio",)

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._pipeline: SpeakerDiarization | None = None
        self._processor: Processor

    @property
    def device(self) -> DeviceChoice:
        """Where it runs and why, after :meth:`load`."""
        return self._processor.device

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time.

        Raises:
            Unavailable: a model, pyannote.audio or the demanded device is missing.
        """
        if self._pipeline is not None:
            return
        segmentation, campplus = (self._store.path(name) for name in self.models)
        prepare_pyannote()
        from pyannote.audio.pipelines import SpeakerDiarization

        from mediaflow_assets.speech import pyannote_networks

        settings = self._settings
        self._processor = Processor(
            choose_torch_device(settings.device_policy(self._compute)),
            settings.batch,
            settings.half_precision,
            settings.threads(self._compute),
        )
        pipeline = SpeakerDiarization(
            segmentation=pyannote_networks.load_segmentation(segmentation),
            embedding=pyannote_networks.load_voice_embedding(campplus),
            # A voice is learned from where it talks alone, as in pyannote's own pipelines.
            embedding_exclude_overlap=True,
            plda=pyannote_networks.NoPlda(),
            clustering="AgglomerativeClustering",
        )
        pipeline.instantiate(
            {
                "segmentation": {"min_duration_off": settings.min_duration_off},
                "clustering": {
                    "method": "centroid",
                    "threshold": settings.clustering_threshold,
                    "min_cluster_size": settings.min_cluster_size,
                },
            }
        )
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
