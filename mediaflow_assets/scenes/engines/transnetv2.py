"""TransNetV2: the default shot detector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from mediaflow_assets.compute import ComputeSettings, DeviceChoice, choose_torch_device
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.settings import SceneSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW, STRIDE, PADDING = 100, 50, 25
"""Frames per window, step between windows, frames at each end whose predictions are dropped."""


class TransNetV2Engine:
    """Windows of 100 frames every 50; the middle 50 predictions of each are kept.

    The first window starts with 25 copies of the first frame and the last one is filled with
    copies of the last, as in the reference implementation.
    """

    name: ClassVar[str] = "transnetv2"
    summary: ClassVar[str] = "Neural shot detector for hard cuts and gradual transitions; CPU or CUDA."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ("transnetv2",)
    frame_size: tuple[int, int] = (48, 27)

    def __init__(self, settings: SceneSettings, store: ModelStore, compute: ComputeSettings) -> None:
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
        network = TransNetV2()
        network.load_state_dict(torch.load(self._store.path("transnetv2"), map_location="cpu", weights_only=True))
        self._network = network.eval().to(self.device.device)

    def process(self, frames: Iterator[NDArray[np.uint8]], on_frame: Callable[[int], None]) -> NDArray[np.float32]:
        import numpy as np
        import torch

        self.load()
        torch.set_num_threads(self._compute.thread_count())
        predictions: list[NDArray[np.float32]] = []
        total = 0
        with torch.inference_mode():
            for window, seen in _windows(frames):
                batch = torch.from_numpy(window[None]).to(self.device.device)
                logits = self._network(batch)[0, PADDING : PADDING + STRIDE]
                predictions.append(torch.sigmoid(logits).float().cpu().numpy())
                total = seen
                on_frame(min(len(predictions) * STRIDE, total))
        if not predictions:
            return np.zeros(0, np.float32)
        return np.concatenate(predictions)[:total]


def _windows(frames: Iterator[NDArray[np.uint8]]) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Padded windows ``(100, 27, 48, 3)`` in order, each with the number of real frames so far."""
    import numpy as np

    buffer: list[NDArray[np.uint8]] = []
    seen = 0
    for frame in frames:
        if not seen:
            buffer = [frame] * PADDING
        buffer.append(frame)
        seen += 1
        if len(buffer) == WINDOW:
            yield np.stack(buffer), seen
            buffer = buffer[STRIDE:]
    if not seen:
        return
    emitted = STRIDE * ((seen + PADDING - WINDOW) // STRIDE + 1) if seen + PADDING >= WINDOW else 0
    while emitted < seen:
        buffer += [buffer[-1]] * (WINDOW - len(buffer))
        yield np.stack(buffer), seen
        buffer = buffer[STRIDE:]
        emitted += STRIDE
