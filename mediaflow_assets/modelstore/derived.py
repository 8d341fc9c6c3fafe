"""Models in another form than they are published in, made once on this machine from verified weights.

They lie in ``derived/`` beside the models, under a name that holds the hash of the weights and the
version of the exporter. Making one needs torch and takes some seconds; running it needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.modelstore.store import ModelStore

if TYPE_CHECKING:
    from torch import Tensor, nn

_OPSET = 17


def derived_model(store: ModelStore, name: str, version: str, export: Callable[[Path, Path], None]) -> Path:
    """The derived form of model ``name``, made if it is not there.

    Args:
        store: has the weights.
        name: in the model table.
        version: of the derived form; raise it whenever ``export`` would give another file.
        export: called with the path of the weights and the path of the file to write.

    Raises:
        Unavailable: the weights are missing, or the folder for derived models cannot be written.
        BadInput: the weights are not those of the model table.
    """
    weights = store.path(name)
    target = store.folder / "derived" / f"{name}-{store.sha256(name)[:16]}-{version}.onnx"
    if target.exists():
        return target
    try:
        with atomic_path(target) as temporary:
            export(weights, temporary)
    except OSError as error:
        raise Unavailable(
            target.parent, f"cannot be written ({error.strerror})", "Make it writable once, or choose another engine"
        ) from error
    return target


def export_onnx(
    network: nn.Module,
    examples: tuple[Tensor, ...],
    target: Path,
    *,
    inputs: list[str],
    outputs: list[str],
    axes: dict[str, dict[int, str]] | None = None,
) -> None:
    """Write a torch module in evaluation mode as ONNX.

    Args:
        examples: one tensor per input; axes that are not named in ``axes`` keep these sizes.
        axes: of inputs and outputs: place of a free axis to its name.
    """
    import warnings

    import torch

    with warnings.catch_warnings():
        # The newer exporter needs another package and gives the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            examples,
            str(target),
            opset_version=_OPSET,
            dynamo=False,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
        )
