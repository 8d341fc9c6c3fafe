"""pyannote.audio's diarization pipeline with local weights: the default engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from mediaflow_assets.compute import ComputeSettings, DeviceChoice, choose_torch_device
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.engines import SpeakerHints
from mediaflow_assets.speech.pyannote_import import prepare_pyannote

if TYPE_CHECKING:
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings

BATCH = 8
"""Windows of 10 s given to a network at once."""

_STEPS = {"segmentation": (0.0, 0.25), "embeddings": (0.25, 1.0)}
"""Where the slow steps of the pipeline begin and end, as fractions of its time on a CPU."""


class PyannoteLocal:
    """Segmentation of 10-s windows, CAM++ voices, agglomerative clustering; nothing is downloaded.

    Pipeline: H. Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (Interspeech 2023), in
    the version of its release 3.1, with CAM++ in the place of its embedding network.
    """

    name: ClassVar[str] = "pyannote_local"
    summary: ClassVar[str] = "pyannote.audio with segmentation-3.0 and CAM++ voices, offline; CPU or CUDA."
    licence: ClassVar[str] = "MIT AND Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("pyannote-segmentation-3.0", "campplus")

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._pipeline: Any = None
        self.device: DeviceChoice

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time.

        Raises:
            Unavailable: a model, pyannote.audio or the demanded device is missing.
        """
        if self._pipeline is not None:
            return
        segmentation, campplus = (self._store.path(name) for name in self.models)
        prepare_pyannote()
        import torch
        from pyannote.audio.pipelines import SpeakerDiarization

        from mediaflow_assets.speech import pyannote_networks

        self.device = choose_torch_device(self._compute.device)
        pipeline = SpeakerDiarization(
            segmentation=pyannote_networks.load_segmentation(segmentation),
            embedding=pyannote_networks.load_voice_embedding(campplus),
            # A voice is learned from where it talks alone, as in pyannote's own pipelines.
            embedding_exclude_overlap=True,
            plda=pyannote_networks.NoPlda(),
            clustering="AgglomerativeClustering",
            segmentation_batch_size=BATCH,
            embedding_batch_size=BATCH,
        )
        pipeline.instantiate(
            {
                "segmentation": {"min_duration_off": self._settings.min_duration_off},
                "clustering": {
                    "method": "centroid",
                    "threshold": self._settings.clustering_threshold,
                    "min_cluster_size": self._settings.min_cluster_size,
                },
            }
        )
        self._pipeline = pipeline.to(torch.device(self.device.device))

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> list[Segment]:
        """Speech segments in seconds; see :class:`~mediaflow_assets.speech.engines.DiarizationEngine`."""
        import torch

        self.load()
        if not len(waveform.samples):
            return []
        with _torch_threads(self._compute.thread_count()):
            result = self._pipeline(
                {"waveform": torch.from_numpy(waveform.samples)[None], "sample_rate": SAMPLE_RATE, "uri": "waveform"},
                num_speakers=hints.exact,
                min_speakers=hints.minimum,
                max_speakers=hints.maximum,
                hook=_Progress(progress),
            )
        progress(1.0, "done")
        return list(_segments(result, waveform.seconds))


def _segments(result: Any, duration: float) -> Iterator[Segment]:
    """Segments of the speakers that have a voice, cut at the end of the sound.

    Where the segmentation hears more people at once than there are clusters, pyannote.audio adds
    speakers that belong to no cluster. Their embedding is zero, and they are nobody.
    """
    annotation = result.speaker_diarization
    heard = {label for label, voice in zip(annotation.labels(), result.speaker_embeddings, strict=True) if voice.any()}
    for turn, _, label in annotation.itertracks(yield_label=True):
        if label in heard and turn.start < duration:
            yield Segment(max(turn.start, 0.0), min(turn.end, duration), label)


class _Progress:
    """pyannote.audio's hook as one fraction that never falls."""

    def __init__(self, report: Callable[[float, str], None]) -> None:
        self._report = report

    def __call__(
        self, step: str, _artefact: Any, *, completed: int | None = None, total: int | None = None, **_: Any
    ) -> None:
        if step in _STEPS and completed is not None and total:
            begin, end = _STEPS[step]
            self._report(begin + (end - begin) * min(completed / total, 1.0), step)


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    """Let torch use ``count`` threads in this block; its setting belongs to the whole process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
