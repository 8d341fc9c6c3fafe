"""OpenVINO: the quickest way to run a network on a processor, and silent about it.

Its threads (oneTBB) sleep while they wait, so that a network does not get slower by a multiple when
something else runs. It calculates in bf16 where the processor gains by it, about twice as fast as in f32.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from mediaflow_assets.core.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from types import ModuleType

    from openvino import CompiledModel

Precision = Literal["bf16", "f32"]

_TELEMETRY = "openvino_telemetry"
"""A package of its makers that reports use over the network; OpenVINO does without it."""


def openvino_problem() -> str:
    """Why OpenVINO cannot be used in this process, as part of a sentence; empty when it can."""
    if sys.modules.get(_TELEMETRY) is not None:
        return f"{_TELEMETRY} is loaded, which reports over the network"
    if find_spec("openvino") is None:
        return "OpenVINO is not installed"
    return ""


def _runtime() -> ModuleType:
    if problem := openvino_problem():
        raise Unavailable("OpenVINO", f"is not used ({problem})", "Remove that package, or choose another engine")
    # An entry of None makes its import fail, which OpenVINO expects: from here on nothing can be sent.
    sys.modules[_TELEMETRY] = cast("ModuleType", None)
    return import_module("openvino")


def gains_by_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor calculates faster in bf16 than in f32.

    Intel's do so by their matrix unit (AMX), AMD's by the bf16 instructions of AVX-512. Intel's have those too, but
    where a virtual machine hides AMX they are slower than f32: 18.3 against 11.0 ms for a frame of the shot detector
    (``benchmarks/results/compare.md``). OpenVINO names BF16 as a capability in all of these cases, so the flags of
    Linux are read; elsewhere the answer is no.
    """
    try:
        words = set(cpuinfo.read_text().split())
    except OSError:
        return False
    return "amx_bf16" in words or ("avx512_bf16" in words and "GenuineIntel" not in words)


def compile_onnx(model: Path, threads: int, precision: Precision, side_by_side: int = 1) -> CompiledModel:
    """A network on the processor.

    Args:
        model: an ONNX file.
        threads: that work on all calls together.
        precision: of the arithmetic; inputs and outputs keep their types.
        side_by_side: inputs that are calculated at the same time, by as many threads each as there are for it. Threads
            that share one wait for each other at every layer; each input more needs its own memory to work in.

    Raises:
        Unavailable: OpenVINO cannot be used.
        BadInput: the file is no model that OpenVINO can load.
    """
    openvino = _runtime()
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": side_by_side,
    }
    try:
        compiled: CompiledModel = openvino.Core().compile_model(str(model), "CPU", options)
    except RuntimeError as error:  # OpenVINO's only type
        raise BadInput(model, "is no model that OpenVINO can load", "Delete it: it is made again") from error
    return compiled
