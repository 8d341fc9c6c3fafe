"""PySceneDetect's adaptive detector: hard cuts without a neural network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.predictions import ShotPredictions
from mediaflow_assets.scenes.settings import SceneSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PySceneDetectEngine:
    """A cut where a frame's change in hue, saturation and brightness stands out from its neighbours'.

    Gives a probability of 1 to the last frame before a cut and 0 to all others. It is blind for
    dissolves and for scenes shorter than ``SCENES_SHORTEST``.
    """

    name: ClassVar[str] = "pyscenedetect"
    summary: ClassVar[str] = "Colour changes against their neighbourhood; hard cuts only, needs no model and no torch."
    licence: ClassVar[str] = "BSD-3-Clause"
    models: ClassVar[tuple[str, ...]] = ()
    device = DeviceChoice("cpu", "this detector runs on the CPU only")

    def __init__(self, settings: SceneSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings

    def load(self) -> None:
        """Nothing to load."""

    def process(self, frames: Iterator[NDArray[np.uint8]], on_progress: Callable[[int], None]) -> ShotPredictions:
        import numpy as np
        from scenedetect import AdaptiveDetector, FrameTimecode

        detector = AdaptiveDetector(self._settings.adaptive_threshold, self._settings.shortest)
        first_frames: list[int] = []
        total = 0
        for frame in frames:
            cuts = detector.process_frame(FrameTimecode(total, Fraction(FPS)), np.ascontiguousarray(frame[..., ::-1]))
            first_frames += [cut.frame_num for cut in cuts]
            total += 1
            on_progress(total)
        probabilities = np.zeros(total, np.float32)
        probabilities[[frame - 1 for frame in first_frames if frame > 0]] = 1.0
        return ShotPredictions(probabilities)
