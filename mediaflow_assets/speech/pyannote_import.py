"""Importing pyannote.audio here: no telemetry, no hub, on any build of torch, without noise."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.telemetry import telemetry_off


def prepare_pyannote() -> None:
    """Make ``import pyannote.audio`` work and keep it silent and offline; cheap when repeated.

    Raises:
        Unavailable: pyannote.audio or a library that it needs cannot be imported.
    """
    # Its own switch and that of ONNX Runtime, which it imports.
    telemetry_off()
    # Our models are handed over as objects. Should a library ask the hub all the same, it must
    # fail instead of waiting for a network. Engines that want the hub set 0 before this.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        _ensure_torchaudio()
        with warnings.catch_warnings():
            # pyannote decodes files with torchcodec; it gets decoded samples from us.
            warnings.filterwarnings("ignore", message=r"\s*torchcodec is not installed")
            import pyannote.audio  # noqa: F401
    except (ImportError, OSError) as error:
        raise Unavailable("pyannote.audio", f"cannot be imported ({error})", "Install the project again") from error


def _ensure_torchaudio() -> None:
    """Import torchaudio, with a stand-in for its compiled extension where that cannot load.

    torchaudio's wheels are linked against CUDA, so beside a CPU build of torch the extension
    (forced alignment, some filters) fails to load and with it the whole package. A torchaudio
    without that extension is a supported build; this tells it that it is one.
    """
    try:
        import torchaudio
    except OSError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _missing_extension()
        import torchaudio  # noqa: F401


def _missing_extension() -> ModuleType:
    def fail_if_no_align(function: Callable[..., object]) -> Callable[..., NoReturn]:
        def fail(*_: object, **__: object) -> NoReturn:
            raise Unavailable(
                f"torchaudio.{function.__name__}", "needs torchaudio's compiled extension", "Install torchaudio"
            )

        return fail

    extension = ModuleType("torchaudio._extension", "Stand-in: the compiled extension is not available.")
    extension.__dict__.update(_IS_TORCHAUDIO_EXT_AVAILABLE=False, fail_if_no_align=fail_if_no_align)
    return extension
