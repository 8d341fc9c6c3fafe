"""CPU, memory, disk and GPU of this machine, and what about them is worth an alert."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from mediaflow_assets.operations.settings import OperationSettings

SAMPLE_SECONDS = 1.0


class GpuHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One GPU."""

    name: str
    utilization: int
    """Percent."""
    memory_percent: float
    temperature: int
    """Degrees Celsius."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the machine; all shares in percent."""

    cpu: float
    memory: float
    disks: dict[str, float]
    """Folder name to use of the disk that it is on."""
    free_bytes: dict[str, int]
    devices: dict[str, int] = {}
    """Folder name to the number of the disk that it is on."""
    unwritable: tuple[str, ...] = ()
    """Names of the folders that may not be written."""
    gpus: tuple[GpuHealth, ...] = ()


def look(folders: Mapping[str, Path]) -> Health:
    """Measure now; the CPU over one second. A folder that is not there yet is judged by where it will be."""
    disks, free, devices, unwritable = {}, {}, {}, []
    for name, folder in folders.items():
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        usage = shutil.disk_usage(existing)
        disks[name] = round(100 * usage.used / usage.total, 1) if usage.total else 0.0
        free[name] = usage.free
        devices[name] = existing.stat().st_dev
        if not os.access(existing, os.W_OK | os.X_OK):
            unwritable.append(name)
    return Health(
        cpu=psutil.cpu_percent(interval=SAMPLE_SECONDS),
        memory=psutil.virtual_memory().percent,
        disks=disks,
        free_bytes=free,
        devices=devices,
        unwritable=tuple(unwritable),
        gpus=gpu_health(),
    )


def gpu_health() -> tuple[GpuHealth, ...]:
    """Every GPU that NVML sees; empty without an NVIDIA driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        return tuple(_gpu(pynvml.nvmlDeviceGetHandleByIndex(index)) for index in range(pynvml.nvmlDeviceGetCount()))
    finally:
        pynvml.nvmlShutdown()


def _gpu(handle: object) -> GpuHealth:
    import pynvml

    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return GpuHealth(
        name=str(pynvml.nvmlDeviceGetName(handle)),
        utilization=pynvml.nvmlDeviceGetUtilizationRates(handle).gpu,
        memory_percent=round(100 * memory.used / memory.total, 1),
        temperature=pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU),
    )


def concerns(health: Health, settings: OperationSettings) -> list[str]:
    """A sentence for each value at or above its threshold; folders of one disk share theirs."""
    found = []
    if health.cpu >= settings.cpu_warning:
        found.append(f"CPU is at {health.cpu:.0f} %.")
    if health.memory >= settings.memory_warning:
        found.append(f"Memory is at {health.memory:.0f} %.")
    full: dict[object, list[str]] = {}
    for name, share in health.disks.items():
        if share >= settings.disk_warning:
            full.setdefault(health.devices.get(name, name), []).append(name)
    found += [
        f"The disk of {', '.join(names)} is at {health.disks[names[0]]:.0f} %,"
        f" {health.free_bytes[names[0]] / 2**30:.1f} GiB are free."
        for names in full.values()
    ]
    found += [f"{name} cannot be written." for name in health.unwritable]
    found += [
        f"GPU {gpu.name} is at {gpu.temperature} degrees."
        for gpu in health.gpus
        if gpu.temperature >= settings.gpu_temperature_warning
    ]
    return found
