"""Running out of a GPU's memory, told by a pipeline that pretends to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pyannote.core import Annotation
from pyannote.core import Segment as Interval

from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import NO_HINTS
from mediaflow_assets.speech.processor import Processor
from mediaflow_assets.speech.pyannote_run import run_pipeline

SOUND = Waveform(np.zeros(3 * SAMPLE_RATE, np.float32))


class Pretender:
    """Fits into memory from a batch of ``fits`` down on CUDA, and always on a CPU."""

    def __init__(self, fits: int) -> None:
        self._fits = fits
        self.segmentation_batch_size = self.embedding_batch_size = 0
        self.device = ""
        self.tried: list[tuple[str, int]] = []

    def to(self, device: torch.device) -> None:
        self.device = device.type

    def __call__(self, sound: Any, **_: Any) -> Any:
        assert self.segmentation_batch_size == self.embedding_batch_size
        self.tried.append((self.device, self.segmentation_batch_size))
        if self.device == "cuda" and self.segmentation_batch_size > self._fits:
            raise torch.cuda.OutOfMemoryError("pretended")
        annotation = Annotation()
        annotation[Interval(-0.5, 1.0), 0] = "A"
        annotation[Interval(2.0, 9.0), 1] = "A"
        annotation[Interval(1.0, 2.0), 2] = "nobody"
        voices = np.stack([np.full(4, 0.5), np.zeros(4)])
        return SimpleNamespace(speaker_diarization=annotation, speaker_embeddings=voices)


@pytest.mark.parametrize(
    ("fits", "tried"),
    [
        (8, [("cuda", 8)]),
        (2, [("cuda", 8), ("cuda", 4), ("cuda", 2)]),
        (0, [("cuda", 8), ("cuda", 4), ("cuda", 2), ("cuda", 1), ("cpu", 1)]),
    ],
)
def test_full_memory_means_smaller_batches_then_the_cpu(fits: int, tried: list[tuple[str, int]]) -> None:
    pipeline = Pretender(fits)
    gpu = DeviceChoice("cuda", "it is present", "Pretended GPU")
    start = Processor(gpu, batch=8, half_precision=True, threads=1)
    result, processor = run_pipeline(pipeline, start, SOUND, NO_HINTS, lambda *_: None)
    assert pipeline.tried == tried
    assert len(result.notes) == len(tried) - 1
    assert (processor.device.device, processor.batch) == tried[-1]
    if processor.device.device == "cpu":
        assert "memory of Pretended GPU was full" in processor.device.reason
        assert not processor.half_precision
    # Cut to the sound, without the speaker who has no voice.
    assert result.segments == [Segment(0.0, 1.0, "A"), Segment(2.0, 3.0, "A")]
    assert result.voices == {"A": [0.5, 0.5, 0.5, 0.5]}
