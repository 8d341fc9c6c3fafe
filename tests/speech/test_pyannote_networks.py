from __future__ import annotations

import numpy as np
import pytest
import torch

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.pyannote_import import prepare_pyannote

prepare_pyannote()

from mediaflow_assets.speech.pyannote_networks import (  # noqa: E402
    MIN_FRAMES,
    VoiceEmbedding,
    load_segmentation,
    load_voice_embedding,
)


@pytest.fixture(scope="module")
def voices(model_store: ModelStore) -> VoiceEmbedding:
    return load_voice_embedding(model_store.path("campplus"))


def batch(*samples: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(samples))[:, None]


def test_segmentation_gives_the_seven_classes_of_ten_seconds(model_store: ModelStore, conversation: Waveform) -> None:
    network = load_segmentation(model_store.path("pyannote-segmentation-3.0"))
    assert not network.training
    chunks = batch(conversation.samples[:160_000], np.zeros(160_000, np.float32))
    with torch.inference_mode():
        probabilities = network(chunks).exp()
    assert probabilities.shape == (2, 589, 7)
    torch.testing.assert_close(probabilities.sum(dim=2), torch.ones(2, 589))
    spoken, silent = (probabilities[..., 0] < 0.5).float().mean(dim=1)
    # Class 0 is nobody. In the truth 2.7 of the first 10 s are spoken.
    assert 0.2 < spoken < 0.4
    assert silent == 0


def test_only_the_weighted_frames_are_heard(voices: VoiceEmbedding, alone: dict[str, Waveform]) -> None:
    mine, other = (waveform.samples[:64_000] for waveform in alone.values())
    half = torch.zeros(1, 80)
    half[:, :40] = 1
    with torch.inference_mode():
        wanted = voices(batch(mine))[0]
        masked = voices(batch(np.concatenate([mine, other])), weights=half)[0]
        everything = voices(batch(np.concatenate([mine, other])))[0]
    cosine = torch.nn.functional.cosine_similarity
    # The feature frame at the border hears a little of both.
    assert cosine(masked, wanted, dim=0) > 0.999
    assert cosine(everything, wanted, dim=0) < 0.9


def test_too_little_speech_has_no_voice(voices: VoiceEmbedding, conversation: Waveform) -> None:
    # 998 feature frames: one weight for each.
    weights = torch.zeros(3, 998)
    weights[1, : MIN_FRAMES - 1] = 1
    weights[2, :MIN_FRAMES] = 1
    with torch.inference_mode():
        embeddings = voices(batch(*[conversation.samples[160_000:320_000]] * 3), weights=weights)
    assert embeddings.shape == (3, 192)
    assert embeddings[:2].isnan().all()
    assert embeddings[2].isfinite().all()
