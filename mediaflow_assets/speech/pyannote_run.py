"""Running a pyannote.audio pipeline: threads, precision, progress, and memory that runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from mediaflow_assets.execution.devices import torch_threads
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints
from mediaflow_assets.speech.processor import Processor, retreat

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pyannote.audio import Pipeline
    from pyannote.audio.pipelines.speaker_diarization import DiarizeOutput

_STEPS = {"segmentation": (0.0, 0.25), "embeddings": (0.25, 1.0)}
"""Where the slow steps of the pipeline begin and end, as fractions of its time on a CPU."""


def run_pipeline(
    pipeline: Pipeline,
    processor: Processor,
    waveform: Waveform,
    hints: SpeakerHints,
    progress: Callable[[float, str], None],
) -> tuple[Diarization, Processor]:
    """Diarize a waveform that is not empty.

    When the GPU's memory is full, half the batch is tried, down to 1, and then the CPU.

    Returns:
        What was heard, with a note for each retreat, and how the pipeline ran in the end: start
        the next sound with that.
    """
    import torch

    notes: list[str] = []
    forward = _Progress(progress)
    while True:
        place(pipeline, processor)
        try:
            result = _apply(pipeline, processor, waveform, hints, forward)
            break
        except torch.cuda.OutOfMemoryError:
            processor = retreat(processor)
            notes.append(processor.retreated())
            torch.cuda.empty_cache()
    progress(1.0, "done")
    segments, voices = _heard(result, waveform.seconds)
    return Diarization(segments, voices=voices, notes=tuple(notes)), processor


def place(pipeline: Pipeline, processor: Processor) -> None:
    """Move a pipeline to its device and set its batch sizes."""
    import torch

    pipeline.segmentation_batch_size = processor.batch
    pipeline.embedding_batch_size = processor.batch
    pipeline.to(torch.device(processor.device.device))


def _apply(
    pipeline: Pipeline, processor: Processor, waveform: Waveform, hints: SpeakerHints, forward: _Progress
) -> DiarizeOutput:
    import torch

    sound = {"waveform": torch.from_numpy(waveform.samples)[None], "sample_rate": SAMPLE_RATE, "uri": "waveform"}
    with torch_threads(processor.threads), _autocast(processor):
        found = pipeline(
            sound,
            num_speakers=hints.exact,
            min_speakers=hints.minimum,
            max_speakers=hints.maximum,
            hook=forward,
        )
    return cast("DiarizeOutput", found)  # of one sound


@contextmanager
def _autocast(processor: Processor) -> Iterator[None]:
    import torch

    enabled = processor.half_precision and processor.device.device == "cuda"
    with torch.autocast(processor.device.device, dtype=torch.float16, enabled=enabled):
        yield


def _heard(result: DiarizeOutput, duration: float) -> tuple[list[Segment], dict[str, list[float]]]:
    """Segments cut at the end of the sound, and voices.

    Where the segmentation hears more people at once than there are clusters, pyannote.audio adds
    speakers that belong to no cluster. Their embedding is zero, and they are nobody.
    """
    annotation = result.speaker_diarization
    embeddings = result.speaker_embeddings
    labels = annotation.labels()
    if embeddings is None:
        voices = {}
        known = set(labels)
    else:
        voices = {label: _unit(voice) for label, voice in zip(labels, embeddings, strict=True) if voice.any()}
        known = set(voices)
    segments = [
        Segment(max(turn.start, 0.0), min(turn.end, duration), label)
        for turn, _, label in annotation.itertracks(yield_label=True)
        if label in known and turn.start < duration
    ]
    return segments, voices


def _unit(voice: NDArray[np.float32]) -> list[float]:
    import numpy as np

    direction: list[float] = (voice / np.linalg.norm(voice)).tolist()
    return direction


class _Progress:
    """pyannote.audio's hook as one fraction that never falls, even when a sound is begun again."""

    def __init__(self, report: Callable[[float, str], None]) -> None:
        self._report = report
        self._reached = 0.0

    def __call__(
        self, step: str, _artefact: object, *, completed: int | None = None, total: int | None = None, **_: object
    ) -> None:
        if step in _STEPS and completed is not None and total:
            begin, end = _STEPS[step]
            self._reached = max(self._reached, begin + (end - begin) * min(completed / total, 1.0))
            self._report(self._reached, step)
