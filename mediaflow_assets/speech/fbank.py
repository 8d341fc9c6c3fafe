"""Log mel bands of speech, computed as Kaldi does: what speaker networks are trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_SAMPLES = 400
"""Length of a frame: 25 ms at 16 kHz."""
STEP_SAMPLES = 160
"""Distance between frames: 10 ms at 16 kHz."""


def log_mel(samples: NDArray[np.float32], bands: int = 80) -> NDArray[np.float32]:
    """Natural logarithm of the energy in ``bands`` mel bands, for each whole frame.

    Args:
        samples: mono, 16 kHz, in -1..1, shape ``(n,)``.
        bands: triangular filters from 20 Hz to 8 kHz.

    Returns:
        Shape ``(1 + (n - 400) // 160, bands)``, without rows when n < 400. No dither: the same
        samples give the same values.
    """
    import kaldi_native_fbank as knf
    import numpy as np

    options = knf.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = bands
    extractor = knf.OnlineFbank(options)
    extractor.accept_waveform(16000, samples)
    extractor.input_finished()
    frames = [extractor.get_frame(index) for index in range(extractor.num_frames_ready)]
    return np.stack(frames) if frames else np.zeros((0, bands), np.float32)
