"""The light engine: the same networks on ONNX Runtime, with fewer windows and clustering of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from mediaflow_assets.compute import ComputeSettings, DeviceChoice, choose_device
from mediaflow_assets.errors import Unavailable
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.clustering import cluster, unit
from mediaflow_assets.speech.engines import Diarization, SpeakerHints
from mediaflow_assets.speech.fbank import FRAME_SAMPLES, STEP_SAMPLES, log_mel
from mediaflow_assets.speech.windows import (
    FRAME_CENTRE,
    FRAME_STEP,
    FRAMES,
    SPEAKERS,
    WINDOW,
    join_windows,
    segments_of,
    speaker_name,
    speakers_of_classes,
    window_starts,
)
from mediaflow_assets.telemetry import telemetry_off

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings

STEP = 296
"""Output frames (5 s) between windows: each instant is heard twice, where pyannote hears it ten times."""
BATCH = 4
"""Windows segmented at once; more is not faster on a CPU."""
_SHORTEST_VOICE = 10
"""Feature frames (10 ms each) below which a voice has no embedding."""
_CLEAR_VOICE = 200
"""Feature frames (2 s) of a voice alone from which its embedding may found a cluster."""
_SEGMENTATION_SHARE = 0.3
"""Of the time on a CPU."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the networks make of each window."""

    activity: NDArray[np.bool_]
    """``(windows, 589, 3)``: which of three local speakers talk."""
    voices: NDArray[np.float32]
    """``(windows, 3, 192)``: their embeddings; NaN for one who says too little."""
    clear: NDArray[np.bool_]
    """``(windows, 3)``: heard alone for long enough to found a cluster."""


