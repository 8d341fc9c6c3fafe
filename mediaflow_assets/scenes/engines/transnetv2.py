"""TransNetV2: the default shot detector."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice, choose_torch_device, torch_threads
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.scenes.windows import padded_windows

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from mediaflow_assets.scenes.windows import Window


class TransNetV2Engine:
    """Souček and Lokoč's network over overlapping windows.

    On a GPU several windows are calculated at a time. On a CPU they are calculated in order,
    because each one uses what the one before knows (:mod:`mediaflow_assets.scenes.incremental`).
    """

    name: ClassVar[str] = "transnetv2"
    summary: ClassVar[str] = "Neural shot detector for hard cuts and gradual transitions; CPU or CUDA."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ("transnetv2",)

    def __init__(self, settings: SceneSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._network: Any = None
        self.device: DeviceChoice

    def load(self) -> None:
        if self._network is not None:
            return
        import torch

        from mediaflow_assets.scenes.network import TransNetV2

        self.device = choose_torch_device(self._compute.device)
        if self.device.device == "cuda":
            # Windows of several sizes otherwise leave the GPU's memory in unusable pieces.
            os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        # Without initial values, which would be drawn from the process's random numbers.
        with torch.device("meta"):
            network = TransNetV2()
        weights = torch.load(self._store.path("transnetv2"), map_location="cpu", weights_only=True)
        network.load_state_dict(weights, assign=True)
        self._network = network.eval().to(self.device.device)

    def process(self, frames: Iterator[NDArray[np.uint8]], on_frame: Callable[[int], None]) -> NDArray[np.float32]:
        import numpy as np
        import torch

        self.load()
        settings = self._settings
        windows = padded_windows(frames, settings.window, settings.stride, settings.padding)
        # One growing block: tensors that are kept lie between the large ones of each window, which then find no
        # place in the holes, and memory grows (0.8 GB within 40,000 frames).
        predictions = array("f")
        with torch_threads(self._compute.thread_count()), torch.inference_mode():
            for logits in self._logits(windows):
                predictions.frombytes(torch.sigmoid(logits.float()).cpu().numpy().tobytes())
                on_frame(len(predictions))
        return np.frombuffer(predictions, np.float32)

    def _logits(self, windows: Iterator[Window]) -> Iterator[torch.Tensor]:
        """Logits of the video's frames in order; changes from a GPU that fails to the CPU and says so."""
        if self.device.device == "cuda":
            while batch := list(islice(windows, self._settings.batch)):
                try:
                    logits = self._batched(batch)
                except RuntimeError as error:  # torch's type for everything that goes wrong on a GPU
                    self._leave_gpu(error)
                    windows = chain(batch, windows)
                    break
                yield logits
        yield from self._incremental(windows)

    def _leave_gpu(self, error: RuntimeError) -> None:
        reason = f"{self.device.name} failed: {str(error).strip().splitlines()[0]}"
        if self._compute.device == "cuda":
            raise Unavailable("MEDIAFLOW_DEVICE=cuda", reason, "Lower SCENES_BATCH or set MEDIAFLOW_DEVICE=auto")
        self.device = DeviceChoice("cpu", reason)
        self._network.to("cpu")

    def _batched(self, windows: list[Window]) -> torch.Tensor:
        """Logits of the middle frames of several windows, by the published graph."""
        import numpy as np
        import torch

        settings, device = self._settings, self.device.device
        with ExitStack() as stack:
            # TensorFloat-32 changes the third digit of a probability.
            stack.enter_context(torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False))
            if settings.mixed_precision:
                stack.enter_context(torch.autocast(device, dtype=getattr(torch, settings.amp_dtype)))
            frames = torch.from_numpy(np.stack([window for window, _ in windows])).to(device)
            logits = self._network(frames)[:, settings.padding : settings.padding + settings.stride]
        return torch.cat([row[:real] for row, (_, real) in zip(logits, windows, strict=True)])

    def _incremental(self, windows: Iterator[Window]) -> Iterator[torch.Tensor]:
        import torch

        from mediaflow_assets.scenes.incremental import IncrementalTransNetV2

        settings = self._settings
        network = IncrementalTransNetV2(self._network, settings.window, settings.stride, settings.padding)
        for window, real in windows:
            yield network(torch.from_numpy(window))[:real]
