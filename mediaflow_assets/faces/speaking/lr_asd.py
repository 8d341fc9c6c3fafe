"""The LR-ASD network: does the mouth in this crop make the sound that is heard?

Built from the paper (Liao et al., "LR-ASD: Lightweight and Robust Network for Active Speaker Detection",
IJCV 2025): spatial and temporal 3-D convolutions for the picture, frequency and time 2-D convolutions for
the sound, a fusion that weighs the channels of both, and a recurrent layer in each direction that is fused
in the same way. Module names are those of the published weights.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CROP = 112
"""Side of the picture of a face, pixels, grey."""
STEPS_PER_FRAME = 4
"""Cepstra come every 10 ms, pictures every 40 ms."""
_MEAN, _STD = 0.4161, 0.1688
"""Of the grey values 0..1 of the training pictures."""
_CHANNELS = (32, 64, 128)
_EPSILON = 0.001


class LrAsd(nn.Module):
    """Picture and sound of one face to a logit per frame."""

    def __init__(self) -> None:
        super().__init__()
        self.model = _Model()
        self.lossAV = _Head()

    def forward(self, faces: Tensor, mfcc: Tensor) -> Tensor:
        """Logits of speaking.

        Args:
            faces: grey values 0..255, shape ``(batch, frames, 112, 112)``.
            mfcc: shape ``(batch, 4 * frames, 13)``.

        Returns:
            Shape ``(batch, frames)``; above 0 is speaking.
        """
        classes = self.lossAV.FC(self.model(faces, mfcc))
        logits: Tensor = classes[..., 1] - classes[..., 0]
        return logits


def load(weights: Path) -> LrAsd:
    """The network with published weights; its auxiliary visual head is left out."""
    state: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    network = LrAsd()
    network.load_state_dict({name: value for name, value in state.items() if not name.startswith("lossV.")})
    return network.eval()


def logits(network: LrAsd, faces: NDArray[np.uint8], mfcc: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logit of speaking in each frame of one stretch, shape ``(frames,)``.

    Args:
        network: from :func:`load`.
        faces: ``(frames, 112, 112)``.
        mfcc: ``(4 * frames, 13)``.
    """
    with torch.inference_mode():
        found = network(torch.from_numpy(faces).float()[None], torch.from_numpy(mfcc).float()[None])
    return np.asarray(found[0].numpy(), np.float64)


class _Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.visualEncoder = _VisualEncoder()
        self.audioEncoder = _AudioEncoder()
        self.fusion = _Fusion(2 * _CHANNELS[-1])
        self.detector = _Detector(2 * _CHANNELS[-1])

    def forward(self, faces: Tensor, mfcc: Tensor) -> Tensor:
        seen = self.visualEncoder((faces[:, None] / 255 - _MEAN) / _STD)
        heard = self.audioEncoder(mfcc[:, None].transpose(2, 3))
        detected: Tensor = self.detector(self.fusion(heard, seen))
        return detected


class _Fusion(nn.Module):
    """Both inputs side by side, each channel weighed by all of them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = nn.Conv1d(channels, channels, 1, bias=False)
        self.bn = nn.BatchNorm1d(channels, eps=_EPSILON)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        both = torch.cat((first, second), 2).transpose(1, 2)
        weighed: Tensor = both * torch.sigmoid(self.bn(self.attention(both)))
        return weighed.transpose(1, 2)


class _Detector(nn.Module):
    """One recurrent layer forwards and one backwards."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gru_forward = nn.GRU(channels, channels // 4, batch_first=True)
        self.gru_backward = nn.GRU(channels, channels // 4, batch_first=True)
        self.attention = _Fusion(channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        forwards = self.gru_forward(x)[0]
        backwards = self.gru_backward(x.flip(1))[0].flip(1)
        fused: Tensor = self.attention(forwards, backwards)
        return fused


class _Block(nn.Module):
    """Two convolutions in space (or frequency), 5 and 3 wide, then two in time, each with its norm."""

    def __init__(self, inputs: int, outputs: int, space: str, *, stride: int = 1, flat: bool = False) -> None:
        super().__init__()
        self._steps: list[tuple[str, str]] = []
        between = outputs // 2
        norm = nn.BatchNorm2d if flat else nn.BatchNorm3d
        for number, (width, before, after) in enumerate(((5, inputs, between), (3, between, outputs)), start=1):
            half = width // 2
            layer: nn.Module
            if flat:
                layer = nn.Conv2d(before, after, (width, 1), padding=(half, 0), bias=False)
            else:
                step = stride if number == 1 else 1
                layer = nn.Conv3d(before, after, (1, width, width), (1, step, step), (0, half, half), bias=False)
            self._add(f"{space}_{number}", layer, f"{space}_norm_{number}", norm(after, eps=_EPSILON))
        for number, width in enumerate((5, 3), start=1):
            half = width // 2
            if flat:
                layer = nn.Conv2d(outputs, outputs, (1, width), padding=(0, half), bias=False)
            else:
                layer = nn.Conv3d(outputs, outputs, (width, 1, 1), padding=(half, 0, 0), bias=False)
            self._add(f"t_{number}", layer, f"t_norm_{number}", norm(outputs, eps=_EPSILON))

    def _add(self, name: str, layer: nn.Module, norm_name: str, norm: nn.Module) -> None:
        self.add_module(name, layer)
        self.add_module(norm_name, norm)
        self._steps.append((name, norm_name))

    def forward(self, x: Tensor) -> Tensor:
        for name, norm in self._steps:
            x = torch.relu(self.get_submodule(norm)(self.get_submodule(name)(x)))
        return x


class _VisualEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        a, b, c = _CHANNELS
        self.block1 = _Block(1, a, "s", stride=2)
        self.block2 = _Block(a, b, "s")
        self.block3 = _Block(b, c, "s")
        self.pool = nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block3(self.pool(self.block2(self.pool(self.block1(x)))))
        return x.amax((3, 4)).transpose(1, 2)


class _AudioEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        a, b, c = _CHANNELS
        self.block1 = _Block(1, a, "m", flat=True)
        self.block2 = _Block(a, b, "m", flat=True)
        self.block3 = _Block(b, c, "m", flat=True)
        self.pool = nn.MaxPool2d((1, 3), stride=(1, 2), padding=(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block3(self.pool(self.block2(self.pool(self.block1(x)))))
        return x.mean(2).transpose(1, 2)


class _Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.FC = nn.Linear(_CHANNELS[-1], 2)
