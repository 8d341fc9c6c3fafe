"""The default detector, loaded once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
from mediaflow_assets.scenes.settings import SceneSettings

Detect = Callable[[NDArray[np.uint8]], list[Scene]]


@pytest.fixture(scope="session")
def transnetv2(model_store: ModelStore) -> TransNetV2Engine:
    engine = TransNetV2Engine(SceneSettings(), model_store, ComputeSettings(device="cpu"))
    engine.load()
    return engine


@pytest.fixture(scope="session")
def detect(transnetv2: TransNetV2Engine) -> Detect:
    """Scenes of small frames."""

    def scenes(frames: NDArray[np.uint8]) -> list[Scene]:
        return scenes_from_probabilities(transnetv2.process(iter(frames), lambda _: None).boundary.tolist())

    return scenes
