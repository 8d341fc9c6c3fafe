"""TransNetV2 in f32 for windows in order: the values of ``network.py`` in less than half the time.

For processors without bf16, where OpenVINO takes 1.5 times as long (``benchmarks/results/scenes.md``). What
saves the time, in order of its share:

1. The four spatial convolutions of a cell read the same input: one convolution has the filters of
   all four. It multiplies five times less as F(6x6, 3x3) (Lavin and Gray, "Fast algorithms for
   convolutional neural networks", 2016, arXiv:1509.09308) in the NNPACK that torch carries. Frames
   lie in buffers padded to whole 6x6 tiles; rows that pooling drops are not computed.
2. Successive windows overlap. The zeros beyond a window's ends reach 8 frames deeper with every
   cell; what lies between the reaches of both ends is the same in the window before.
3. Nothing non-linear stands between a cell's spatial and temporal convolutions and its batch
   normalization: the normalization is folded into the temporal weights, and the temporal
   convolution is added up from matrix products while the spatial features are still in the cache.
4. The first cell sees three channels: its spatial and temporal weights are multiplied beforehand.
5. The classifier runs only for frames whose prediction is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from mediaflow_assets.scenes.network import DilatedCell, TransNetV2, color_histograms, neighbour_similarity

_DILATIONS = (1, 2, 4, 8)
_REACH = max(_DILATIONS)
"""Frames by which the end of a window is felt further inside with every cell."""
_TILE = 6
_CHUNK_BYTES = 30_000_000
"""Spatial features computed at a time. They stay in the cache, and glibc keeps freed blocks of up to
32 MiB for the next request; larger ones go back to the system and cost a page fault per 4 KiB."""
_WORTH_KEEPING = 8
"""Fewer common frames than this save less than the additional call costs."""


class IncrementalTransNetV2:
    """Logits of both heads for the middle frames of one window of a video after the other; one object per video.

    Args:
        network: its weights are used; it is left as it is.
        window: frames in a window.
        stride: frames from one window to the next.
        padding: frames at each end that get no prediction; ``window == stride + 2 * padding``.
    """

    def __init__(self, network: TransNetV2, window: int, stride: int, padding: int) -> None:
        # Asking is what initializes NNPACK; without it the convolution would be refused.
        fast = torch.backends.nnpack.is_available()  # type: ignore[no-untyped-call]
        self._network = network
        self._predicted = slice(padding, padding + stride)
        cells = network.cells
        shapes = [(27, 48), (27, 48), (13, 24), (13, 24), (6, 12), (6, 12)]
        needed_rows = [27, 26, 13, 12, 6, 6]
        optimized: list[_Cell] = [_FirstCell(cells[0], window, shapes[0])]
        for depth in range(1, len(cells)):
            common = _common_frames(depth, window, stride)
            cell = _LaterCell(cells[depth], window, shapes[depth], needed_rows[depth], common, stride, fast)
            optimized.append(cell)
        self._stages = list(zip(optimized[::2], optimized[1::2], strict=True))

    def __call__(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``[stride]`` by each head for the window ``[window, 27, 48, 3]``, uint8 RGB, that follows the last."""
        network, pooled = self._network, []
        x = frames.permute(0, 3, 1, 2).float() / 255
        for first, second in self._stages:
            first.frames.copy_(x)
            for part, into in zip(first.sums(), torch.split(second.frames, first.filters, dim=1), strict=True):
                torch.clamp_min(part, 0, out=into)
            x = _skip_and_pool(second.sums(), second.frames)
            pooled.append(x.mean(dim=(2, 3)))
        layer = network.frame_sim_layer
        learned = F.relu(layer.fc(neighbour_similarity(layer.projection(torch.cat(pooled, dim=1)[None]))))[0]
        colours = network.color_hist_layer(color_histograms(frames[None]))[0]
        features = [colours, learned, x.permute(0, 2, 3, 1).flatten(1)]
        hidden = F.relu(network.fc1(torch.cat([feature[self._predicted] for feature in features], dim=1)))
        return network.cls_layer1(hidden).squeeze(-1), network.cls_layer2(hidden).squeeze(-1)


def _common_frames(depth: int, window: int, stride: int) -> range:
    """Frames of a window for which the ``depth``-th cell (from 0) had the same input in the window before."""
    common = range(_REACH * depth, window - stride - _REACH * depth)
    # A frame that is in three windows would have to be kept twice; such strides are rare and just slower.
    return common if len(common) >= _WORTH_KEEPING and window <= 2 * stride else range(0)


def _skip_and_pool(sums: Sequence[Tensor], skipped: Tensor) -> Tensor:
    """Activation, skip connection and 2x2 mean of a stage: ``[window, channels, height/2, width/2]``."""
    parts = torch.split(skipped[:, :, : sums[0].shape[2]], sums[0].shape[1], dim=1)
    return torch.cat([F.avg_pool2d(sum_.relu_().add_(part), 2) for sum_, part in zip(sums, parts, strict=True)], dim=1)


