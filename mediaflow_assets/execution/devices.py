"""Which processor does the work, decided once and said truthfully.

A stage asks :func:`choose_device` and stores the answer, with its reason, in its metadata.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
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
    projects_per_run: int = env(
        "BACKFILL_PROJECTS_PER_RUN",
        default=1,
        ge=0,
        doc="Projects that a backfill puts into one run, which loads each model once; 0 means all.",
    )

    def thread_count(self) -> int:
        """Threads to use, at least 1; honours CPU affinity (containers, taskset)."""
        return self.threads or len(os.sched_getaffinity(0))


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


@cache
def gpus() -> tuple[Gpu, ...]:
    """NVIDIA GPUs that the driver reports, without importing torch; empty when there is no driver."""
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
            name = pynvml.nvmlDeviceGetName(handle)
            found.append(Gpu(index=index, name=str(name), memory_total=memory.total, memory_free=memory.free))
        return tuple(found)
    finally:
        pynvml.nvmlShutdown()


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
