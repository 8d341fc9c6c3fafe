from __future__ import annotations

import subprocess
import sys


def in_a_new_process(code: str) -> str:
    """What ``code`` prints; the ways to import something can only be tried once per process."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def test_pyannote_is_imported_without_telemetry_or_noise() -> None:
    code = """
import os, sys
os.environ["PYANNOTE_METRICS_ENABLED"] = "1"
from mediaflow_assets.speech.pyannote_import import prepare_pyannote
prepare_pyannote()
torchaudio = sys.modules["torchaudio"]
prepare_pyannote()
assert sys.modules["torchaudio"] is torchaudio
import torch, torchaudio.functional
torchaudio.functional.lowpass_biquad(torch.zeros(1, 100), 16000, 1000)
from pyannote.audio.telemetry.metrics import is_metrics_enabled
print(is_metrics_enabled(), os.environ["HF_HUB_OFFLINE"])
"""
    assert in_a_new_process(code) == "False 1"


def test_torchaudio_that_can_be_imported_is_left_alone() -> None:
    code = """
import sys
from types import ModuleType
from mediaflow_assets.speech import pyannote_import
sys.modules["torchaudio"] = working = ModuleType("torchaudio")
pyannote_import._ensure_torchaudio()
print(sys.modules["torchaudio"] is working, "torchaudio._extension" in sys.modules)
"""
    assert in_a_new_process(code) == "True False"


def test_a_missing_library_is_explained() -> None:
    code = """
import sys
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.speech.pyannote_import import prepare_pyannote
sys.modules["torchaudio"] = None
try:
    prepare_pyannote()
except Unavailable as error:
    print(error)
"""
    assert in_a_new_process(code).startswith("pyannote.audio: cannot be imported (import of torchaudio halted")


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = """
import sys
import mediaflow_assets.speech.analyse, mediaflow_assets.speech.settings
import mediaflow_assets.speech.engines.pyannote_local, mediaflow_assets.speech.pyannote_import
print(sorted({"torch", "torchaudio", "pyannote", "av", "numpy", "kaldi_native_fbank"} & set(sys.modules)))
"""
    assert in_a_new_process(code) == "[]"
