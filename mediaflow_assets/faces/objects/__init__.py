"""Object detectors by name: what is to be seen where no face is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from mediaflow_assets.core.registry import Engine
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.faces.detection import ObjectDetection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ObjectDetector(Engine, Protocol):
    """Finds things in single frames; any number of threads may use one at the same time."""

    input_size: ClassVar[int]
    """Side of the square that the network reads, pixels."""
    source: ClassVar[str]
    """The authors' page."""
    device: DeviceChoice

    def load(self) -> None:
        """Bring the model into memory; does nothing the second time."""
        ...

    def detect(self, square: NDArray[np.uint8], width: int, height: int) -> list[ObjectDetection]:
        """Things in a frame of ``width`` x ``height`` pixels, best first.

        ``square`` is the frame stretched to ``input_size`` on each side, uint8 RGB.
        """
        ...

    def close(self) -> None:
        """Give the memory back; :meth:`load` comes first again."""
        ...
