"""CAM++: the voice of an utterance as one vector.

Network: H. Wang, S. Zheng, Y. Chen, L. Cheng and Q. Chen, "CAM++: A Fast and Efficient Network
for Speaker Verification Using Context-Aware Masking" (Interspeech 2023): a two-dimensional
residual front end, then a densely connected TDNN whose layers mask their output by the context of
the utterance and of 100-frame segments, then mean and standard deviation over time. Parameter
names follow the published state dict, so that it loads strictly.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, relu

MEL_BANDS = 80
"""Values per feature frame (section 3 of the paper)."""
DIMENSION = 192
"""Length of an embedding of the published 16 kHz Chinese-English weights."""

_GROWTH = 32
_BOTTLENECK = 128
_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""(layers, dilation) of the three dense blocks."""
_SEGMENT = 100
"""Frames over which a layer pools its local context."""


def _norm_relu(channels: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(channels), relu=nn.ReLU()))


class _Residual(nn.Module):
    """Two 3x3 convolutions and a shortcut; ``stride`` thins frequency, never time."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut.append(nn.Conv2d(channels, channels, 1, stride=(stride, 1), bias=False))
            self.shortcut.append(nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        inner = relu(self.bn1(self.conv1(x)))
        return relu(self.bn2(self.conv2(inner)) + self.shortcut(x))


class _FrontEnd(nn.Module):
    """``[B, 80, T]`` spectrogram to ``[B, 320, T]`` features that forgive shifts in frequency."""

    CHANNELS = 32
    OUTPUTS = CHANNELS * MEL_BANDS // 8

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, self.CHANNELS, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(self.CHANNELS)
        self.layer1 = nn.Sequential(_Residual(self.CHANNELS, 2), _Residual(self.CHANNELS, 1))
        self.layer2 = nn.Sequential(_Residual(self.CHANNELS, 2), _Residual(self.CHANNELS, 1))
        self.conv2 = nn.Conv2d(self.CHANNELS, self.CHANNELS, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(self.CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        x = relu(self.bn1(self.conv1(x.unsqueeze(1))))
        x = relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))))
        return x.flatten(1, 2)


class _ContextAwareMask(nn.Module):
    """A convolution over time whose output is masked by its context (section 2.2)."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(_BOTTLENECK, _GROWTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(_BOTTLENECK, _BOTTLENECK // 2, 1)
        self.linear2 = nn.Conv1d(_BOTTLENECK // 2, _GROWTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        # The mask is the same for all frames of a segment, so it is computed once for each.
        segments = avg_pool1d(x, _SEGMENT, _SEGMENT, ceil_mode=True)
        context = x.mean(dim=2, keepdim=True) + segments
        mask = torch.sigmoid(self.linear2(relu(self.linear1(context))))
        mask = mask.repeat_interleave(_SEGMENT, dim=2)[:, :, : x.shape[2]]
        masked: Tensor = self.linear_local(x) * mask
        return masked


class _DenseLayer(nn.Module):
    """Bottleneck and masked convolution; its 32 channels are added to those it was given."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _norm_relu(channels)
        self.linear1 = nn.Conv1d(channels, _BOTTLENECK, 1, bias=False)
        self.nonlinear2 = _norm_relu(_BOTTLENECK)
        self.cam_layer = _ContextAwareMask(dilation)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))], dim=1)


class _Projection(nn.Module):
    """Convolution then activation, or the reverse when ``activate_first``."""

    def __init__(self, linear: nn.Conv1d, nonlinear: nn.Sequential, *, activate_first: bool = False) -> None:
        super().__init__()
        self.linear = linear
        self.nonlinear = nonlinear
        self._steps = (nonlinear, linear) if activate_first else (linear, nonlinear)

    def forward(self, x: Tensor) -> Tensor:
        for step in self._steps:
            x = step(x)
        return x


class _Statistics(nn.Module):
    """``[B, C, T]`` to ``[B, 2C, 1]``: mean and standard deviation over time."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean(dim=2, keepdim=True), x.std(dim=2, keepdim=True)], dim=1)


class CamPlusPlus(nn.Module):
    """Mean-subtracted log mel bands ``[B, T, 80]`` to embeddings ``[B, 192]``, compared by cosine.

    T counts frames of 10 ms and must be at least 3 (a standard deviation needs two frames after
    the network has halved their rate).
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = _FrontEnd()
        channels = _BOTTLENECK
        entry = nn.Conv1d(_FrontEnd.OUTPUTS, channels, 5, stride=2, padding=2, bias=False)
        layers: OrderedDict[str, nn.Module] = OrderedDict(tdnn=_Projection(entry, _norm_relu(channels)))
        for block, (count, dilation) in enumerate(_BLOCKS, start=1):
            dense: OrderedDict[str, nn.Module] = OrderedDict()
            for layer in range(count):
                dense[f"tdnnd{layer + 1}"] = _DenseLayer(channels + layer * _GROWTH, dilation)
            layers[f"block{block}"] = nn.Sequential(dense)
            channels += count * _GROWTH
            halve = nn.Conv1d(channels, channels // 2, 1, bias=False)
            layers[f"transit{block}"] = _Projection(halve, _norm_relu(channels), activate_first=True)
            channels //= 2
        layers["out_nonlinear"] = _norm_relu(channels)
        layers["stats"] = _Statistics()
        whiten = nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(DIMENSION, affine=False)))
        layers["dense"] = _Projection(nn.Conv1d(2 * channels, DIMENSION, 1, bias=False), whiten)
        self.xvector = nn.Sequential(layers)

    def forward(self, features: Tensor) -> Tensor:
        embeddings: Tensor = self.xvector(self.head(features.transpose(1, 2)))
        return embeddings.squeeze(2)
