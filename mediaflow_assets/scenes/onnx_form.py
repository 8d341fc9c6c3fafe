"""TransNetV2 in the form in which a processor runs it: ONNX for one window, colours counted beside it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.modelstore.derived import derived_model, export_onnx

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaflow_assets.modelstore import ModelStore

MODEL = "transnetv2"
_VERSION = "1"
_COLOURS = 512


def onnx_model(store: ModelStore, window: int) -> Path:
    """``frames [1, window, 27, 48, 3]`` uint8 and ``histograms [1, window, 512]`` to two logits ``[1, window]``.

    Raises:
        Unavailable: the weights are missing, or the folder for derived models cannot be written.
        BadInput: the weights are not those of the model table.
    """
    return derived_model(store, MODEL, f"{_VERSION}-{window}", partial(_export, window))


def color_histograms(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Counts of 3-bit RGB colours ``(T, 512)`` in frames ``(T, height, width, 3)``.

    They are whole numbers, which bf16 would round: so they are counted here and not in the graph.
    """
    import numpy as np

    red, green, blue = (frames[..., channel].astype(np.int64) >> 5 for channel in range(3))
    bins = ((red << 6) + (green << 3) + blue).reshape(len(frames), -1)
    bins += _COLOURS * np.arange(len(frames))[:, None]
    counts = np.bincount(bins.ravel(), minlength=_COLOURS * len(frames))
    return counts.reshape(len(frames), _COLOURS).astype(np.float32)


def _export(window: int, weights: Path, target: Path) -> None:
    import torch
    from torch import nn

    from mediaflow_assets.scenes.network import load_network

    class OneWindow(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = load_network(weights)

        def forward(self, frames: torch.Tensor, histograms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.network.heads(frames, histograms)

    examples = torch.zeros(1, window, 27, 48, 3, dtype=torch.uint8), torch.ones(1, window, _COLOURS)
    export_onnx(OneWindow(), examples, target, inputs=["frames", "histograms"], outputs=["boundary", "transition"])
