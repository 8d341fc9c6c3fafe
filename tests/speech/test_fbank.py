from __future__ import annotations

import numpy as np
import torch

from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.fbank import log_mel
from mediaflow_assets.speech.pyannote_import import prepare_pyannote


def test_bands_are_those_of_another_kaldi_implementation(conversation: Waveform) -> None:
    prepare_pyannote()
    from torchaudio.compliance import kaldi

    samples = conversation.samples[100_000:148_000]
    theirs = kaldi.fbank(torch.from_numpy(samples)[None], num_mel_bins=80, sample_frequency=16000, dither=0.0)
    ours = log_mel(samples)
    assert ours.shape == (298, 80)
    np.testing.assert_allclose(ours, theirs.numpy(), atol=2e-3)


def test_silence_is_the_floor_and_never_infinite() -> None:
    bands = log_mel(np.zeros(1600, np.float32))
    assert bands.shape == (8, 80)
    np.testing.assert_allclose(bands, np.log(np.finfo(np.float32).eps), rtol=1e-5)


def test_less_than_a_frame_has_no_bands() -> None:
    assert log_mel(np.zeros(399, np.float32)).shape == (0, 80)
    assert log_mel(np.zeros(400, np.float32), bands=40).shape == (1, 40)
