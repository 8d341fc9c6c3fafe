"""The detector without a network."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines import ENGINES
from mediaflow_assets.scenes.settings import SceneSettings
from tests.scenes.material import cuts, flash, shot


def last_frames(frames: np.ndarray, store: ModelStore, **settings: float) -> list[int]:
    engine = ENGINES.get("pyscenedetect")(SceneSettings(engine="pyscenedetect", **settings), store, ComputeSettings())
    engine.load()
    return [
        scene.last
        for scene in scenes_from_probabilities(engine.process(iter(frames), lambda _: None).boundary.tolist())
    ]


def test_hard_cuts_are_exact(model_store: ModelStore) -> None:
    assert last_frames(cuts(40, 30, 50, 20), model_store) == [40, 70, 120, 140]


def test_shorter_scenes_need_the_setting(model_store: ModelStore) -> None:
    assert last_frames(cuts(30, 6, 30), model_store) == [30, 66]
    assert last_frames(cuts(30, 6, 30), model_store, shortest=5) == [30, 36, 66]


@pytest.mark.parametrize("frames", [1, 2, 60])
def test_one_shot_is_one_scene(model_store: ModelStore, frames: int) -> None:
    assert last_frames(shot(0, frames), model_store) == [frames]


def test_flashes_that_are_rare_are_seen_as_what_they_are(model_store: ModelStore) -> None:
    """A single lit frame stands out on both of its sides; the length limit keeps at most one cut of it."""
    assert len(last_frames(flash(60, [30]), model_store)) <= 2


def test_it_runs_without_torch() -> None:
    """For machines that have none."""
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from mediaflow_assets.execution.devices import ComputeSettings\n"
        "from mediaflow_assets.scenes.engines import ENGINES\n"
        "from mediaflow_assets.scenes.settings import SceneSettings\n"
        "engine = ENGINES.get('pyscenedetect')(SceneSettings(), None, ComputeSettings())\n"
        "engine.load()\n"
        "frames = [np.full((27, 48, 3), 200 * (n > 19), np.uint8) for n in range(60)]\n"
        "print(np.flatnonzero(engine.process(iter(frames), lambda n: None).boundary))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[19]"
