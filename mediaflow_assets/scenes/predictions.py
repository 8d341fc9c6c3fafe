"""What a shot detector says of every frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ShotPredictions:
    """Probabilities in 0..1, one per frame of a video."""

    boundary: NDArray[np.float32]
    """``(N,)``: the frame is the last one before a cut; of a gradual transition, its middle."""
    transition: NDArray[np.float32] | None = None
    """``(N,)``: the frame belongs to a transition. None: the detector does not know their lengths."""
