"""segmentation-3.0 and CAM++ on ONNX Runtime, also when a GPU's memory is full."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.execution.onnx_sessions import give_back_memory, open_session, out_of_memory
from mediaflow_assets.speech.processor import Processor, retreat, to_cpu
from mediaflow_assets.speech.windows import WINDOW, speakers_of_classes, speech_of_classes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

_SEGMENTATION, _EMBEDDING = "segmentation", "embedding"
_BANDS = 80
"""Of the features."""
_FEW_FRAMES = 50
"""Half a second of features."""
_CPU_BATCH = 1
"""Windows segmented at once on a CPU; more is not faster, gives the same bits, and holds memory for each of them."""


class OnnxNetworks:
    """Both networks; on a CPU any number of threads may use them at the same time, on CUDA one.

    When the GPU's memory is full, half the batch is tried, down to 1, and then the CPU. Voices are
    taken one at a time: for them the CPU comes next.
    """

    def __init__(self, segmentation: Path, embedding: Path, processor: Processor) -> None:
        """Open both models.

        Raises:
            BadInput: a model cannot be read.
            Unavailable: CUDA was chosen and cannot be started.
        """
        self._paths = {_SEGMENTATION: segmentation, _EMBEDDING: embedding}
        self._sessions: dict[str, InferenceSession] = {}
        self.retreats: list[str] = []
        """One sentence for each time that memory was full; whoever has told them empties the list."""
        if processor.device.device == "cpu":
            processor = replace(processor, batch=_CPU_BATCH)
        # One thread for each window and windows side by side: threads that share a window wait for
        # each other at every layer, which costs twice the processor time.
        self.processor = processor
        self._open(threads=1)

    @property
    def batch(self) -> int:
        """Windows to give to :meth:`speakers` at once."""
        return self.processor.batch

    @property
    def callers(self) -> int:
        """Threads that may use the networks at the same time."""
        return self.processor.threads if self.processor.device.device == "cpu" else 1

    def speakers(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Of sound ``(windows, 1, 160000)`` who of the local speakers talks, and how likely anybody does.

        Shapes ``(windows, 589, 3)`` and ``(windows, 589)``.
        """
        import numpy as np

        heard: list[tuple[NDArray[np.bool_], NDArray[np.float32]]] = []
        done = 0
        while done < len(windows):
            some = windows[done : done + self.batch]
            try:
                (classes,) = self._sessions[_SEGMENTATION].run(None, {"waveforms": some})
            except Exception as error:  # ONNX Runtime has many types for one failure
                if not self._can_retreat(error):
                    raise
                self._retreat(retreat(self.processor))
                continue
            heard.append((speakers_of_classes(classes), speech_of_classes(classes)))
            done += len(some)
        activity, speech = zip(*heard, strict=True)
        return np.concatenate(activity), np.concatenate(speech)

    def voice(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embedding ``(192,)`` of an utterance of log-mel features ``(T, 80)``."""
        feeds = {"features": (features - features.mean(axis=0))[None]}
        try:
            (embeddings,) = self._sessions[_EMBEDDING].run(None, feeds)
        except Exception as error:  # as above
            if not self._can_retreat(error):
                raise
            self._retreat(to_cpu(self.processor, "even with one voice"))
            (embeddings,) = self._sessions[_EMBEDDING].run(None, feeds)
        embedding: NDArray[np.float32] = embeddings[0]
        return embedding

    def rest(self) -> None:
        """Give back the memory that the last sound was worked on in; costs 50 ms of a processor."""
        import numpy as np

        give_back_memory(self._sessions[_SEGMENTATION], {"waveforms": np.zeros((1, 1, WINDOW), np.float32)})
        give_back_memory(self._sessions[_EMBEDDING], {"features": np.zeros((1, _FEW_FRAMES, _BANDS), np.float32)})

    def _can_retreat(self, error: Exception) -> bool:
        return self.processor.device.device == "cuda" and out_of_memory(error)

    def _retreat(self, processor: Processor) -> None:
        self.retreats.append(processor.retreated())
        left = processor.device != self.processor.device
        self.processor = processor
        if left:
            # Whoever calls does so one at a time: here the threads have to be inside.
            self._open(threads=processor.threads)

    def _open(self, threads: int) -> None:
        # The old sessions go first, with the memory that they hold.
        self._sessions.clear()
        device = self.processor.device
        self._sessions = {network: open_session(path, device, threads) for network, path in self._paths.items()}
