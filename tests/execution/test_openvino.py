"""OpenVINO runs without its makers hearing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.openvino import compile_onnx, gains_by_bf16, openvino_problem

_NO_NETWORK = """
import socket, sys, types

def refuse(*_, **__):
    raise AssertionError("a socket was opened")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mediaflow_assets.execution.openvino import gains_by_bf16, openvino_problem

assert gains_by_bf16() in (True, False)
try:
    import openvino_telemetry
except ImportError:
    print("kept out")
sys.modules["openvino_telemetry"] = types.ModuleType("openvino_telemetry")
print(openvino_problem())
"""


def test_telemetry_is_kept_out_and_refused_where_it_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _NO_NETWORK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "kept out",
        "openvino_telemetry is loaded, which reports over the network",
    ]


@pytest.mark.parametrize(
    ("vendor", "flags", "gains"),
    [
        ("GenuineIntel", "avx512f avx512_bf16 avx512_fp16 amx_bf16 amx_tile", True),
        ("GenuineIntel", "avx512f avx512_bf16 avx512_fp16", False),
        ("AuthenticAMD", "avx512f avx512_bf16", True),
        ("AuthenticAMD", "avx2", False),
    ],
)
def test_bf16_is_for_processors_that_gain_by_it(tmp_path: Path, vendor: str, flags: str, gains: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"vendor_id\t: {vendor}\nflags\t\t: fpu {flags} md_clear\n")
    assert gains_by_bf16(cpuinfo) == gains


def test_bf16_is_not_used_where_the_processor_is_not_known(tmp_path: Path) -> None:
    assert not gains_by_bf16(tmp_path / "missing")


def test_a_broken_model_is_one_sentence(tmp_path: Path) -> None:
    assert openvino_problem() == ""
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"broken\.onnx: is no model that OpenVINO can load\. Delete it"):
        compile_onnx(tmp_path / "broken.onnx", 1, "f32")
