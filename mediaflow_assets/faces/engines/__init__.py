"""Face engines by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mediaflow_assets.compute import DeviceChoice
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.registry import Engine, Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FaceEngine(Engine, Protocol):
    """Finds faces in frames that it is given in order, shot by shot."""

    device: DeviceChoice

    def load(self) -> None: ...

    def begin_shot(self) -> None:
        """Forget every earlier frame."""
        ...

    def detect(self, frame: NDArray[np.uint8]) -> list[Detection]:
        """Faces of the next frame of the shot, uint8 ``(height, width, 3)`` RGB."""
        ...

    def close(self) -> None:
        """Give back what ``load`` took."""
        ...


ENGINES: Registry[FaceEngine] = Registry(
    "face engine",
    {"mediapipe_landmarker": "mediaflow_assets.faces.engines.mediapipe_landmarker:MediapipeLandmarker"},
)
