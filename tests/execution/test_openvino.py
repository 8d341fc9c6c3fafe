"""OpenVINO runs without its makers hearing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.openvino import compile_onnx, openvino_problem

_NO_NETWORK = """
import socket, sys, types

def refuse(*_, **__):
    raise AssertionError("a socket was opened")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mediaflow_assets.execution.openvino import has_bf16, openvino_problem

assert has_bf16() in (True, False)
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


def test_a_broken_model_is_one_sentence(tmp_path: Path) -> None:
    assert openvino_problem() == ""
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"broken\.onnx: is no model that OpenVINO can load\. Delete it"):
        compile_onnx(tmp_path / "broken.onnx", 1, "f32")
