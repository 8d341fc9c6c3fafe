"""ONNX Runtime sessions that say truthfully where they run."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.execution.devices import DeviceChoice, DevicePolicy, choose_device

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_MIN_FREE_BYTES = 1_500_000_000
"""Bytes that must be free on a GPU for a session to be opened there."""


def runtime() -> ModuleType:
    """The ``onnxruntime`` module.

    Raises:
        Unavailable: it is missing, or broken because both of its packages were installed over
            each other (they write the same files).
    """
    telemetry_off()
    try:
        import onnxruntime

        onnxruntime.get_available_providers()
    except (ImportError, AttributeError) as error:
        raise Unavailable(
            "onnxruntime",
            f"cannot be used ({error})",
            "Only one of onnxruntime and onnxruntime-gpu may be installed. Run: make cpu (or make gpu)",
        ) from error
    module: ModuleType = onnxruntime
    return module


def onnx_device(policy: DevicePolicy) -> DeviceChoice:
    """CPU or CUDA for engines that run on ONNX Runtime.

    Raises:
        Unavailable: CUDA was demanded and cannot be had.
    """
    from mediaflow_assets.execution.devices import gpus

    if _CUDA not in runtime().get_available_providers():
        why_not = "this onnxruntime is a CPU build (make gpu exchanges it)"
    elif not gpus():
        why_not = "the driver reports no GPU"
    elif (free := gpus()[0].memory_free) < _MIN_FREE_BYTES:  # ONNX Runtime takes the first one
        why_not = f"the GPU has {free / 1e9:.1f} GB of free memory, {_MIN_FREE_BYTES / 1e9:.1f} GB are needed"
    else:
        why_not = ""
    return choose_device(policy, cuda_usable=not why_not, why_not=why_not)


def open_session(model: Path | bytes, device: DeviceChoice, threads: int = 1) -> InferenceSession:
    """A session of ``model`` on ``device``; any number of threads may run it at the same time.

    Args:
        model: path of an ONNX file, or its content.
        threads: CPU threads inside one run. 1 when the caller runs several side by side.

    Raises:
        BadInput: the model cannot be read.
        Unavailable: CUDA was chosen and the session would run on the CPU (a library is missing).
    """
    ort = runtime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # On a CPU a plan of the memory for each size of the input gains no time and holds a quarter more of it.
    options.enable_mem_pattern = device.device != "cpu"
    providers = [_CPU]
    if device.device == "cuda":
        ort.preload_dlls()  # finds the CUDA libraries that torch brought
        providers = [_CUDA, *providers]
    try:
        session = ort.InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=providers)
    except Exception as error:  # every failure of the native loader has its own type
        name = "model" if isinstance(model, bytes) else model
        raise BadInput(name, f"is no model that ONNX Runtime can load ({error})", "Fetch it again") from error
    if session.get_providers()[0] != providers[0]:
        raise Unavailable(
            _CUDA,
            "ONNX Runtime could not start it and would have used the CPU",
            "Install the CUDA build of torch (it brings the libraries) and run make gpu, or set MEDIAFLOW_DEVICE=cpu",
        )
    return session


def give_back_memory(session: InferenceSession, inputs: Mapping[str, NDArray[np.float32]]) -> None:
    """Let a session on the CPU return what it worked in, which it otherwise keeps as long as it lives.

    The weights stay, and what other threads are at work in. Does nothing on a GPU.

    Args:
        session: is run once more.
        inputs: small ones; ONNX Runtime returns memory only at the end of a run.
    """
    if session.get_providers()[0] == _CPU:
        options = runtime().RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        session.run(None, inputs, options)


def out_of_memory(error: Exception) -> bool:
    """Whether a failed run of a session means that the device's memory is full.

    ONNX Runtime has no exception of its own for it: its arena, CUDA, cuBLAS and cuDNN say it in words.
    """
    said = str(error)
    return any(words in said for words in ("BFCArena::Allocate", "out of memory", "_ALLOC_FAILED"))
