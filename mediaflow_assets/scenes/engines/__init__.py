"""Shot detectors by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from mediaflow_assets.core.registry import Engine, Registry
from mediaflow_assets.execution.devices import DeviceChoice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaflow_assets.execution.devices import ComputeSettings
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.scenes.predictions import ShotPredictions
    from mediaflow_assets.scenes.settings import SceneSettings


class SceneEngine(Engine, Protocol):
    """Gives each frame the probability of being the last one of its shot."""

    device: DeviceChoice

    def load(self) -> None: ...

    def process(self, frames: Iterator[NDArray[np.uint8]], on_progress: Callable[[int], None]) -> ShotPredictions:
        """Probabilities for each of the frames, uint8 ``(27, 48, 3)`` RGB.

        Args:
            frames: of :func:`mediaflow_assets.video.small.small_frames`.
            on_frame: called with the number of frames that are done.
        """
        ...


ENGINES: Registry[SceneEngine, [SceneSettings, ModelStore, ComputeSettings]] = Registry(
    "shot detector",
    {
        "transnetv2": "mediaflow_assets.scenes.engines.transnetv2:TransNetV2Engine",
        "pyscenedetect": "mediaflow_assets.scenes.engines.pyscenedetect:PySceneDetectEngine",
    },
)
