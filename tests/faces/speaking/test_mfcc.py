"""The cepstra are those that the network's authors computed with python_speech_features 0.6."""

from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.faces.speaking.mfcc import RATE, mfcc

# fmt: off
REFERENCE = {
    0: [18.3143, 24.8451, 16.016, 9.2406, 1.6044, -6.9418, -13.8769, -19.6396, -22.1855, -22.0259, -18.6328, -14.0435,
        -8.787],
    20: [20.7356, 14.6644, -15.8614, -32.7963, -23.1543, 4.7746, 27.5678, 24.7836, 1.9179, -20.2334, -22.155, -6.6032,
         10.752],
    40: [21.7939, 5.7128, -32.6613, -17.5778, 23.7597, 24.666, -13.3199, -27.4557, 3.0727, 24.7725, 6.0967, -18.4688,
         -10.9268],
}
# fmt: on


def chirp() -> np.ndarray:
    time = np.arange(RATE // 2) / RATE
    return (0.3 * np.sin(2 * np.pi * (200 + 1500 * time) * time)).astype(np.float32)


def test_equal_to_the_reference() -> None:
    found = mfcc(chirp(), 48)
    assert found.shape == (48, 13)
    for row, expected in REFERENCE.items():
        assert found[row] == pytest.approx(expected, abs=2e-4)


def test_sound_that_ends_early_is_followed_by_silence() -> None:
    found = mfcc(chirp(), 100)
    assert np.array_equal(found[:40], mfcc(chirp(), 48)[:40])
    assert np.isfinite(found).all()
    assert np.array_equal(found[60], mfcc(np.zeros(0, np.float32), 1)[0])
