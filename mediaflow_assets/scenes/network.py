"""TransNetV2 as a torch module that loads the published weights and touches nothing else.

Architecture: T. Souček and J. Lokoč, "TransNet V2: An effective deep network architecture for
fast shot transition detection" (2020). Parameter names follow the published state dict.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LOOKUP = 101
"""Frames compared with each frame: itself and 50 on each side."""


class SeparableConv(nn.Module):
    """3x3 in space, then 3 in time with a dilation."""

    def __init__(self, channels: int, filters: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Conv3d(channels, 2 * filters, (1, 3, 3), padding=(0, 1, 1), bias=False),
                nn.Conv3d(
                    2 * filters, filters, (3, 1, 1), dilation=(dilation, 1, 1), padding=(dilation, 0, 0), bias=False
                ),
            ]
        )

    @property
    def spatial(self) -> Tensor:
        """Weights ``[2 * filters, channels, 3, 3]``."""
        return self.layers[0].get_parameter("weight")[:, :, 0]

    @property
    def temporal(self) -> Tensor:
        """Weights ``[filters, 2 * filters, 3]``."""
        return self.layers[1].get_parameter("weight")[..., 0, 0]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class DilatedCell(nn.Module):
    """Four temporal dilations side by side, then batch normalization."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.Conv3D_1 = SeparableConv(channels, filters, 1)
        self.Conv3D_2 = SeparableConv(channels, filters, 2)
        self.Conv3D_4 = SeparableConv(channels, filters, 4)
        self.Conv3D_8 = SeparableConv(channels, filters, 8)
        self.bn = nn.BatchNorm3d(4 * filters, eps=1e-3)

    @property
    def branches(self) -> tuple[SeparableConv, ...]:
        """By rising dilation: 1, 2, 4, 8."""
        return self.Conv3D_1, self.Conv3D_2, self.Conv3D_4, self.Conv3D_8

    def forward(self, x: Tensor) -> Tensor:
        normalized: Tensor = self.bn(torch.cat([branch(x) for branch in self.branches], dim=1))
        return normalized


class _Stage(nn.Module):
    """Two cells with a skip connection, then 2x2 average pooling in space."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.DDCNN = nn.ModuleList([DilatedCell(channels, filters), DilatedCell(4 * filters, filters)])

    def forward(self, x: Tensor) -> Tensor:
        first = F.relu(self.DDCNN[0](x))
        x = F.relu(self.DDCNN[1](first)) + first
        return F.avg_pool3d(x, (1, 2, 2))


class _FrameSimilarity(nn.Module):
    """Cosine similarity of learned features between each frame and its neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Linear(448, 128)
        self.fc = nn.Linear(LOOKUP, 128)

    def forward(self, stages: list[Tensor]) -> Tensor:
        pooled = torch.cat([stage.mean(dim=(3, 4)) for stage in stages], dim=1).transpose(1, 2)
        return F.relu(self.fc(neighbour_similarity(self.projection(pooled))))


class _ColorHistograms(nn.Module):
    """Cosine similarity of 512-bin colour histograms between each frame and its neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(LOOKUP, 128)

    def forward(self, histograms: Tensor) -> Tensor:
        return F.relu(self.fc(neighbour_similarity(histograms)))


class TransNetV2(nn.Module):
    """Logits of shot boundaries for every frame of a window, by both heads.

    Input uint8 ``[B, T, 27, 48, 3]`` RGB. Outputs, float ``[B, T]`` each: the logit of "this is the
    last frame before a cut" (of a gradual transition: its middle), and the logit of "this frame
    belongs to a transition", the head that the authors call *many hot*.
    """

    def __init__(self) -> None:
        super().__init__()
        self.SDDCNN = nn.ModuleList([_Stage(3, 16), _Stage(64, 32), _Stage(128, 64)])
        self.frame_sim_layer = _FrameSimilarity()
        self.color_hist_layer = _ColorHistograms()
        self.fc1 = nn.Linear(4864, 1024)
        self.cls_layer1 = nn.Linear(1024, 1)
        self.cls_layer2 = nn.Linear(1024, 1)

    @property
    def cells(self) -> list[DilatedCell]:
        """In the order in which they see a picture."""
        return [module for module in self.modules() if isinstance(module, DilatedCell)]

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        return self.heads(frames, color_histograms(frames))

    def heads(self, frames: Tensor, histograms: Tensor) -> tuple[Tensor, Tensor]:
        """:meth:`forward` for histograms ``[B, T, 512]`` that were counted elsewhere."""
        x = frames.permute(0, 4, 1, 2, 3).float() / 255
        stages = []
        for stage in self.SDDCNN:
            x = stage(x)
            stages.append(x)
        features = x.permute(0, 2, 3, 4, 1).flatten(2)
        features = torch.cat([self.color_hist_layer(histograms), self.frame_sim_layer(stages), features], dim=2)
        hidden = F.relu(self.fc1(features))
        return self.cls_layer1(hidden).squeeze(-1), self.cls_layer2(hidden).squeeze(-1)


def color_histograms(frames: Tensor) -> Tensor:
    """``[B, T, 512]`` counts of 3-bit RGB colours in frames ``[B, T, H, W, 3]``."""
    batch, time = frames.shape[:2]
    levels = frames.to(torch.int64) >> 5
    bins = ((levels[..., 0] << 6) + (levels[..., 1] << 3) + levels[..., 2]).flatten(2)
    counts = torch.zeros(batch, time, 512, device=frames.device)
    return counts.scatter_add_(2, bins, torch.ones_like(bins, dtype=counts.dtype))


def neighbour_similarity(features: Tensor) -> Tensor:
    """``[B, T, C]`` to ``[B, T, 101]``: cosine similarity with the frames 50 before to 50 after."""
    features = F.normalize(features, dim=2)
    time = features.shape[1]
    similarity = F.pad(features @ features.transpose(1, 2), (LOOKUP // 2, LOOKUP // 2))
    offsets = torch.arange(time, device=features.device)[:, None] + torch.arange(LOOKUP, device=features.device)
    return similarity.gather(2, offsets.expand(features.shape[0], -1, -1))


def load_network(weights: Path) -> TransNetV2:
    """The network with the published state dict, in evaluation mode on the CPU."""
    # Without initial values, which would be drawn from the process's random numbers.
    with torch.device("meta"):
        network = TransNetV2()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True), assign=True)
    return network.eval()
