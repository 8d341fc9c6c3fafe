"""Face engines by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from mediaflow_assets.core.registry import Engine
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.interpolation import FacePair, interpolated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FaceEngine(Engine, Protocol):
    """Finds faces in the frames of one shot after another."""

    in_order: ClassVar[bool]
    """Carries state from frame to frame: must get the frames of a shot one by one, in order.
    Any other engine answers the same for a frame whatever it saw before, on any number of threads."""
    detect_every: ClassVar[int]
    """Frames from one look to the next, unless the settings say otherwise."""
    survey_every: ClassVar[int]
    """Frames from one look for everything to the next; looks between are told what the last one saw.
    0: looks do not differ."""
    device: DeviceChoice
    """Where it runs and why, after :meth:`load`."""

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time."""
        ...

    def detect(
        self, picture: NDArray[np.uint8], index: int, surveyed: Sequence[Detection] | None = None
    ) -> list[Detection]:
        """Faces in a frame, uint8 ``(height, width, 3)`` RGB.

        Args:
            index: the frame's place in its shot, from 0: an engine with a memory forgets at 0.
            surveyed: what the last survey of the shot saw; None: this is a survey.
        """
        ...

    def follow(
        self, picture: NDArray[np.uint8], index: int, faces: Sequence[FacePair], part: float
    ) -> list[Detection] | None:
        """The same faces in a frame between two looks, ``part`` (0..1) of the way; None: look fully."""
        ...

    def close(self) -> None:
        """Give back what belongs to the last video."""
        ...


class StillEngine:
    """What engines share that see each frame on its own and have no quicker second look."""

    in_order: ClassVar[bool] = False
    detect_every: ClassVar[int] = 1
    survey_every: ClassVar[int] = 0

    def follow(
        self, picture: NDArray[np.uint8], index: int, faces: Sequence[FacePair], part: float
    ) -> list[Detection] | None:
        """The line between the two looks."""
        return [interpolated(pair, part) for pair in faces]

    def close(self) -> None:
        """Nothing belongs to one video."""
