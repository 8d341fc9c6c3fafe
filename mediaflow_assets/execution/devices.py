"""Which processor does the work, decided once and said truthfully.

A stage asks :func:`choose_device` and stores the answer, with its reason, in its metadata.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.options import OptionGroup, env

Device = Literal["cpu", "cuda"]
DevicePolicy = Literal["auto", "cpu", "cuda"]


class ComputeSettings(OptionGroup):
    """Processors and how many things run at a time."""

    device: DevicePolicy = env(
        "MEDIAFLOW_DEVICE", default="auto", doc="auto (CUDA when present), cpu, or cuda (fail when absent)."
    )
    threads: int = env(
        "MEDIAFLOW_THREADS", default=0, ge=0, doc="Threads of a CPU step; 0 means every core this process may use."
    )
    gpu_steps: int = env("GPU_STEPS", default=1, ge=1, doc="Steps that may use the GPU at the same time.")
    cpu_steps: int = env("CPU_STEPS", default=1, ge=1, doc="CPU-heavy steps at the same time, over all projects.")
    network_steps: int = env("NETWORK_STEPS", default=3, ge=1, doc="Downloads at the same time.")
    run_ahead: bool = env(
        "RUN_AHEAD",
        default=True,
        doc="`mediaflow run` of several projects converts the next one while this one is analysed.",
    )
    run_ahead_memory: int = env(
        "RUN_AHEAD_MEMORY", default=1_500_000_000, ge=0, doc="Memory that must be free for RUN_AHEAD, bytes."
    )
    projects_per_run: int = env(
        "BACKFILL_PROJECTS_PER_RUN",
        default=1,
        ge=0,
        doc="Projects that a backfill puts into one run, which loads each model once; 0 means all.",
    )

    def thread_count(self) -> int:
        """Threads to use, at least 1; honours CPU affinity and a container's CPU quota."""
        return self.threads or usable_cores()


def usable_cores() -> int:
    """Cores that this process may use: of the machine, its affinity mask and its cgroup the least."""
    import joblib

    return int(joblib.cpu_count())


@dataclass(frozen=True)
class DeviceChoice:
    """The device that will be used and why."""

    device: Device
    reason: str
    name: str = "CPU"


class Gpu(OptionGroup):
    """One NVIDIA GPU as NVML reports it."""

    index: int
    name: str
    memory_total: int = Field(description="bytes")
    memory_free: int = Field(description="bytes")


def gpus() -> tuple[Gpu, ...]:
    """NVIDIA GPUs that this process may use, as the driver reports them now; empty when there is no driver.

    Asked each time, without importing torch: free memory is a fact of the moment. The order is CUDA's, so that
    the first one is the one that libraries take.
    """
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        found = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            name, uuid = pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetUUID(handle)
            gpu = Gpu(index=index, name=str(name), memory_total=memory.total, memory_free=memory.free)
            found.append((str(uuid), gpu))
        return visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))
    finally:
        pynvml.nvmlShutdown()


def visible(found: Sequence[tuple[str, Gpu]], chosen: str | None) -> tuple[Gpu, ...]:
    """Of all GPUs, with their UUIDs, those that ``CUDA_VISIBLE_DEVICES`` leaves, in its order.

    As CUDA does it: the first entry that names no GPU ends the list, and a UUID may be shortened.
    """
    if chosen is None:
        return tuple(gpu for _, gpu in found)
    left: list[Gpu] = []
    for entry in (item.strip() for item in chosen.split(",")):
        match = [gpu for uuid, gpu in found if entry == str(gpu.index) or (entry and uuid.startswith(entry))]
        if not match:
            break
        left.append(match[0])
    return tuple(left)


def uses_gpu(compute: ComputeSettings) -> bool:
    """Whether stages with models will work on a GPU, as far as the driver knows."""
    return compute.device == "cuda" or (compute.device == "auto" and bool(gpus()))


def choose_device(policy: DevicePolicy, *, cuda_usable: bool, why_not: str = "") -> DeviceChoice:
    """Apply ``policy`` given whether the engine's own library can use CUDA here.

    Args:
        policy: the setting.
        cuda_usable: the engine's library was built with CUDA and sees a GPU.
        why_not: the library's explanation when it does not.

    Raises:
        Unavailable: ``cuda`` was demanded and cannot be had.
    """
    name = gpus()[0].name if gpus() else "CUDA device"
    if policy == "cpu":
        return DeviceChoice("cpu", "MEDIAFLOW_DEVICE=cpu")
    if cuda_usable:
        return DeviceChoice("cuda", f"{name} is present", name)
    if policy == "cuda":
        raise Unavailable(
            "MEDIAFLOW_DEVICE=cuda", why_not or "no usable GPU", "Install a CUDA build or set MEDIAFLOW_DEVICE=auto"
        )
    return DeviceChoice("cpu", why_not or "no usable GPU was found")


def choose_torch_device(policy: DevicePolicy) -> DeviceChoice:
    """:func:`choose_device` for engines that run on torch, which is imported only where there may be a GPU."""
    if policy == "cpu" or not gpus():
        return choose_device(policy, cuda_usable=False)
    import torch

    usable = torch.cuda.is_available()
    built = torch.version.cuda is not None
    why_not = "" if usable else ("no GPU is visible to torch" if built else "this torch is a CPU build")
    return choose_device(policy, cuda_usable=usable, why_not=why_not)


def wait_passively() -> None:
    """Let OpenMP's threads sleep while they wait; call it before torch is imported.

    By default they spin: beside other work torch then takes many times its quiet time, and takes the
    other work's processor with it. Who runs the program may say otherwise.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use ``count`` threads in this block; its setting belongs to the whole process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def opencv_threads(count: int) -> Iterator[None]:
    """Let OpenCV use ``count`` threads in this block; its setting belongs to the whole process.

    Where frames are worked on side by side, threads inside a small operation only wait for each other.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(count)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
