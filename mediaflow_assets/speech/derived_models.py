"""The ONNX form of the speech networks, made once on this machine from the verified weights.

No package ships these networks as ONNX. They are exported from the state dicts whose hashes the
model table pins, into a folder beside the model store, under a name that holds the hash of the
weights. The export needs torch and takes some seconds; whoever runs them later needs neither.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.files import atomic_path

if TYPE_CHECKING:
    from mediaflow_assets.modelstore import ModelStore

EXPORTER_VERSION = "1"
"""Raised whenever an exported graph would differ: older files are then ignored."""
_OPSET = 17


def onnx_model(store: ModelStore, name: str) -> Path:
    """The ONNX file of model ``name``: ``pyannote-segmentation-3.0`` or ``campplus``.

    Raises:
        Unavailable: the weights are missing, or the folder for derived models cannot be written.
        BadInput: the weights are not those of the model table.
    """
    weights = store.path(name)
    target = store.folder / "derived" / f"{name}-{store.sha256(name)[:16]}-{EXPORTER_VERSION}.onnx"
    if target.exists():
        return target
    try:
        with atomic_path(target) as temporary:
            _EXPORTS[name](weights, temporary)
    except OSError as error:
        raise Unavailable(
            target.parent, f"cannot be written ({error.strerror})", "Make it writable once, or choose pyannote_local"
        ) from error
    return target


def _export_segmentation(weights: Path, target: Path) -> None:
    """``waveforms [B, 1, 160000]`` to ``classes [B, 589, 7]``, logarithms of probabilities."""
    import torch

    from mediaflow_assets.speech.pyannote_import import prepare_pyannote

    prepare_pyannote()
    from mediaflow_assets.speech.pyannote_networks import load_segmentation

    _export(load_segmentation(weights), torch.zeros(2, 1, 160_000), target, "waveforms", "classes", {0: "batch"})


def _export_campplus(weights: Path, target: Path) -> None:
    """``features [B, T, 80]`` to ``embeddings [B, 192]``."""
    import torch

    from mediaflow_assets.speech.campplus import CamPlusPlus

    network = CamPlusPlus().eval()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    axes = {0: "batch", 1: "frames"}
    # Longer than a segment of the context masks, so that the traced graph has their general form.
    _export(network, torch.randn(1, 330, 80), target, "features", "embeddings", axes)


def _export(network: Any, example: Any, target: Path, given: str, made: str, axes: dict[int, str]) -> None:
    import torch

    with warnings.catch_warnings():
        # The newer exporter needs another package and gives the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(target),
            opset_version=_OPSET,
            dynamo=False,
            input_names=[given],
            output_names=[made],
            dynamic_axes={given: axes, made: {0: "batch"}},
        )


_EXPORTS = {"pyannote-segmentation-3.0": _export_segmentation, "campplus": _export_campplus}
