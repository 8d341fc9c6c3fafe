"""The Light-ASD network: does the mouth in this crop make the sound that is heard?

Built from the paper (Liao et al., "A Light Weight Model for Active Speaker Detection", CVPR 2023):
split spatial and temporal 3-D convolutions for the picture, split frequency and time 2-D
convolutions for the sound, a sum of both, and a recurrent layer in each direction. Module names are
those of the published weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CROP = 112
"""Side of the picture of a face, pixels, grey."""
CEPSTRA = 13
STEPS_PER_FRAME = 4
"""Cepstra come every 10 ms, pictures every 40 ms."""
_MEAN, _DEVIATION = 0.4161, 0.1688
"""Of the grey values 0..1 of the training pictures."""
_CHANNELS = (32, 64, 128)
_EPSILON = 0.001


class LightAsd(nn.Module):
    """Picture and sound of one face to a logit per frame."""

    def __init__(self) -> None:
        super().__init__()
        self.model = _Fusion()
        self.lossAV = _Head()

    def forward(self, faces: Tensor, cepstra: Tensor) -> Tensor:
        """Logits of speaking.

        Args:
            faces: grey values 0..255, shape ``(batch, frames, 112, 112)``.
            cepstra: shape ``(batch, 4 * frames, 13)``.

        Returns:
            Shape ``(batch, frames)``; above 0 is speaking.
        """
        classes = self.lossAV.FC(self.model(faces, cepstra))
        logits: Tensor = classes[..., 1] - classes[..., 0]
        return logits


def load(weights: Path) -> LightAsd:
    """The network with published weights; its auxiliary visual head is left out."""
    state: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    network = LightAsd()
    network.load_state_dict({name: value for name, value in state.items() if not name.startswith("lossV.")})
    return network.eval()


def logits(network: LightAsd, faces: NDArray[np.uint8], cepstra: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logit of speaking in each frame of one stretch, shape ``(frames,)``.

    Args:
        network: from :func:`load`.
        faces: ``(frames, 112, 112)``.
        cepstra: ``(4 * frames, 13)``.
    """
    with torch.inference_mode():
        found = network(torch.from_numpy(faces).float()[None], torch.from_numpy(cepstra).float()[None])
    return np.asarray(found[0].numpy(), np.float64)


class _Fusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.visualEncoder = _VisualEncoder()
        self.audioEncoder = _AudioEncoder()
        self.GRU = _BothWays(_CHANNELS[-1])

    def forward(self, faces: Tensor, cepstra: Tensor) -> Tensor:
        seen = self.visualEncoder((faces[:, None] / 255 - _MEAN) / _DEVIATION)
        heard = self.audioEncoder(cepstra[:, None].transpose(2, 3))
        fused: Tensor = self.GRU(seen + heard)
        return fused


class _VisualEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        a, b, c = _CHANNELS
        self.block1 = _VisualBlock(1, a, stride=2)
        self.block2 = _VisualBlock(a, b)
        self.block3 = _VisualBlock(b, c)
        self.pool = nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block3(self.pool(self.block2(self.pool(self.block1(x)))))
        return x.amax((3, 4)).transpose(1, 2)


class _AudioEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        a, b, c = _CHANNELS
        self.block1 = _AudioBlock(1, a)
        self.block2 = _AudioBlock(a, b)
        self.block3 = _AudioBlock(b, c)
        self.pool = nn.MaxPool2d((1, 3), stride=(1, 2), padding=(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block3(self.pool(self.block2(self.pool(self.block1(x)))))
        return x.mean(2).transpose(1, 2)


class _VisualBlock(nn.Module):
    """Two paths of a spatial, then a temporal convolution, 3 and 5 wide; their sum is mixed."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        for width in (3, 5):
            half = width // 2
            space = nn.Conv3d(inputs, outputs, (1, width, width), (1, stride, stride), (0, half, half), bias=False)
            time = nn.Conv3d(outputs, outputs, (width, 1, 1), padding=(half, 0, 0), bias=False)
            _path(self, width, ("s", space), ("t", time), nn.BatchNorm3d, outputs)
        self.last = nn.Conv3d(outputs, outputs, 1, bias=False)
        self.bn_last = nn.BatchNorm3d(outputs, eps=_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return _mixed(self, x, "s")


class _AudioBlock(nn.Module):
    """As :class:`_VisualBlock`, with frequency in the place of space."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        for width in (3, 5):
            half = width // 2
            frequency = nn.Conv2d(inputs, outputs, (width, 1), padding=(half, 0), bias=False)
            time = nn.Conv2d(outputs, outputs, (1, width), padding=(0, half), bias=False)
            _path(self, width, ("m", frequency), ("t", time), nn.BatchNorm2d, outputs)
        self.last = nn.Conv2d(outputs, outputs, 1, bias=False)
        self.bn_last = nn.BatchNorm2d(outputs, eps=_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return _mixed(self, x, "m")


def _path(
    block: nn.Module, width: int, first: tuple[str, nn.Module], second: tuple[str, nn.Module], norm: Any, channels: int
) -> None:
    for name, layer in (first, second):
        block.add_module(f"{name}_{width}", layer)
        block.add_module(f"bn_{name}_{width}", norm(channels, eps=_EPSILON))


def _mixed(block: nn.Module, x: Tensor, first: str) -> Tensor:
    def step(name: str, value: Tensor) -> Tensor:
        result: Tensor = torch.relu(block.get_submodule(f"bn_{name}")(block.get_submodule(name)(value)))
        return result

    paths = [step(f"t_{width}", step(f"{first}_{width}", x)) for width in (3, 5)]
    return step("last", paths[0] + paths[1])


class _BothWays(nn.Module):
    """One recurrent layer forwards, then another one backwards over its result."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gru_forward = nn.GRU(channels, channels, batch_first=True)
        self.gru_backward = nn.GRU(channels, channels, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.gelu(self.gru_forward(x)[0])
        return nn.functional.gelu(self.gru_backward(x.flip(1))[0].flip(1))


class _Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.FC = nn.Linear(_CHANNELS[-1], 2)
