"""Network and mouth together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.faces.registries import SPEAKING_MODES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.speaking.asd import ActiveSpeakerDetection
from mediaflow_assets.faces.speaking.assignment import FaceEvidence
from mediaflow_assets.faces.speaking.associated import mouth_evidence
from mediaflow_assets.faces.speaking.combined import MAX_LOGIT, NETWORK_WEIGHT, Combined
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.modelstore import ModelStore


def test_the_evidence_of_both_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.arange(100)
    jaw = 0.1 + 0.1 * np.sin(2 * np.pi * 4.5 * frames / 25)
    tracks = {1: FaceTrack(frames, np.zeros((100, 4), int), jaw, jaw)}
    sound = Soundtrack(np.zeros(0, np.float32), 0.1 + jaw, [Voice(True, ("A",))] * 100)
    logits = np.where(frames < 50, 1.0, 100.0)
    monkeypatch.setattr(ActiveSpeakerDetection, "evidence", lambda *_: {1: FaceEvidence(frames, logits)})
    mode = SPEAKING_MODES.create("combined", FaceSettings(), ModelStore(tmp_path))
    assert isinstance(mode, Combined)
    added = mode.evidence(tmp_path, tracks, sound)[1].evidence - mouth_evidence(tracks, sound)[1].evidence
    assert added[:50] == pytest.approx(NETWORK_WEIGHT)
    assert added[50:] == pytest.approx(NETWORK_WEIGHT * MAX_LOGIT)
