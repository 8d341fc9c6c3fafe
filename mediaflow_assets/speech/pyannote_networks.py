"""The networks of the offline pipeline in the form that pyannote.audio asks for.

Import this module only after :func:`mediaflow_assets.speech.pyannote_import.prepare_pyannote`.
"""

from __future__ import annotations

from pathlib import Path

import torch
from pyannote.audio import Model
from pyannote.audio.core.plda import PLDA
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.segmentation import PyanNet
from torch import Tensor

from mediaflow_assets.speech.campplus import DIMENSION, CamPlusPlus
from mediaflow_assets.speech.fbank import log_mel

MIN_FRAMES = 10
"""Feature frames (10 ms each) below which a voice has no embedding."""


def load_segmentation(path: Path) -> PyanNet:
    """The segmentation-3.0 network: who of up to three speakers talks, in each 17 ms of 10 s.

    H. Bredin and A. Laurent, "End-to-end speaker segmentation for overlap-aware resegmentation"
    (2021), with the powerset classes of A. Plaquet and H. Bredin (2023).

    Args:
        path: a checkpoint with ``model`` (architecture), ``inference`` and ``state_dict``.
    """
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    shape, inference = checkpoint["model"], checkpoint["inference"]
    network = PyanNet(
        sincnet=shape["sincnet"],
        lstm=shape["lstm"],
        linear=shape["linear"],
        sample_rate=shape["sample_rate"],
        num_channels=shape["num_channels"],
    )
    network.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=inference["duration"],
        warm_up=tuple(inference["warm_up"]),
        classes=[f"speaker#{number + 1}" for number in range(shape["num_regular_classes"])],
        powerset_max_classes=shape["powerset_max_classes"],
        permutation_invariant=True,
    )
    network.build()  # type: ignore[no-untyped-call]  # pyannote.audio does not type it
    network.load_state_dict(checkpoint["state_dict"])
    return network.eval()


def load_voice_embedding(path: Path) -> VoiceEmbedding:
    """CAM++ with the published state dict at ``path``."""
    model = VoiceEmbedding()
    model.network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


class VoiceEmbedding(Model):
    """CAM++ behind pyannote.audio's interface of an embedding model.

    Only the frames in which the wanted speaker talks are given to the network, as if they were
    one utterance: its context masks would otherwise see the other speakers.
    """

    def __init__(self) -> None:
        super().__init__(sample_rate=16000, num_channels=1)
        self.network = CamPlusPlus()

    @property
    def dimension(self) -> int:
        return DIMENSION

    def forward(self, waveforms: Tensor, *, weights: Tensor | None = None, **_: object) -> Tensor:
        """Embeddings ``(B, 192)`` of ``waveforms`` ``(B, 1, samples)``.

        ``weights`` ``(B, frames)`` at any frame rate are above 0.5 where the speaker talks. A row
        with less than 0.1 s of speech is NaN: pyannote.audio leaves it out of the clustering.
        """
        embeddings = torch.full((len(waveforms), DIMENSION), torch.nan, device=waveforms.device)
        for row, waveform in enumerate(waveforms):
            if weights is not None and not bool((weights[row] > 0.5).any()):
                continue
            features = torch.from_numpy(log_mel(waveform[0].cpu().numpy()))
            if weights is not None:
                features = features[_resize(weights[row], len(features)).cpu() > 0.5]
            if len(features) >= MIN_FRAMES:
                features = (features - features.mean(dim=0)).to(waveforms.device)
                embeddings[row] = self.network(features[None])[0]
        return embeddings


def _resize(weights: Tensor, frames: int) -> Tensor:
    return torch.nn.functional.interpolate(weights[None, None], size=frames, mode="nearest")[0, 0]


class NoPlda(PLDA):
    """Satisfies a constructor: agglomerative clustering compares voices by cosine alone."""

    def __init__(self) -> None:
        pass
