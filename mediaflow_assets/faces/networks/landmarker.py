"""The three networks inside ``face_landmarker.task``: by TensorFlow Lite on CPUs, as ONNX on a GPU.

On a CPU, ONNX Runtime takes three times as long for them (``docs/scale.md``); on a GPU it is the only way.
"""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.execution.batching import Batches
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.execution.object_pool import ObjectPool
from mediaflow_assets.execution.onnx_sessions import open_session, out_of_memory
from mediaflow_assets.faces.networks.tflite import Network
from mediaflow_assets.faces.networks.tflite_to_onnx import convert
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.derived import derived_model

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL = "face-landmarker"
DETECTOR = "face_detector"
LANDMARKS = "face_landmarks_detector"
BLENDSHAPES = "face_blendshapes"
_VERSION = "1"
_LARGEST_BATCH = 64


class Runs(Protocol):
    """A network with one input."""

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for one input ``(1, …)``, in the order of the file."""
        ...


class LandmarkerNetworks:
    """Opens them.

    Args:
        store: has ``face_landmarker.task``.
        device: where they run.
    """

    def __init__(self, store: ModelStore, device: DeviceChoice) -> None:
        self._store, self._device = store, device

    def open(self, name: str) -> ObjectPool[Runs]:
        """One of them, for any number of threads.

        Raises:
            Unavailable, BadInput: the model is missing or damaged, or the device cannot be used.
        """
        if self._device.device == "cpu":
            return ObjectPool(partial(Network, _member(self._store.path(MODEL), name)))
        model = onnx_form(self._store, name)
        shared = _OnGpu(open_session(model, self._device), self._device)
        return ObjectPool(lambda: shared)


def onnx_form(store: ModelStore, name: str) -> Path:
    """One of the networks as ONNX with a free batch axis, made once from the verified model."""
    return derived_model(store, MODEL, f"{name}-{_VERSION}", partial(_export, name))


def _export(name: str, task: Path, target: Path) -> None:
    convert(_member(task, name), target, name)


def _member(task: Path, name: str) -> bytes:
    with zipfile.ZipFile(task) as bundle:
        return bundle.read(f"{name}.tflite")


class _OnGpu:
    """Crops of all frames and faces that are at work, calculated together."""

    def __init__(self, session: InferenceSession, device: DeviceChoice) -> None:
        self._session, self._device = session, device
        self._batches = Batches(self._calculate, _LARGEST_BATCH, out_of_memory)

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        try:
            return self._batches.run(tensor)
        except Exception as error:  # ONNX Runtime has a type for each failure, and no common one
            if not out_of_memory(error):
                raise
            raise Unavailable(
                self._device.name,
                "has no memory left for a single face",
                "Free its memory, or set MEDIAFLOW_DEVICE=cpu",
            ) from error

    def _calculate(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        port = self._session.get_inputs()[0].name
        outputs: list[NDArray[np.float32]] = self._session.run(None, {port: tensor})
        return outputs
