"""The ONNX form of the speech networks, which no package ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.modelstore.derived import derived_model, export_onnx

if TYPE_CHECKING:
    from mediaflow_assets.modelstore import ModelStore

EXPORTER_VERSION = "1"
"""Raised whenever an exported graph would differ: older files are then ignored."""


def onnx_model(store: ModelStore, name: str) -> Path:
    """The ONNX file of model ``name``: ``pyannote-segmentation-3.0`` or ``campplus``.

    Raises:
        Unavailable: the weights are missing, or the folder for derived models cannot be written.
        BadInput: the weights are not those of the model table.
    """
    return derived_model(store, name, EXPORTER_VERSION, _EXPORTS[name])


def _export_segmentation(weights: Path, target: Path) -> None:
    """``waveforms [B, 1, 160000]`` to ``classes [B, 589, 7]``, logarithms of probabilities."""
    import torch

    from mediaflow_assets.speech.pyannote_import import prepare_pyannote

    prepare_pyannote()
    from mediaflow_assets.speech.pyannote_networks import load_segmentation

    export_onnx(
        load_segmentation(weights),
        (torch.zeros(2, 1, 160_000),),
        target,
        inputs=["waveforms"],
        outputs=["classes"],
        axes={"waveforms": {0: "batch"}, "classes": {0: "batch"}},
    )


def _export_campplus(weights: Path, target: Path) -> None:
    """``features [B, T, 80]`` to ``embeddings [B, 192]``."""
    import torch

    from mediaflow_assets.speech.campplus import CamPlusPlus

    network = CamPlusPlus()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    export_onnx(
        network,
        # Longer than a segment of the context masks, so that the traced graph has their general form.
        (torch.randn(1, 330, 80),),
        target,
        inputs=["features"],
        outputs=["embeddings"],
        axes={"features": {0: "batch", 1: "frames"}, "embeddings": {0: "batch"}},
    )


_EXPORTS = {"pyannote-segmentation-3.0": _export_segmentation, "campplus": _export_campplus}
