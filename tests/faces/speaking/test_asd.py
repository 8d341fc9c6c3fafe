"""The LR-ASD network with its published weights, on a real face whose mouth is moved by a real voice."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.faces.registries import SPEAKING_MODES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Voice, lr_asd
from mediaflow_assets.faces.speaking.asd import ActiveSpeakerDetection
from mediaflow_assets.faces.speaking.soundtrack import read_soundtrack, rms_per_frame
from mediaflow_assets.faces.tracks import FaceTrack
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample.ingredients import ASTRONAUT, DIALOGUE, locate, read_picture
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform
from tests.faces.speaking.films import write_film

FRAMES = 75
BOX = (181, 72, 89, 106)
MOUTH = (224.0, 150.0)


def voice() -> NDArray[np.float32]:
    waveform = read_waveform(locate(DIALOGUE))
    assert waveform is not None
    return waveform.samples[22 * SAMPLE_RATE : 25 * SAMPLE_RATE]


def speaking_photograph(openings: NDArray[np.float64]) -> list[NDArray[np.uint8]]:
    """The photograph with its chin drawn down and its mouth opened by so many pixels."""
    photograph = np.ascontiguousarray(read_picture(ASTRONAUT)[:256, 96:352, ::-1])
    x, y = MOUTH[0] - 96, MOUTH[1]
    rows, columns = np.mgrid[0:256, 0:256].astype(np.float32)
    near = np.exp(-(((columns - x) / 30) ** 2) - ((rows - y - 12) / 22) ** 2) * (rows > y)
    frames = []
    for opening in openings:
        moved = cv2.remap(photograph, columns, rows - np.float32(opening) * near.astype(np.float32), cv2.INTER_LINEAR)
        if opening > 0.5:
            cv2.ellipse(
                moved, (round(x), round(y + opening / 2)), (16, round(opening / 2)), 0, 0, 360, (60, 20, 25), -1
            )
        frames.append(np.asarray(moved, np.uint8))
    return frames


def test_speech_makes_the_moving_face_likelier_than_the_still_one(lr_asd_store: ModelStore, tmp_path: Path) -> None:
    samples = voice()
    openings = 60 * rms_per_frame(samples, SAMPLE_RATE, FRAMES, 25)
    moving, still = speaking_photograph(np.minimum(openings, 14)), speaking_photograph(np.zeros(FRAMES))
    video = write_film(
        tmp_path / "two.mp4", [np.hstack(pair) for pair in zip(still, moving, strict=True)], samples, SAMPLE_RATE
    )
    frames = np.arange(FRAMES)
    boxes = np.tile([BOX[0] - 96, *BOX[1:]], (FRAMES, 1))
    unknown = np.full(FRAMES, np.nan)
    tracks = {
        1: FaceTrack(frames, boxes, unknown, unknown),
        2: FaceTrack(frames, boxes + np.array([256, 0, 0, 0]), unknown, unknown),
    }
    mode = ActiveSpeakerDetection(FaceSettings(speaking_mode="asd"), lr_asd_store)
    found = mode.evidence(video, tracks, read_soundtrack(video, [Voice(True, ("SPEAKER_00",))] * FRAMES))
    assert found[2].evidence.mean() > found[1].evidence.mean() + 1


def test_the_network_has_the_size_that_its_authors_give(lr_asd_store: ModelStore) -> None:
    network = lr_asd.load(lr_asd_store.path("lr-asd-talkset"))
    assert round(sum(weight.numel() for weight in network.parameters()) / 1e6, 2) == 0.84
    with torch.inference_mode():
        logits = network(torch.zeros(2, 7, 112, 112), torch.zeros(2, 28, 13))
    assert logits.shape == (2, 7)
    assert torch.isfinite(logits).all()


def test_equal_to_the_authors_network(lr_asd_store: ModelStore) -> None:
    """What their code gives for the same weights and numbers; weights that fit are not yet used in the right order."""
    network = lr_asd.load(lr_asd_store.path("lr-asd-talkset"))
    torch.manual_seed(0)
    faces = torch.rand(1, 9, 112, 112) * 255
    with torch.inference_mode():
        logits = network(faces, torch.randn(1, 36, 13) * 5)
    expected = [-1.6908, -1.9349, -2.1426, -2.1583, -2.1178, -2.0093, -1.8254, -1.5541, -1.2364]
    assert logits[0].tolist() == pytest.approx(expected, abs=1e-3)


def test_missing_weights_are_named_before_any_work(tmp_path: Path) -> None:
    mode = SPEAKING_MODES.create("asd", FaceSettings(), ModelStore(tmp_path))
    with pytest.raises(Unavailable, match="mediaflow models fetch lr-asd-talkset"):
        mode.load()