class _Cell:
    """A dilated cell with its normalization, before its activation.

    Args:
        cell: weights.
        window: frames.
        rows: rows of its output that are needed.
        width: of its frames.
    """

    frames: Tensor
    """``[window, channels, height, width]``: the input, to be written before :meth:`sums`."""

    def __init__(self, cell: DilatedCell, window: int, rows: int, width: int) -> None:
        temporal = torch.stack([branch.temporal for branch in cell.branches])
        self.filters = temporal.shape[1]
        self._window, self._rows, self._width = window, rows, width
        scale, shift = _normalization(cell)
        self._shift = shift.view(len(_DILATIONS), 1, self.filters, 1)
        self._spatial = torch.cat([branch.spatial for branch in cell.branches]).contiguous()
        scaled = temporal * scale.view(len(_DILATIONS), self.filters, 1, 1)
        # [branch, tap, filters, spatial features]
        self._temporal = scaled.permute(0, 3, 1, 2).contiguous()
        self._sums = torch.empty(len(_DILATIONS), window, self.filters, rows * width)

    def sums(self) -> list[Tensor]:
        """One ``[window, filters, rows, width]`` per branch, overwritten by the next call."""
        self._sums.copy_(self._shift.expand_as(self._sums))
        for start, features in self._spatial_features():
            for branch, part in enumerate(self._branches(features)):
                self._convolve_in_time(branch, start, part)
        return list(self._sums.view(*self._sums.shape[:3], self._rows, self._width))

    def _convolve_in_time(self, branch: int, start: int, features: Tensor) -> None:
        """Add what the frames from ``start`` on contribute to their neighbours in time."""
        stop, dilation = start + len(features), _DILATIONS[branch]
        for tap, distance in enumerate((-dilation, 0, dilation)):
            first, last = max(0, start - distance), min(self._window, stop - distance)
            if first < last:
                weight = self._temporal[branch, tap].expand(last - first, -1, -1)
                self._sums[branch, first:last].baddbmm_(
                    weight, features[first + distance - start : last + distance - start]
                )

    def _spatial_features(self) -> Iterator[tuple[int, Tensor]]:
        """All frames in pieces: the first frame's number and ``[frames, features, pixels]``."""
        raise NotImplementedError

    def _branches(self, features: Tensor) -> Sequence[Tensor]:
        """The features that each branch reads."""
        return torch.split(features, self._temporal.shape[3], dim=1)


class _FirstCell(_Cell):
    """The cell that sees the picture: its features are the 27 values around each pixel."""

    def __init__(self, cell: DilatedCell, window: int, shape: tuple[int, int]) -> None:
        super().__init__(cell, window, *shape)
        around = self._spatial.view(len(_DILATIONS), 1, 2 * self.filters, -1)
        self._temporal = (self._temporal @ around).contiguous()
        self.frames = torch.empty(window, 3, *shape)

    def _spatial_features(self) -> Iterator[tuple[int, Tensor]]:
        yield 0, F.unfold(self.frames, 3, padding=1)

    def _branches(self, features: Tensor) -> Sequence[Tensor]:
        return [features] * len(_DILATIONS)


class _LaterCell(_Cell):
    """A cell whose spatial convolution is one for all branches.

    Args:
        common: frames whose spatial features are kept from one window to the next.
        stride: frames from one window to the next.
        fast: NNPACK is there; otherwise torch's own convolution does it.
    """

    def __init__(
        self,
        cell: DilatedCell,
        window: int,
        shape: tuple[int, int],
        rows: int,
        common: range,
        stride: int,
        fast: bool,
    ) -> None:
        super().__init__(cell, window, rows, shape[1])
        self._common, self._stride, self._fast = common, stride, fast
        self._bias = torch.zeros(self._spatial.shape[0])
        tiled_rows = -(-rows // _TILE) * _TILE
        # A row of zeros above each frame, and below it as many as its tiles reach.
        self._input = torch.zeros(window, self._spatial.shape[1], tiled_rows + 2, shape[1])
        self.frames = self._input[:, :, 1 : 1 + shape[0]]
        self._known: list[tuple[int, Tensor]] = []
        """Spatial features of common frames, each piece with its first frame in the next window."""
        self._chunk = max(1, _CHUNK_BYTES // (4 * self._spatial.shape[0] * tiled_rows * shape[1]))

    def _spatial_features(self) -> Iterator[tuple[int, Tensor]]:
        common_later = range(self._common.start + self._stride, self._common.stop + self._stride)
        yield from self._known
        done = range(self._common.start, self._common.stop if self._known else self._common.start)
        self._known = []
        for start, stop in pairwise(sorted({0, *_ends(done), *_ends(common_later), self._window})):
            if start in done:
                continue
            for first in range(start, stop, self._chunk):
                features = self._convolve_in_space(self._input[first : min(first + self._chunk, stop)])
                yield first, features
                if first in common_later:
                    self._known.append((first - self._stride, features))

    def _convolve_in_space(self, frames: Tensor) -> Tensor:
        if self._fast:
            features = torch._nnpack_spatial_convolution(frames, self._spatial, self._bias, (0, 1), (1, 1))
        else:
            features = F.conv2d(frames[:, :, : self._rows + 2], self._spatial, padding=(0, 1))
        return features.flatten(2)[:, :, : self._rows * self._width]


def _normalization(cell: DilatedCell) -> tuple[Tensor, Tensor]:
    """Factor and summand per channel."""
    norm = cell.bn
    factor = norm.weight / torch.sqrt(norm.get_buffer("running_var") + norm.eps)
    return factor, norm.bias - norm.get_buffer("running_mean") * factor


def _ends(frames: range) -> set[int]:
    return {frames.start, frames.stop} if frames else set()