class OnnxLocal:
    """segmentation-3.0 in windows of 10 s, CAM++ voices, agglomerative clustering; nothing is downloaded.

    The pipeline of H. Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (Interspeech 2023)
    on windows that overlap twofold instead of tenfold.
    """

    name: ClassVar[str] = "onnx_local"
    summary: ClassVar[str] = "segmentation-3.0 and CAM++ voices on ONNX Runtime, offline and fast; CPU or CUDA."
    licence: ClassVar[str] = "MIT AND Apache-2.0"
    models: ClassVar[tuple[str, ...]] = ("pyannote-segmentation-3.0", "campplus")

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._segmentation: Any = None
        self._embedding: Any = None
        self.device: DeviceChoice

    def load(self) -> None:
        """Bring the models into memory; the first time on a machine, make their ONNX form.

        Raises:
            Unavailable: a model, a library or the demanded device is missing.
        """
        if self._embedding is not None:
            return
        from mediaflow_assets.speech.derived_models import onnx_model

        segmentation, embedding = (onnx_model(self._store, name) for name in self.models)
        telemetry_off()
        try:
            import onnxruntime
        except ImportError as error:
            raise Unavailable("onnxruntime", f"cannot be imported ({error})", "Install the project again") from error

        usable = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
        self.device = choose_device(
            self._settings.device_policy(self._compute),
            cuda_usable=usable,
            why_not="" if usable else "this ONNX Runtime is a CPU build",
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._settings.threads(self._compute)
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        if self.device.device == "cuda":
            providers.insert(0, "CUDAExecutionProvider")
        self._segmentation = onnxruntime.InferenceSession(str(segmentation), options, providers=providers)
        self._embedding = onnxruntime.InferenceSession(str(embedding), options, providers=providers)

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        """Who speaks when; see :class:`~mediaflow_assets.speech.engines.DiarizationEngine`."""
        self.load()
        if not len(waveform.samples):
            return Diarization()
        heard = self.listen(waveform, progress)
        progress(1.0, "done")
        return self.tell_apart(heard, hints, waveform.seconds)

    def listen(self, waveform: Waveform, progress: Callable[[float, str], None]) -> Heard:
        """Everything the networks have to say of a sound that is not empty."""
        starts = window_starts(len(waveform.samples), STEP)
        activity = self._who_talks(waveform, starts, progress)
        voices, clear = self._voices(waveform, starts, activity, progress)
        return Heard(activity, voices, clear)

    def tell_apart(self, heard: Heard, hints: SpeakerHints, duration: float) -> Diarization:
        """Who of the whole sound each voice of each window is, and when they talk."""
        import numpy as np

        known = np.isfinite(heard.voices).all(axis=2)
        founding = known & heard.clear if (known & heard.clear).any() else known
        members, means = cluster(
            heard.voices[founding],
            threshold=self._settings.clustering_threshold,
            smallest=self._settings.min_cluster_size,
            hints=hints,
        )
        labels = np.full(known.shape, -1, np.intp)
        labels[founding] = members
        rest = known & ~founding
        if rest.any():
            labels[rest] = (unit(heard.voices[rest]) @ means.T).argmax(axis=1)
        timeline = join_windows(heard.activity, labels, len(means), STEP)
        segments = list(segments_of(timeline, self._settings.min_duration_off, duration))
        voices = {speaker_name(number): mean.tolist() for number, mean in enumerate(means)}
        return Diarization(segments, voices={one.speaker: voices[one.speaker] for one in segments})

    def _who_talks(
        self, waveform: Waveform, starts: list[int], progress: Callable[[float, str], None]
    ) -> NDArray[np.bool_]:
        """Activity of the local speakers of each window, ``(windows, 589, 3)``."""
        import numpy as np

        activity = np.zeros((len(starts), FRAMES, SPEAKERS), bool)
        progress(0.0, "segmentation")
        for first in range(0, len(starts), BATCH):
            batch = np.stack([_window(waveform, start) for start in starts[first : first + BATCH]])
            (classes,) = self._segmentation.run(None, {"waveforms": batch[:, None]})
            activity[first : first + BATCH] = speakers_of_classes(classes)
            progress(_SEGMENTATION_SHARE * min((first + BATCH) / len(starts), 1.0), "segmentation")
        return activity

    def _voices(
        self,
        waveform: Waveform,
        starts: list[int],
        activity: NDArray[np.bool_],
        progress: Callable[[float, str], None],
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Embedding of each local speaker ``(windows, 3, 192)``, NaN without one, and which are clear."""
        import numpy as np

        voices = np.full((len(starts), SPEAKERS, 192), np.nan, np.float32)
        clear = np.zeros((len(starts), SPEAKERS), bool)
        for index, (start, heard) in enumerate(zip(starts, activity, strict=True)):
            if heard.any():
                features = log_mel(_window(waveform, start))
                heard = heard[_output_frames(len(features))]
                alone = heard & (heard.sum(axis=1, keepdims=True) == 1)
                for speaker in range(SPEAKERS):
                    # A voice is learned from where it talks alone, unless it never does.
                    mask = alone[:, speaker]
                    clear[index, speaker] = mask.sum() >= _CLEAR_VOICE
                    if mask.sum() < _SHORTEST_VOICE:
                        mask = heard[:, speaker]
                    if mask.sum() >= _SHORTEST_VOICE:
                        voices[index, speaker] = self._embed(features[mask])
            progress(_SEGMENTATION_SHARE + (1 - _SEGMENTATION_SHARE) * (index + 1) / len(starts), "embeddings")
        return voices, clear

    def _embed(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Voice of an utterance ``(T, 80)``."""
        centred = features - features.mean(axis=0)
        embedding: NDArray[np.float32] = self._embedding.run(None, {"features": centred[None]})[0][0]
        return embedding


def _window(waveform: Waveform, start: int) -> NDArray[np.float32]:
    """10 s from sample ``start``, silence after the end."""
    import numpy as np

    samples = waveform.samples[start : start + WINDOW]
    if len(samples) == WINDOW:
        return samples
    return np.pad(samples, (0, WINDOW - len(samples)))


def _output_frames(features: int) -> NDArray[np.intp]:
    """For each feature frame of a window, the output frame of the segmentation at its centre."""
    import numpy as np

    centres = np.arange(features) * STEP_SAMPLES + FRAME_SAMPLES // 2
    frames: NDArray[np.intp] = np.clip(np.rint((centres - FRAME_CENTRE) / FRAME_STEP), 0, FRAMES - 1).astype(np.intp)
    return frames
