"""Nothing outside the machine is contacted unless a setting says so.

Several libraries report their use to their makers unless told otherwise before they are imported:
ONNX Runtime (from 1.29), pyannote.audio 4, Dagster. Whoever is about to import one of them calls
:func:`telemetry_off` first; child processes inherit the answer.
"""

from __future__ import annotations

import os

_SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "PYANNOTE_METRICS_ENABLED": "0",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "NO_ALBUMENTATIONS_UPDATE": "1",
}


def telemetry_off() -> None:
    """Set every switch, unconditionally: reporting is never ours to allow."""
    os.environ.update(_SWITCHES)
