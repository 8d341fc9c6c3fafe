"""Mode ``combined``: the evidence of the LR-ASD network and that of the mouth's own motion together.

The network tells lips that speak from lips that chew or smile, but hardly whose of two speaking mouths is
heard; the course of mouth and loudness tells that, but fails where the jaw hardly moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from mediaflow_assets.faces.speaking.asd import ActiveSpeakerDetection
from mediaflow_assets.faces.speaking.assignment import FaceEvidence
from mediaflow_assets.faces.speaking.associated import mouth_evidence
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack
from mediaflow_assets.faces.tracks import FaceTrack

NETWORK_WEIGHT = 0.5
"""Of the network's logit beside the log-likelihood ratio of the mouth."""
MAX_LOGIT = 4.0


class Combined(ActiveSpeakerDetection):
    """Where the network knows nothing of a face, its mouth alone counts, and the other way round."""

    name: ClassVar[str] = "combined"

    def evidence(self, video: Path, tracks: Mapping[int, FaceTrack], sound: Soundtrack) -> dict[int, FaceEvidence]:
        network = super().evidence(video, tracks, sound)
        mouths = mouth_evidence(tracks, sound)
        return {
            number: FaceEvidence(
                track.frames,
                NETWORK_WEIGHT * np.clip(network[number].evidence, -MAX_LOGIT, MAX_LOGIT) + mouths[number].evidence,
            )
            for number, track in tracks.items()
        }
