"""The wave of a video's sound: how loud it is, a number a frame."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.core.files import exclusive, write_atomic
from mediaflow_assets.core.timebase import FPS

_PATIENCE = 600
"""Seconds to wait for another request that measures the same sound."""


def peaks(video: Path, sha256: str, folder: Path) -> bytes:
    """The loudest sample of each frame, a byte each: 0 silence, 255 full scale. Kept once it is made.

    Args:
        video: the 25-fps video.
        sha256: of it.
        folder: where it is kept.

    Raises:
        BadInput: its sound cannot be decoded.
    """
    kept = folder / sha256 / "peaks.bin"
    if not kept.exists():
        with exclusive(kept.parent, lock_timeout=_PATIENCE):
            if not kept.exists():
                write_atomic(kept, _measured(video))
    return kept.read_bytes()


def _measured(video: Path) -> bytes:
    import numpy as np

    from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

    waveform = read_waveform(video)
    if waveform is None:
        return b""
    step = SAMPLE_RATE // FPS
    whole = len(waveform.samples) // step
    loudest = np.abs(waveform.samples[: whole * step]).reshape(whole, step).max(axis=1)
    scaled: bytes = (np.clip(loudest, 0, 1) * 255).round().astype(np.uint8).tobytes()
    return scaled
