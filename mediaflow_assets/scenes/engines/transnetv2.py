"""TransNetV2: the default shot detector."""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice, choose_torch_device, torch_threads
from mediaflow_assets.execution.openvino import Precision, compile_onnx, gains_by_bf16, openvino_problem
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.onnx_form import MODEL, color_histograms, onnx_model
from mediaflow_assets.scenes.predictions import ShotPredictions
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.scenes.windows import padded_windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from openvino import CompiledModel, InferRequest

    from mediaflow_assets.scenes.network import TransNetV2
    from mediaflow_assets.scenes.windows import Window

    Heads = tuple[NDArray[np.float32], NDArray[np.float32]]
    """Logits of a shot boundary and of a transition, ``(frames,)`` each."""

_SIDE_BY_SIDE = 4
"""Windows at a time on a CPU, at most: each needs some 60 MB to work in, in bf16, and 110 in f32."""


class TransNetV2Engine:
    """Souček and Lokoč's network over overlapping windows.

    On a GPU several windows are calculated at a time, by torch; on a CPU one by each thread, by OpenVINO, in
    bf16 where the processor gains by it and in f32 elsewhere. Beside other work a window that two threads share is
    as slow as the slower of them. Where OpenVINO cannot be used, torch calculates on the CPU as well.
    """

    name: ClassVar[str] = "transnetv2"
    summary: ClassVar[str] = "Neural shot detector for hard cuts and gradual transitions; CPU or CUDA."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = (MODEL,)

    def __init__(self, settings: SceneSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._torch: TransNetV2 | None = None
        self._openvino: CompiledModel | None = None
        self._side_by_side = 1
        self.device: DeviceChoice

    def load(self) -> None:
        if self._torch is not None or self._openvino is not None:
            return
        self.device = choose_torch_device(self._compute.device)
        if self.device.device == "cuda":
            self._load_torch()
        else:
            self._load_on_cpu(self.device.reason)

    def _load_torch(self) -> None:
        from mediaflow_assets.scenes.network import load_network

        if self.device.device == "cuda":
            # Windows of several sizes otherwise leave the GPU's memory in unusable pieces.
            os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        self._torch = load_network(self._store.path(MODEL)).to(self.device.device)

    def _load_on_cpu(self, reason: str) -> None:
        if problem := openvino_problem():
            self.device = DeviceChoice("cpu", f"{reason}; torch in f32, because {problem}")
            self._load_torch()
            return
        precision: Precision = "bf16" if gains_by_bf16() else "f32"
        model, threads = onnx_model(self._store, self._settings.window), self._compute.thread_count()
        self._side_by_side = min(threads, _SIDE_BY_SIDE)
        self._openvino = compile_onnx(model, threads, precision, self._side_by_side)
        self._torch = None
        self.device = DeviceChoice("cpu", f"{reason}; OpenVINO in {precision}")

    def process(self, frames: Iterator[NDArray[np.uint8]], on_progress: Callable[[int], None]) -> ShotPredictions:
        import numpy as np
        from scipy.special import expit

        self.load()
        settings = self._settings
        windows = padded_windows(frames, settings.window, settings.stride, settings.padding)
        # One growing block: arrays that are kept lie between the large ones of each window, which then find no
        # place in the holes, and memory grows (0.8 GB within 40,000 frames).
        heads = array("f"), array("f")
        try:
            with closing(self._logits(windows)) as found:
                for window in found:
                    for kept, logits in zip(heads, window, strict=True):
                        kept.frombytes(expit(logits).astype(np.float32).tobytes())
                    on_progress(len(heads[0]))
        finally:
            if self._openvino is not None:
                # What a window needs beside the network is more than the network, and had again at once.
                self._openvino.release_memory()
        return ShotPredictions(*(np.frombuffer(kept, np.float32) for kept in heads))

    def _logits(self, windows: Iterator[Window]) -> Generator[Heads]:
        """Logits of the video's frames in order, by both heads; leaves a GPU that fails for the CPU and says so."""
        while self.device.device == "cuda" and (batch := list(islice(windows, self._settings.batch))):
            try:
                logits = self._by_torch(batch)
            except RuntimeError as error:  # torch's type for everything that goes wrong on a GPU
                self._leave_gpu(error)
                windows = chain(batch, windows)
            else:
                yield logits
        if self._openvino is not None:
            yield from self._by_openvino(self._openvino, windows)
        else:
            for window in windows:
                with torch_threads(self._compute.thread_count()):
                    yield self._by_torch([window])

    def _leave_gpu(self, error: RuntimeError) -> None:
        reason = f"{self.device.name} failed: {str(error).strip().splitlines()[0]}"
        if self._compute.device == "cuda":
            raise Unavailable("MEDIAFLOW_DEVICE=cuda", reason, "Lower SCENES_BATCH or set MEDIAFLOW_DEVICE=auto")
        self._load_on_cpu(reason)

    @property
    def _kept(self) -> slice:
        """The middle frames of a window, whose predictions count."""
        return slice(self._settings.padding, self._settings.padding + self._settings.stride)

    def _by_openvino(self, network: CompiledModel, windows: Iterator[Window]) -> Iterator[Heads]:
        """Logits of the middle frames of each window."""
        requests = [network.create_infer_request() for _ in range(self._side_by_side)]
        under_way: deque[tuple[InferRequest, int]] = deque()
        try:
            for (frames, real), request in zip(windows, cycle(requests), strict=False):
                if len(under_way) == len(requests):
                    yield self._answer(*under_way.popleft())
                request.start_async({"frames": frames[None], "histograms": color_histograms(frames)[None]})
                under_way.append((request, real))
            while under_way:
                yield self._answer(*under_way.popleft())
        finally:
            # The memory of a network at work cannot be released.
            for request, _ in under_way:
                request.wait()

    def _answer(self, request: InferRequest, real: int) -> Heads:
        request.wait()
        boundary, transition = (
            request.get_tensor(head).data[0, self._kept][:real].copy() for head in ("boundary", "transition")
        )
        return boundary, transition

    def _by_torch(self, windows: list[Window]) -> Heads:
        """Logits of the middle frames of several windows."""
        import numpy as np
        import torch

        settings, device = self._settings, self.device.device
        assert self._torch is not None  # noqa: S101 - loaded whenever OpenVINO is not
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode())
            # TensorFloat-32 changes the third digit of a probability.
            stack.enter_context(torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False))
            if settings.mixed_precision and device == "cuda":
                stack.enter_context(torch.autocast(device, dtype=getattr(torch, settings.amp_dtype)))
            frames = torch.from_numpy(np.stack([window for window, _ in windows])).to(device)
            heads = [logits[:, self._kept].float().cpu().numpy() for logits in self._torch(frames)]
        boundary, transition = (
            np.concatenate([row[:real] for row, (_, real) in zip(head, windows, strict=True)]) for head in heads
        )
        return boundary, transition
